/* Two columns of words and a line from each to each: bertviz's head view. Everything is placed in
 * pixels, y counted from the top. */
#include "common/error.h"
#include "common/screen/plot_file.h"

enum { TOP = 68, EDGE = 14, STEP = 26, SPAN = 190, SPACE = 40, SHADES = 10 };

/* Light to dark, lightness falling evenly; thickness says the same. */
static const char *const shades[SHADES] = {"#e8eef4", "#d3dfeb", "#bccfe1", "#a3bdd6", "#88a9ca",
                                           "#6b93bc", "#4d7cac", "#316497", "#1b4b7e", "#0c3360"};

/* The two columns of words keep their own widths: source and target may differ much. */
static double widest(const char *const *labels, size_t count) {
    double width = 0;
    for (size_t i = 0; i < count; i++) width = fmax(width, plot_text_width(labels[i], 10));
    return width;
}

static void write_text(const PlotFile *file, const char *text, double x, double y,
                       const char *style) {
    fprintf(file->script, "set label ");
    plot_quote(file->script, text);
    fprintf(file->script, " at %.1f,%.1f %s\n", x, y, style);
}

/* One panel whose lines run from x to x + SPAN: the words, and a row of data for each line. */
static void write_panel(const PlotFile *file, const PlotMap *map, double x) {
    write_text(file, map->title, x + SPAN / 2.0, TOP - 20, "center font ',11'");
    for (size_t r = 0; r < map->rows; r++)
        write_text(file, map->row_labels[r], x - 6, TOP + STEP * (double)r, "right font ',10'");
    for (size_t c = 0; c < map->cols; c++)
        write_text(file, map->col_labels[c], x + SPAN + 6, TOP + STEP * (double)c,
                   "left font ',10'");
    for (size_t r = 0; r < map->rows; r++)
        for (size_t c = 0; c < map->cols; c++) {
            fprintf(file->data, "%.1f %d %d %d", x, TOP + STEP * (int)r, SPAN,
                    STEP * ((int)c - (int)r));
            plot_number(file->data, (double)map->data[r * map->cols + c]);
            fputc('\n', file->data);
        }
}

/* Lines are drawn in ten passes from faint to strong, since what is drawn later covers what was
 * before: a strong link must not hide under faint ones. */
bool plot_links(const Picture *picture, const PlotMap *maps, size_t count) {
    REQUIRE(count > 0 && maps[0].row_labels && maps[0].col_labels, "%s: no words to join",
            picture->name);
    const size_t rows = maps[0].rows > maps[0].cols ? maps[0].rows : maps[0].cols;
    const double left = widest(maps[0].row_labels, maps[0].rows) + EDGE + 6;
    const double right = widest(maps[0].col_labels, maps[0].cols);
    const double panel = left + SPAN + right + SPACE;
    const double title = picture->title ? plot_text_width(picture->title, 14) + 2 * EDGE : 0;
    PlotFile file;
    if (!plot_file_begin(&file, picture, (int)fmax(panel * (double)count, title),
                         TOP + STEP * (int)rows))
        return false;
    plot_file_pixels(&file);
    fprintf(file.data, "# x y dx dy weight\n");
    for (size_t m = 0; m < count; m++) write_panel(&file, &maps[m], left + panel * (double)m);
    for (int i = 0; i < SHADES; i++) // the dark ones last, on top; weights below 0.02 not at all
        fprintf(file.script,
                "%s'%s.dat' using ($5>%.2f && $5<=%.2f ? $1 : NaN):2:3:4 with vectors nohead "
                "lw %.1f lc rgb '%s'",
                i ? ", \\\n    " : "plot ", picture->name, i ? i / 10.0 : 0.02,
                i < SHADES - 1 ? (i + 1) / 10.0 : 1e9, 1 + 0.4 * i, shades[i]);
    fputc('\n', file.script);
    return plot_file_end(&file);
}
