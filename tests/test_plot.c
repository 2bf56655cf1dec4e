// Pictures: the three files, the same bytes every time, labels that cannot do harm, and what
// happens without gnuplot.
#include "common/kernels.h"
#include "common/screen/plot.h"
#include "tests/child.h"
#include "tests/scratch.h"
#include "tests/suite.h"

#include "common/files/file.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

/* The contents of a file of the folder. The caller frees. */
static char *content(const char *name, size_t *bytes) {
    char path[256], *data;
    Error err = {""};
    snprintf(path, sizeof path, "%s/%s", scratch_folder(), name);
    ck_assert_msg(file_read(path, &data, bytes, &err), "%s", err.text);
    return data;
}

static void expect_content(const char *name, const char *part) {
    size_t bytes;
    char *data = content(name, &bytes);
    ck_assert_msg(strstr(data, part) != NULL, "no %s in:\n%s", part, data);
    free(data);
}

/* Draws in a child process, since plot_disable and the one warning are for a whole run. */
typedef bool Draw(void);
static int draw_it(const void *argument) {
    Draw *const *draw = argument;
    return (*draw)();
}
static Child run_child(Draw *draw, bool expected) {
    const Child child = child_run(draw_it, &draw);
    ck_assert_msg(child.status == expected, "%s%s", child.out, child.err);
    return child;
}

static const char *const words[] = {"a'b\"c", "x_1^2 {y}\\", "`touch INJECTED` $(touch INJECTED)"};
static const real values[] = {0, 1, 2, 3, -4, (real)0.5, 6, (real)-INFINITY, (real)NAN};

static bool draw_heatmap(void) {
    return plot_heatmap(
        &(Picture){.name = "map",
                   .directory = scratch_folder(),
                   .title = "it's ; system('touch INJECTED')\nset output",
                   .x_label = words[0],
                   .y_label = words[1],
                   .value_label = words[2],
                   .caption = "look at the\nlower left corner."},
        &(PlotMap){.data = values, .rows = 3, .cols = 3, .row_labels = words, .col_labels = words},
        2);
}

static bool draw_every_kind(void) {
    const PlotSeries series[] = {{.name = words[0], .y = values, .count = 9, .points = true},
                                 {.name = "é", .x = values, .y = values, .count = 6}};
    const PlotPoint points[] = {{.label = words[0]},
                                {.x = 1, .y = 1, .label = words[1], .group = 1},
                                {.x = 1, .y = 1, .label = "ಕನ್ನಡ", .group = 1}};
    const PlotMap maps[] = {
        {.title = "one", .data = values, .rows = 3, .cols = 3, .col_labels = words},
        {.title = words[2], .data = values, .rows = 3, .cols = 3, .col_labels = words}};
    const PlotMap joined[] = {
        {.title = words[0],
         .data = values,
         .rows = 3,
         .cols = 3,
         .row_labels = words,
         .col_labels = words},
        {.data = values, .rows = 3, .cols = 3, .row_labels = words, .col_labels = words}};
    const Picture lines = {.name = "lines", .directory = scratch_folder(), .title = words[0]};
    const Picture logs = {
        .name = "logs", .directory = scratch_folder(), .log_x = true, .log_y = true};
    const Picture panels = {
        .name = "panels", .directory = scratch_folder(), .title = words[1], .log_x = true};
    const PlotPanel panel[] = {{.y_label = words[0], .series = series, .count = 2},
                               {.y_label = words[2], .log_y = true, .series = series, .count = 1}};
    const Picture bars = {.name = "bars", .directory = scratch_folder(), .title = words[1]};
    const Picture scatter = {.name = "scatter", .directory = scratch_folder(), .x_label = words[2]};
    const Picture grid = {.name = "grid", .directory = scratch_folder(), .title = "two"};
    const Picture links = {.name = "links", .directory = scratch_folder(), .title = words[1]};
    const Picture image = {
        .name = "image", .directory = scratch_folder(), .width = 300, .height = 200};
    const Picture plane = {.name = "field",
                           .directory = scratch_folder(),
                           .title = words[2],
                           .value_label = words[0],
                           .x_max = 2,
                           .y_max = 2};
    const Picture graph = {.name = "graph", .directory = scratch_folder(), .title = words[2]};
    const PlotField field = {.data = values,
                             .rows = 3,
                             .cols = 3,
                             .levels = (const double[]){0.5, 2},
                             .level_count = 2,
                             .points = points,
                             .point_count = 3,
                             .groups = words,
                             .group_count = 3};
    const PlotNode nodes[] = {{.title = words[0], .first = words[1], .second = words[2]},
                              {.title = "é", .column = 1, .row = 1}};
    const PlotArrow arrow = {0, 1, words[2]};
    real many[50 * 70];
    for (int i = 0; i < 50 * 70; i++) many[i] = i % 7 == 0 ? (real)NAN : (real)(i % 11);
    return plot_lines(&lines, series, 2) && plot_lines(&logs, series, 1) &&
           plot_panels(&panels, panel, 2) && plot_bars(&bars, words, 3, series, 2, 1) &&
           plot_scatter(&scatter, points, 3, words, 3) &&
           plot_scatter(&image, points, 1, NULL, 0) && plot_heatmap_grid(&grid, maps, 2, 4, 1) &&
           plot_links(&links, joined, 2) && plot_field(&plane, &field, series, 2) &&
           plot_graph(&graph, nodes, 2, &arrow, 1) &&
           plot_heatmap(&image, &(PlotMap){.data = many, .rows = 50, .cols = 70}, 1);
}

START_TEST(three_files_and_a_caption) {
    const Child output = run_child(draw_heatmap, true);
    char expected[256];
    snprintf(expected, sizeof expected, "figure %s/map.png: look at the lower left corner.\n",
             scratch_folder());
    ck_assert_str_eq(output.out, expected);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(scratch_entries("", false), 3);
    size_t bytes;
    char *png = content("map.png", &bytes);
    ck_assert(bytes > 1000 && memcmp(png, "\x89PNG\r\n\x1a\n", 8) == 0);
    free(png);
    expect_content("map.gp", "plot 'map.dat'");
    expect_content("map.dat", "\n1 1 -4 -4.00 ");
    expect_content("map.dat", "\n2 1 NaN");
}
END_TEST

START_TEST(a_map_without_a_scale) {
    const real yes_and_no[4] = {1, 0, 1, 1};
    const PlotMap map = {.data = yes_and_no, .rows = 2, .cols = 2};
    Picture picture = {.name = "with", .directory = scratch_folder()};
    plot_heatmap(&picture, &map, -1);
    picture.name = "without";
    picture.no_scale = true;
    plot_heatmap(&picture, &map, -1);
    expect_content("with.gp", "set colorbox user");
    size_t bytes;
    char *script = content("without.gp", &bytes);
    ck_assert_ptr_null(strstr(script, "set colorbox user"));
    free(script);
}
END_TEST

/* Quotes, backslashes, backquotes and newlines in labels neither break the script nor run. */
START_TEST(labels_are_only_labels) {
    run_child(draw_heatmap, true);
    const Child output = run_child(draw_every_kind, true);
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(scratch_entries("INJECTED", false), 0);
    ck_assert_int_ne(access("INJECTED", F_OK), 0);
    expect_content("map.gp", "'a''b\"c'");
    expect_content("map.gp", "'it''s ; system(''touch INJECTED'') set output'");
}
END_TEST

START_TEST(every_kind_twice_the_same_bytes) {
    static const char *const names[] = {"lines.png", "logs.png",  "bars.png",  "scatter.png",
                                        "grid.png",  "image.png", "links.png", "field.png",
                                        "graph.png", "panels.png"};
    enum { KINDS = sizeof names / sizeof *names };
    size_t bytes[KINDS], again;
    char *first[KINDS];
    run_child(draw_every_kind, true);
    for (int i = 0; i < KINDS; i++) first[i] = content(names[i], &bytes[i]);
    run_child(draw_every_kind, true);
    for (int i = 0; i < KINDS; i++) {
        char *second = content(names[i], &again);
        ck_assert_msg(bytes[i] == again && memcmp(first[i], second, again) == 0, "%s differs",
                      names[i]);
        free(first[i]);
        free(second);
    }
}
END_TEST

/* A field lies between its ranges' ends, and a line is asked for at each of its levels. */
START_TEST(a_field) {
    const real slope[6] = {0, 1, 2, 10, 11, 12};
    const PlotField field = {
        .data = slope, .rows = 2, .cols = 3, .levels = (const double[]){6.5}, .level_count = 1};
    const real x[2] = {-1, 1}, y[2] = {3, 5};
    ck_assert(plot_field(
        &(Picture){.name = "field",
                   .directory = scratch_folder(),
                   .x_min = -1,
                   .x_max = 1,
                   .y_min = 3,
                   .y_max = 5},
        &field, &(PlotSeries){.name = "way", .x = x, .y = y, .count = 2, .points = true}, 1));
    expect_content("field.dat", "\n -1 3 0\n 0 3 1\n 1 3 2\n\n -1 5 10\n");
    expect_content("field.dat", "# index 1: way\n -1 3\n 1 5\n");
    expect_content("field.gp", "set cntrparam levels discrete 6.5\n");
    expect_content("field.gp", "'field.dat' index 1 using 1:2 with linespoints");
}
END_TEST

/* All panels have one range below them, and each its own values. */
START_TEST(panels_above_each_other) {
    const real x[3] = {2, 3, 5}, y[3] = {7, 8, 9};
    const PlotSeries series[2] = {{.name = "all", .x = x, .y = y, .count = 3},
                                  {.x = x, .y = y, .count = 2}};
    const PlotPanel panels[2] = {{.y_label = "upper", .series = series, .count = 1},
                                 {.y_label = "lower", .series = series + 1, .count = 1}};
    ck_assert(plot_panels(&(Picture){.name = "panels", .directory = scratch_folder()}, panels, 2));
    expect_content("panels.dat", "# index 0: all\n 2 7\n 3 8\n 5 9\n\n\n# index 1: \n 2 7\n 3 8\n");
    expect_content("panels.gp", "set xrange [2:5]\n");
    expect_content("panels.gp", "plot 'panels.dat' index 0");
    expect_content("panels.gp", "plot 'panels.dat' index 1");
}
END_TEST

/* An arrow begins at one box's right side and ends before the other's left side. */
START_TEST(a_graph) {
    const PlotNode nodes[] = {{.title = "a", .first = "value 1", .second = "gradient 2"},
                              {.title = "b", .column = 1}};
    ck_assert(plot_graph(&(Picture){.name = "graph", .directory = scratch_folder()}, nodes, 2,
                         &(PlotArrow){0, 1, "x 3"}, 1));
    double from, to, left[2], right[2];
    size_t bytes;
    char *data = content("graph.dat", &bytes);
    // A line of comment, the arrow, a line of comment, and the two boxes.
    ck_assert_int_eq(
        sscanf(data, "%*[^\n] %lf %*f %lf %*f %*[^\n] %*f %*f %lf %lf %*f %*f %*f %*f %lf %lf",
               &from, &to, &left[0], &right[0], &left[1], &right[1]),
        6);
    ck_assert_double_eq(from, right[0]);
    ck_assert(from + to < left[1] && from + to > left[1] - 5 && left[0] < right[0]);
    free(data);
    expect_content("graph.gp", "'gradient 2'");
    expect_content("graph.gp", "'x 3'");
}
END_TEST

/* The relative luminance (sRGB) of "#rrggbb". */
static double luminance(const char *colour) {
    static const double weight[] = {0.2126, 0.7152, 0.0722};
    double sum = 0;
    for (int i = 0; i < 3; i++) {
        char hex[3] = {colour[1 + 2 * i], colour[2 + 2 * i], '\0'};
        const double c = (double)strtol(hex, NULL, 16) / 255;
        sum += weight[i] * (c <= 0.04045 ? c / 12.92 : pow((c + 0.055) / 1.055, 2.4));
    }
    return sum;
}

static bool draw_unsigned(void) {
    return plot_heatmap(&(Picture){.name = "map", .directory = scratch_folder()},
                        &(PlotMap){.data = values, .rows = 1, .cols = 4}, 0);
}

/* Larger values are darker, so that a map means the same in grey; signed ones pale towards 0. */
START_TEST(palettes_in_grey) {
    for (int is_signed = 0; is_signed < 2; is_signed++) {
        run_child(is_signed ? draw_heatmap : draw_unsigned, true);
        size_t bytes;
        char *script = content("map.gp", &bytes);
        double light[9];
        const char *at = strstr(script, "set palette defined (");
        for (int i = 0; i < 9; i++) {
            at = strchr(at, '#');
            light[i] = luminance(at++);
        }
        for (int i = 1; i < 9; i++) {
            if (is_signed && i <= 4)
                ck_assert(light[i] > light[i - 1] + 0.01);
            else
                ck_assert(light[i] < light[i - 1] - 0.01);
        }
        if (is_signed) ck_assert(light[8] > light[1] + 0.1); // orange is never as dark as deep blue
        free(script);
    }
}
END_TEST

static bool draw_twice_without_gnuplot(void) {
    setenv("PATH", "/nonexistent", 1);
    const bool first = draw_heatmap();
    return draw_unsigned() || first;
}

START_TEST(without_gnuplot) {
    const Child output = run_child(draw_twice_without_gnuplot, false);
    char expected[256];
    snprintf(expected, sizeof expected,
             "warning: %s/map.png: gnuplot cannot be started: no pictures, only their data and "
             "scripts\n",
             scratch_folder());
    ck_assert_str_eq(output.err, expected);
    ck_assert_str_eq(output.out, "");
    ck_assert_int_eq(scratch_entries("", false), 2);
}
END_TEST

/* A gnuplot of our own: a shell script. */
static void write_gnuplot(const char *text) {
    char path[128];
    snprintf(path, sizeof path, "%s/gnuplot", scratch_folder());
    FILE *file = fopen(path, "w");
    fprintf(file, "#!/bin/sh\n%s", text);
    fclose(file);
    chmod(path, 0755);
    snprintf(path, sizeof path, "%s:/bin:/usr/bin", scratch_folder());
    setenv("PATH", path, 1);
}

/* A gnuplot that fails leaves neither a part nor an older picture. */
static bool draw_with_broken_gnuplot(void) {
    write_gnuplot("echo part >map.png\necho 'no terminal\nof that name' >&2\nexit 1\n");
    return draw_unsigned() || draw_unsigned(); // two pictures, one warning
}

START_TEST(gnuplot_fails) {
    run_child(draw_unsigned, true);
    const Child output = run_child(draw_with_broken_gnuplot, false);
    char expected[256];
    snprintf(expected, sizeof expected, "warning: %s/map.png: no terminal of that name \n",
             scratch_folder());
    ck_assert_str_eq(output.err, expected);
    ck_assert_str_eq(output.out, "");
    ck_assert_int_eq(scratch_entries(".png", false), 0);
}
END_TEST

static bool has_file(const char *name) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", scratch_folder(), name);
    return access(path, F_OK) == 0;
}

static bool draw_live(void) {
    return plot_lines(&(Picture){.name = "live", .directory = scratch_folder(), .live = true},
                      &(PlotSeries){.y = values, .count = 3}, 1);
}

/* The caller goes on while it is drawn, and is not ready for another; the picture comes whole, and
 * nothing else stays. Returns whether all was so. */
static bool draw_beside(void) {
    char gate[128];
    write_gnuplot("read line <gate\n"
                  "echo \"$line\" >\"$(sed -n \"s/^set output '\\(.*\\)'/\\1/p\" \"$2\")\"\n");
    snprintf(gate, sizeof gate, "%s/gate", scratch_folder());
    if (mkfifo(gate, 0600) != 0 || !plot_live_ready() || draw_live()) return false;
    for (int i = 0; i < 100; i++)
        if (plot_live_ready() || has_file("live.png")) return false;
    FILE *file = fopen(gate, "w");
    fputs("drawn\n", file);
    fclose(file);
    while (!has_file("live.png")) plot_live_ready();
    return !plot_live_ready(); // a hundred times as long has not passed
}

START_TEST(a_live_picture) {
    const Child output = run_child(draw_beside, true);
    ck_assert_str_eq(output.out, "");
    ck_assert_str_eq(output.err, "");
    expect_content("live.png", "drawn\n");
    expect_content("live.gp", "set output 'live.png'\n");
    ck_assert_int_eq(scratch_entries("", false), 5); // three, the gate and our gnuplot
}
END_TEST

/* It is ended after some seconds, said once, and not begun again; who draws another picture
 * meanwhile has that one. */
static bool draw_with_hanging_gnuplot(void) {
    write_gnuplot("exec sleep 1000\n");
    if (draw_live()) return false;
    while (scratch_entries(".tmp", false) > 0) plot_live_ready();
    return !plot_live_ready() && !draw_unsigned();
}

START_TEST(a_live_picture_hangs) {
    const Child output = run_child(draw_with_hanging_gnuplot, true);
    char expected[256];
    snprintf(expected, sizeof expected,
             "warning: %s/live.png: gnuplot hangs: no pictures, only their data and scripts\n",
             scratch_folder());
    ck_assert_str_eq(output.err, expected);
    ck_assert_str_eq(output.out, "");
    ck_assert_int_eq(scratch_entries(".png", false), 0);
}
END_TEST

static bool draw_disabled(void) {
    plot_disable();
    return draw_heatmap();
}

START_TEST(disabled) {
    const Child output = run_child(draw_disabled, false);
    ck_assert_str_eq(output.out, "");
    ck_assert_str_eq(output.err, "");
    ck_assert_int_eq(scratch_entries("", false), 0);
}
END_TEST

static bool draw_into_a_file(void) {
    char path[128];
    snprintf(path, sizeof path, "%s/file", scratch_folder());
    fclose(fopen(path, "w"));
    return plot_heatmap(&(Picture){.name = "map", .directory = path},
                        &(PlotMap){.data = values, .rows = 1, .cols = 4}, 0);
}

START_TEST(unusable_folder) {
    const Child output = run_child(draw_into_a_file, false);
    ck_assert(strncmp(output.err, "warning: ", 9) == 0);
    ck_assert_ptr_nonnull(strstr(output.err, "a file has that name"));
    ck_assert_ptr_null(strchr(strchr(output.err, '\n') + 1, '\n'));
}
END_TEST

static bool draw_with_long_caption(void) {
    return plot_lines(&(Picture){.name = "l",
                                 .directory = scratch_folder(),
                                 .caption = "a caption that is much too long for one line of a "
                                            "terminal goes on in the next line, between words"},
                      &(PlotSeries){.y = values, .count = 3}, 1);
}

START_TEST(long_captions_wrap) {
    const Child output = run_child(draw_with_long_caption, true);
    for (const char *line = output.out; *line; line += strcspn(line, "\n") + 1)
        ck_assert_uint_le(strcspn(line, "\n"), 80);
    ck_assert_ptr_nonnull(strstr(output.out, "\n  "));
    ck_assert_ptr_nonnull(strstr(output.out, "words\n"));
}
END_TEST

/* The number of a process that has ended. */
static long ended_process(void) {
    const pid_t id = fork();
    if (id == 0) _exit(0);
    waitpid(id, NULL, 0);
    return (long)id;
}

/* What killed programs have left of pictures goes; what another one is at, and others' files, stay:
 * nobody has this folder to themselves. */
START_TEST(leftovers) {
    char name[3][64], path[256];
    const long ended = ended_process();
    snprintf(name[0], sizeof name[0], "old.dat.%ld-0.tmp", ended);
    snprintf(name[1], sizeof name[1], "old.dat.%ld-0.tmp", (long)getppid());
    snprintf(name[2], sizeof name[2], "notes.%ld-0.tmp", ended);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", scratch_folder(), name[i]);
        fclose(fopen(path, "w"));
    }
    run_child(draw_twice_without_gnuplot, false);
    for (int i = 0; i < 3; i++) {
        snprintf(path, sizeof path, "%s/%s", scratch_folder(), name[i]);
        ck_assert_msg((access(path, F_OK) == 0) == (i > 0), "%s", name[i]);
    }
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("plot");
    TCase *cases = tcase_create("plot");
    tcase_set_timeout(cases, 120); // a busy disk takes its time
    tcase_add_checked_fixture(cases, scratch_make, scratch_remove);
    if (system("gnuplot -d -e 'set terminal pngcairo' >/dev/null 2>&1") == 0) {
        tcase_add_test(cases, three_files_and_a_caption);
        tcase_add_test(cases, a_map_without_a_scale);
        tcase_add_test(cases, a_field);
        tcase_add_test(cases, panels_above_each_other);
        tcase_add_test(cases, a_graph);
        tcase_add_test(cases, labels_are_only_labels);
        tcase_add_test(cases, every_kind_twice_the_same_bytes);
        tcase_add_test(cases, palettes_in_grey);
        tcase_add_test(cases, gnuplot_fails);
        tcase_add_test(cases, long_captions_wrap);
    } else {
        printf("skipped: the pictures themselves, no gnuplot with pngcairo\n");
    }
    tcase_add_test(cases, a_live_picture);
    tcase_add_test(cases, a_live_picture_hangs);
    tcase_add_test(cases, without_gnuplot);
    tcase_add_test(cases, leftovers);
    tcase_add_test(cases, disabled);
    tcase_add_test(cases, unusable_folder);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
