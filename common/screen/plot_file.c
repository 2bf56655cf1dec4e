#include "common/screen/plot_file.h"

#include "common/clock.h"
#include "common/error.h"
#include "common/files/command.h"
#include "common/files/file.h"
#include "common/files/folder.h"
#include "common/files/utf8.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What one run of a program knows about pictures: whether they are wanted, whether the one warning
 * has been given, and whether gnuplot was seen to hang. */
static struct { bool disabled, warned, hangs; } run;

/* The gnuplot that draws a live picture, and what it was given. */
static struct {
    CommandProcess process;
    const char *argv[4];
    char folder[4096];
    char script[320], png[320]; // temporary files in that folder
    char path[4096 + 320];      // what the picture is to be called in the end
    double begun, took;         // the last one: when, how many seconds
} live;

/* A hundredth of the time is what live pictures may take of it. */
enum { LIVE_SHARE = 100 };

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
        if (utf8_is_control(c))
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
    return true;
}

/* Writes the script into a file, with a beginning that says where the picture goes. */
static bool write_script(const PlotFile *file, const char *path, const char *png, Error *err) {
    char *head;
    size_t bytes;
    FILE *text = open_memstream(&head, &bytes);
    REQUIRE(text, "out of memory");
    // The script starts with how to run it, for whoever opens it to change something. "noenhanced"
    // lets "_" and "^" in labels be themselves.
    const char *name = file->picture->name;
    fprintf(text,
            SCRIPT_START " in this folder draws %s.png from %s.dat.\n"
                         "set terminal pngcairo noenhanced size %d,%d font 'DejaVu Sans,11'\n"
                         "set output '%s'\n%s",
            name, name, name, file->width, file->height, png, style_text);
    REQUIRE(fclose(text) == 0, "out of memory");
    const Bytes parts[] = {{head, bytes}, {file->script_text, file->script_bytes}};
    const bool written = file_write(path, parts, 2, err);
    free(head);
    return written;
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

/* Says once what was wrong with a picture, and remembers that gnuplot hangs: it is then not started
 * again, since each picture would wait for it. Returns whether nothing was. */
static bool judge(CommandResult result, const char *png, ByteArray *said) {
    run.hangs = run.hangs || result == COMMAND_HANGS;
    one_line(said->data);
    if (result == COMMAND_MISSING)
        warn(png, "gnuplot cannot be started: no pictures, only their data and scripts");
    else if (result == COMMAND_HANGS)
        warn(png, "gnuplot hangs: no pictures, only their data and scripts");
    else if (result == COMMAND_FAILED)
        warn(png, *said->data ? said->data : "gnuplot failed");
    return result == COMMAND_DONE;
}

/* What runs gnuplot on a script. -d leaves the user's own settings out, or pictures would differ
 * between users. */
static Command gnuplot_command(const char *argv[4], const char *folder, const char *script) {
    argv[0] = "gnuplot", argv[1] = "-d", argv[2] = script, argv[3] = NULL;
    return (Command){.argv = argv,
                     .folder = folder,
                     .stream = STDERR_FILENO,
                     .idle = IDLE_SECONDS,
                     .total = TOTAL_SECONDS};
}

/* Runs gnuplot and waits for it; true if it ended well. */
static bool gnuplot_run(const char *folder, const char *script, const char *png) {
    const char *argv[4];
    ByteArray said;
    if (run.hangs) return false;
    const Command command = gnuplot_command(argv, folder, script);
    const CommandResult result = command_run(&command, &said);
    const bool drawn = judge(result, png, &said);
    free(said.data);
    return drawn;
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
    char path[4096], expected[300];
    struct stat status;
    for (size_t i = 0; i < sizeof endings / sizeof *endings; i++) {
        snprintf(path, sizeof path, "%s/%s%s", directory, name, endings[i]);
        if (lstat(path, &status) != 0 && errno == ENOENT) continue;
        // Whatever is there, only a script of ours shows whose it is.
        snprintf(path, sizeof path, "%s/%s.gp", directory, name);
        snprintf(expected, sizeof expected, SCRIPT_START, name);
        return lstat(path, &status) == 0 && file_may_replace(path, expected, 1);
    }
    return true;
}

static bool is_of_a_picture(const char *name) {
    const char *dot = strrchr(name, '.');
    return dot && (strcmp(dot, ".gp") == 0 || strcmp(dot, ".dat") == 0 || strcmp(dot, ".png") == 0);
}

/* Both texts into their files, in a folder made for them; the script first, by which the picture is
 * known as ours. */
static bool write_texts(const PlotFile *file, Error *err) {
    char path[4096], png[300];
    if (!folder_make(picture_folder(file), err)) return false;
    file_remove_leftovers(picture_folder(file), false, is_of_a_picture);
    if (!file_path(file, ".gp", path, sizeof path))
        return error_set(err, "%s: the name is too long", picture_folder(file));
    if (!plot_may_write(picture_folder(file), file->picture->name))
        return error_set(err, "%s or what belongs to it is there and not ours", path);
    snprintf(png, sizeof png, "%s.png", file->picture->name);
    if (!write_script(file, path, png, err)) return false;
    file_path(file, ".dat", path, sizeof path);
    return file_write(path, &(Bytes){file->data_text, file->data_bytes}, 1, err);
}

/* ---- Live ------------------------------------------------------------------------------------ */

static void remove_in_folder(const char *name) {
    char path[sizeof live.path];
    snprintf(path, sizeof path, "%s/%s", live.folder, name);
    unlink(path);
}

/* Whatever became of the live picture that was being drawn, nothing of it stays but the picture. */
static void live_end(void) {
    command_stop(&live.process);
    remove_in_folder(live.script);
    remove_in_folder(live.png);
    live.took = clock_seconds() - live.begun;
}

bool plot_live_ready(void) {
    CommandResult result;
    if (live.process.child && command_over(&live.process, 0, &result)) {
        char png[sizeof live.path];
        snprintf(png, sizeof png, "%s/%s", live.folder, live.png);
        if (judge(result, live.path, &live.process.said)) rename(png, live.path);
        live_end();
    }
    return !run.disabled && !run.hangs && !live.process.child &&
           clock_seconds() - live.begun >= LIVE_SHARE * live.took;
}

/* The names of temporary files are those of file_write, so that what a killed program leaves is
 * removed as theirs is (file_remove_leftovers). */
static void live_begin(const PlotFile *file, const char *png) {
    Error err;
    char path[sizeof live.path];
    const char *name = file->picture->name;
    const long id = (long)getpid();
    snprintf(live.folder, sizeof live.folder, "%s", picture_folder(file));
    snprintf(live.script, sizeof live.script, "%s.gp.%ld-9.tmp", name, id);
    snprintf(live.png, sizeof live.png, "%s.png.%ld-9.tmp", name, id);
    snprintf(live.path, sizeof live.path, "%s", png);
    snprintf(path, sizeof path, "%s/%s", live.folder, live.script);
    live.begun = clock_seconds();
    if (!write_script(file, path, live.png, &err)) {
        warn("no pictures", err.text);
        return;
    }
    const Command command = gnuplot_command(live.argv, live.folder, live.script);
    if (!command_start(&command, &live.process)) live_end();
}

/* What can go wrong here (disk, gnuplot, fonts) is worth a warning and nothing more: a training of
 * 40 minutes must not end because of its picture. */
static bool draw(const PlotFile *file) {
    Error err;
    char png[4096], script[300];
    if (!write_texts(file, &err)) {
        warn("no pictures", err.text);
        return false;
    }
    if (!file_path(file, ".png", png, sizeof png)) return false;
    if (live.process.child) live_end(); // this one is newer, or is waited for
    if (file->picture->live) {
        live_begin(file, png);
        return false;
    }
    snprintf(script, sizeof script, "%s.gp", file->picture->name);
    const bool drawn = gnuplot_run(picture_folder(file), script, png);
    if (drawn)
        print_caption(png, file->picture->caption);
    else
        unlink(png); // neither a part of this picture nor an older one must pass for it
    return drawn;
}

bool plot_file_end(PlotFile *file) {
    // Closing a memory stream is what makes its text and length final.
    const bool complete = fclose(file->script) == 0 && fclose(file->data) == 0;
    REQUIRE(complete, "out of memory");
    const bool drawn = draw(file);
    free(file->script_text);
    free(file->data_text);
    return drawn;
}
