/* plot_file.h - the three files of one picture, and the running of gnuplot. For plot*.c only.
 *
 * gnuplot is started without a shell, in the picture's folder, with the script's name; no text from
 * outside is ever a command: it stands in single quotes, in which gnuplot replaces nothing.
 */
#ifndef COMMON_PLOT_FILE_H
#define COMMON_PLOT_FILE_H

#include "common/screen/plot.h"

#include <stdio.h>

typedef struct {
    const Picture *picture;
    int width, height;
    FILE *script, *data; // to be filled between begin and end
    char *script_text, *data_text;
    size_t script_bytes, data_bytes;
} PlotFile;

/* Opens the script, already setting terminal, fonts and style, and the data. width and height are
 * used where the picture leaves them 0. False if pictures are disabled. */
bool plot_file_begin(PlotFile *file, const Picture *picture, int width, int height);

/* Makes the picture's pixels its coordinates, y counted from the top, without axes or key, and
 * writes the title: for pictures whose parts are placed one by one. */
void plot_file_pixels(const PlotFile *file);

/* Writes both, runs gnuplot, prints the caption. True if the picture is there. */
bool plot_file_end(PlotFile *file);

/* Writes text to the script as a quoted string, on one line; NULL as ''. A malformed byte and a
 * character that no installed font has become '?'. */
void plot_quote(FILE *script, const char *text);

/* One number of the data; "NaN" for what is not finite. */
void plot_number(FILE *data, double value);

/* Roughly how many pixels wide a text is in the pictures' font at that many points. */
double plot_text_width(const char *text, int points);

/* The style of line, group or bar i: "lc rgb '#0072b2' dt 1 pt 7". */
void plot_style(FILE *script, size_t i);

#endif
