#include "common/screen/plot_file.h"

#include "common/error.h"
#include "common/files/command.h"
#include "common/files/file.h"
#include "common/files/folder.h"
#include "common/files/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What one run of a program knows about pictures: whether they are wanted, whether the one warning
 * has been given, and whether gnuplot was seen to hang. */
static struct { bool disabled, warned, hangs; } run;

/* A picture takes less than a second; making the list of fonts for the first time may take a
 * minute, but works meanwhile. */
static const double IDLE_SECONDS = 4, TOTAL_SECONDS = 60;

/* What every picture shares, so that 50 of them look like one book: grey axes that stay behind the
 * data, two sides of the frame only, and no legend but the one asked for. */
static const char style_text[] = "set encoding utf8\n"
                                 "set datafile missing '?'\n"
                                 "set border 3 lc rgb '#555555' lw 1\n"
                                 "set tics nomirror out scale 0.5 textcolor rgb '#333333'\n"
                                 "set grid lt 1 lc rgb '#e6e6e6' lw 1\n"
                                 "set key noautotitle\n";

/* How every script begins, and is known as ours. */
#define SCRIPT_START "# `gnuplot %s.gp`"

/* A program-wide switch: --no-plots is said once, and plots are drawn from many modules. */
void plot_disable(void) {
    run.disabled = true;
}

/* One warning a run: the first picture's trouble is most likely that of all the others. */
static void warn(const char *path, const char *reason) {
    if (!run.warned) fprintf(stderr, "warning: %s: %s\n", path, reason);
    run.warned = true;
}

/* ---- characters ------------------------------------------------------------------------------ */

/* One bit for each code point that some installed font has. A character without a font would be
 * drawn by the terminal as a box that covers the whole picture. */
static unsigned char glyphs[0x110000 / 8];

/* Sets the bits from first to last. */
static void mark_glyphs(unsigned long first, unsigned long last) {
    for (; first <= last && first < 0x110000; first++)
        glyphs[first / 8] |= (unsigned char)(1 << first % 8);
}

/* Reads fontconfig's list, lines of ":charset=20-7e a0 ..." in hexadecimal. */
static void read_glyphs(void) {
    static const char *const list[] = {"fc-list", ":", "charset", NULL};
    const Command command = {
        .argv = list, .stream = STDOUT_FILENO, .idle = IDLE_SECONDS, .total = TOTAL_SECONDS};
    ByteArray said;
    mark_glyphs(0x20, 0x17f); // Latin is taken for granted, also where there is no fc-list
    command_run(&command, &said);
    // Ranges are "20-7e", single characters "a0", separated by spaces; one font is one line.
    for (char *word = strtok(said.data, " \n"); word; word = strtok(NULL, " \n")) {
        const char *begin = strchr(word, '='), *dash = strchr(word, '-');
        const unsigned long first = strtoul(begin ? begin + 1 : word, NULL, 16);
        mark_glyphs(first, dash ? strtoul(dash + 1, NULL, 16) : first);
    }
    free(said.data);
}

/* The list is read when it is first needed, which is never for most programs. */
static bool has_glyph(uint32_t c) {
    if (c < 0x180) return true;
    if (glyphs[0x20 / 8] == 0) read_glyphs();
    return glyphs[c / 8] >> c % 8 & 1;
}

/* Inside single quotes gnuplot interprets nothing, neither backslashes nor backquotes. */
void plot_quote(FILE *script, const char *text) {
    if (!text) text = "";
    fputc('\'', script);
    const size_t bytes = strlen(text);
    size_t length;
    uint32_t c;
    for (size_t i = 0; (length = utf8_next(text + i, bytes - i, &c)) > 0; i += length) {
        if (c < 0x20 || c == 0x7f)
            fputc(' ', script);
        else if (c == '\'')
            fputs("''", script); // a quote is doubled inside quotes
        else if (c == 0xfffd || !has_glyph(c))
            fputc('?', script);
        else
            fwrite(text + i, 1, length, script);
    }
    fputc('\'', script);
}

/* ---- the pieces of a script ------------------------------------------------------------------ */

/* Nine digits bring every float back exactly; gnuplot reads "NaN" and leaves a gap. */
void plot_number(FILE *data, double value) {
    if (isfinite(value))
        fprintf(data, " %.9g", value);
    else
        fputs(" NaN", data);
}

/* 0.69 of the size is a little more than DejaVu Sans takes on average. */
double plot_text_width(const char *text, int points) {
    return 0.69 * points * (double)utf8_columns(text);
}

void plot_style(FILE *script, size_t i) {
    // Okabe and Ito's colours without their yellow, which is lost on white; dark and light ones
    // alternate, so that neighbours differ in grey.
    static const char *const colours[] = {"#0072b2", "#e69f00", "#009e73", "#cc79a7",
                                          "#000000", "#56b4e9", "#d55e00"};
    static const int dashes[] = {1, 1, 2, 4, 1, 5, 2}, points[] = {7, 5, 9, 13, 6, 4, 11};
    const size_t n = sizeof colours / sizeof *colours;
    fprintf(script, "lc rgb '%s' dt %d pt %d", colours[i % n], dashes[i % n], points[i % n]);
}

/* Both are composed in memory: how much there is to write is known only at the end. */
bool plot_file_begin(PlotFile *file, const Picture *picture, int width, int height) {
    if (run.disabled) return false;
    *file = (PlotFile){.picture = picture,
                       .width = picture->width > 0 ? picture->width : width,
                       .height = picture->height > 0 ? picture->height : height};
    file->script = open_memstream(&file->script_text, &file->script_bytes);
    file->data = open_memstream(&file->data_text, &file->data_bytes);
    REQUIRE(file->script && file->data, "out of memory");
    // The script starts with how to run it, for whoever opens it to change something. "noenhanced"
    // lets "_" and "^" in labels be themselves.
    fprintf(file->script,
            SCRIPT_START " in this folder draws %s.png from %s.dat.\n"
                         "set terminal pngcairo noenhanced size %d,%d font 'DejaVu Sans,11'\n"
                         "set output '%s.png'\n%s",
            picture->name, picture->name, picture->name, file->width, file->height, picture->name,
            style_text);
    return true;
}

void plot_file_pixels(const PlotFile *file) {
    fprintf(file->script,
            "unset grid\nunset tics\nset border 0\nset key off\n"
            "set lmargin at screen 0\nset rmargin at screen 1\n"
            "set tmargin at screen 1\nset bmargin at screen 0\n"
            "set xrange [0:%d]\nset yrange [%d:0]\n",
            file->width, file->height);
    if (!file->picture->title) return;
    fprintf(file->script, "set label ");
    plot_quote(file->script, file->picture->title);
    fprintf(file->script, " at 14.0,20.0 left font 'DejaVu Sans Bold,12'\n");
}

/* Makes one line of what a program complains of. */
static void one_line(char *text) {
    char *to = text;
    for (const char *from = text; *from; from++) {
        const char c = (unsigned char)*from < 0x20 ? ' ' : *from;
        if (c != ' ' || (to > text && to[-1] != ' ')) *to++ = c;
    }
    *to = '\0';
}

/* Runs gnuplot on a script; true if it ended well. -d leaves the user's own settings out, or
 * pictures would differ between users. One that hangs is not started again: each picture would wait
 * for it. */
static bool gnuplot_run(const char *folder, const char *script, const char *png) {
    if (run.hangs) return false;
    const char *const argv[] = {"gnuplot", "-d", script, NULL};
    const Command command = {.argv = argv,
                             .folder = folder,
                             .stream = STDERR_FILENO,
                             .idle = IDLE_SECONDS,
                             .total = TOTAL_SECONDS};
    ByteArray said;
    const CommandResult result = command_run(&command, &said);
    run.hangs = result == COMMAND_HANGS;
    one_line(said.data);
    if (result == COMMAND_MISSING)
        warn(png, "gnuplot cannot be started: no pictures, only their data and scripts");
    else if (result == COMMAND_HANGS)
        warn(png, "gnuplot hangs: no pictures, only their data and scripts");
    else if (result == COMMAND_FAILED)
        warn(png, *said.data ? said.data : "gnuplot failed");
    free(said.data);
    return result == COMMAND_DONE;
}

/* Prints "figure PATH: CAPTION" in lines of at most 80 columns, the later ones indented. */
static void print_caption(const char *path, const char *caption) {
    size_t column = (size_t)printf("figure %s:", path);
    while (caption && *(caption += strspn(caption, " \n"))) {
        char word[256];
        const size_t length = strcspn(caption, " \n");
        snprintf(word, sizeof word, "%.*s", (int)length, caption);
        if (column + 1 + utf8_columns(word) > 80) column = (size_t)printf("\n ") - 1;
        column += (size_t)1 + utf8_columns(word);
        printf(" %s", word);
        caption += length;
    }
    putchar('\n');
}

/* The default is where `make figures` looks for what it copies into the chapters. */
static const char *picture_folder(const PlotFile *file) {
    return file->picture->directory ? file->picture->directory : "build/figures";
}

/* The path of one of the picture's files. */
static bool file_path(const PlotFile *file, const char *ending, char *path, size_t size) {
    const int length =
        snprintf(path, size, "%s/%s%s", picture_folder(file), file->picture->name, ending);
    return length > 0 && (size_t)length < size;
}

bool plot_may_write(const char *directory, const char *name) {
    static const char *const endings[] = {".gp", ".dat", ".png"};
    char path[4096], expected[300], line[300] = "";
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(path, sizeof path, "%s/%s%s", directory, name, endings[i]);
        if (access(path, F_OK) != 0) continue;
        // Whatever is there, only a script of ours shows whose it is.
        snprintf(path, sizeof path, "%s/%s.gp", directory, name);
        snprintf(expected, sizeof expected, SCRIPT_START, name);
        FILE *script = fopen(path, "r");
        const bool ours = script && fgets(line, sizeof line, script) &&
                          strncmp(line, expected, strlen(expected)) == 0;
        if (script) fclose(script);
        return ours;
    }
    return true;
}

/* Both texts into their files, in a folder made for them; the script first, by which the picture is
 * known as ours. */
static bool write_texts(const PlotFile *file, Error *err) {
    char path[4096];
    if (!folder_make(picture_folder(file), err)) return false;
    if (!file_path(file, ".gp", path, sizeof path))
        return error_set(err, "%s: the name is too long", picture_folder(file));
    if (!plot_may_write(picture_folder(file), file->picture->name))
        return error_set(err, "%s or what belongs to it is there and not ours", path);
    if (!file_write(path, &(Bytes){file->script_text, file->script_bytes}, 1, err)) return false;
    file_path(file, ".dat", path, sizeof path);
    return file_write(path, &(Bytes){file->data_text, file->data_bytes}, 1, err);
}

/* What can go wrong here (disk, gnuplot, fonts) is worth a warning and nothing more: a training of
 * 40 minutes must not end because of its picture. */
bool plot_file_end(PlotFile *file) {
    // Closing a memory stream is what makes its text and length final.
    const bool complete = fclose(file->script) == 0 && fclose(file->data) == 0;
    REQUIRE(complete, "out of memory");
    Error err;
    const bool written = write_texts(file, &err);
    if (!written) warn("no pictures", err.text);
    free(file->script_text);
    free(file->data_text);
    char png[4096], script[300];
    if (!written || !file_path(file, ".png", png, sizeof png)) return false;
    snprintf(script, sizeof script, "%s.gp", file->picture->name);
    const bool drawn = gnuplot_run(picture_folder(file), script, png);
    if (drawn)
        print_caption(png, file->picture->caption);
    else
        unlink(png); // neither a part of this picture nor an older one must pass for it
    return drawn;
}
