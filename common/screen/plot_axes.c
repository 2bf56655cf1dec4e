/* Lines, fields, bars and labelled points: what has axes. gnuplot places what is in them, except
 * the labels of points: it would put them all to the right, over each other. */
#include "common/screen/plot.h"

#include "common/error.h"
#include "common/screen/plot_file.h"

#include <stdio.h>
#include <stdlib.h>

/* Readable at half size, as a README shows it. A row of text in 10 points takes 15 pixels. */
enum { WIDTH = 800, HEIGHT = 480, ROW_HEIGHT = 15 };

/* Title at the left, axis labels, ranges and scales: what these three kinds have in common. */
static void write_axes(FILE *script, const Picture *p) {
    // The title is a label, since gnuplot centres its own titles and we want it above the axis.
    fprintf(script, "set tmargin %d\nset label 1 ", p->title ? 3 : 1);
    plot_quote(script, p->title);
    fprintf(script,
            " at graph 0, graph 1 left offset 0,1.3 font 'DejaVu Sans Bold,12'\nset xlabel ");
    plot_quote(script, p->x_label);
    fprintf(script, "\nset ylabel ");
    plot_quote(script, p->y_label);
    fprintf(script, "\n");
    if (p->x_min < p->x_max) fprintf(script, "set xrange [%.9g:%.9g]\n", p->x_min, p->x_max);
    if (p->y_min < p->y_max) fprintf(script, "set yrange [%.9g:%.9g]\n", p->y_min, p->y_max);
}

/* A text inside a comment of the data file, kept on its line. */
static void write_comment(FILE *data, const char *text) {
    for (; text && *text; text++) fputc((unsigned char)*text < 0x20 ? ' ' : *text, data);
}

/* Blocks of the data file are what gnuplot calls an index: two empty lines lie between them. */
static void begin_block(FILE *data, size_t i, const char *name) {
    fprintf(data, "%s# index %zu: ", i > 0 ? "\n\n" : "", i);
    write_comment(data, name);
    fputc('\n', data);
}

/* Without any name there is nothing to put into a key. */
static bool any_name(const PlotSeries *series, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (series[i].name) return true;
    return false;
}

/* Beside the plot, where it covers no data; the sample before its text. */
static void write_key(FILE *script, bool wanted) {
    if (wanted)
        fprintf(script, "set key outside right top Left reverse samplen 2.5 spacing 1.25\n");
    else
        fprintf(script, "set key off\nset rmargin 4\n"); // half of the last number on the axis
}

/* One index of the data for each group, empty ones included: the group's number is its colour. The
 * first index is `first`; the script's `plot` has begun if that is not 0. groups NULL: no names. */
static void write_points(const PlotFile *file, const PlotPoint *points, size_t count,
                         const char *const *groups, size_t group_count, size_t first) {
    const size_t shown = group_count > 0 ? group_count : 1;
    for (size_t g = 0; g < shown; g++) {
        begin_block(file->data, first + g, groups ? groups[g] : "points");
        size_t members = 0;
        for (size_t i = 0; i < count; i++) {
            if (points[i].group != (int)g && group_count > 0) continue;
            plot_number(file->data, (double)points[i].x);
            plot_number(file->data, (double)points[i].y);
            if (points[i].label) fputs(" # ", file->data);
            write_comment(file->data, points[i].label);
            fputc('\n', file->data);
            members++;
        }
        if (members == 0) fprintf(file->data, " NaN NaN\n"); // keeps the indices in step
        fprintf(file->script, "%s '%s.dat' index %zu using 1:2 with points ps 1.2 ",
                first + g > 0 ? ", \\\n    " : "plot", file->picture->name, first + g);
        plot_style(file->script, g);
        fprintf(file->script, " title ");
        plot_quote(file->script, groups ? groups[g] : NULL);
    }
}

/* ---- lines ----------------------------------------------------------------------------------- */

/* A logarithmic axis. gnuplot marks powers of ten only, which leaves a range of one decade almost
 * bare, so up to three decades get 1, 2, 5, 10, ... */
static void write_log_axis(FILE *script, char axis, const PlotSeries *series, size_t count) {
    double low = INFINITY, high = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t k = 0; k < series[i].count; k++) {
            const real *values = axis == 'y' ? series[i].y : series[i].x;
            const double value = values ? (double)values[k] : (double)k;
            if (!isfinite(value) || value <= 0) continue;
            low = fmin(low, value);
            high = fmax(high, value);
        }
    }
    fprintf(script, "set logscale %c\nset format %c '%%g'\n", axis, axis);
    if (!(high > 0 && high < 1000 * low)) return;
    fprintf(script, "set %ctics (", axis);
    for (int power = (int)floor(log10(low)); power <= (int)ceil(log10(high)); power++)
        fprintf(script, "%s1e%d, 2e%d, 5e%d", power > (int)floor(log10(low)) ? ", " : "", power,
                power, power);
    fprintf(script, ")\n");
}

/* Where series go: the first one's index in the data file, its style, and whether the script's
 * `plot` has begun. */
typedef struct {
    size_t index, style;
    bool begun;
} Place;

/* One index of the data file for each series: they may have different x values and lengths. */
static void write_series(const PlotFile *file, const PlotSeries *series, size_t count,
                         Place place) {
    const size_t first = place.index;
    for (size_t i = 0; i < count; i++) {
        begin_block(file->data, first + i, series[i].name);
        for (size_t k = 0; k < series[i].count; k++) {
            plot_number(file->data, series[i].x ? (double)series[i].x[k] : (double)k);
            plot_number(file->data, (double)series[i].y[k]);
            fputc('\n', file->data);
        }
        fprintf(file->script, "%s '%s.dat' index %zu using 1:2 with %s lw 2 ps 0.9 ",
                place.begun || i > 0 ? ", \\\n    " : "plot", file->picture->name, first + i,
                series[i].points ? "linespoints" : "lines");
        plot_style(file->script, place.style + i);
        fprintf(file->script, " title ");
        plot_quote(file->script, series[i].name);
    }
}

bool plot_lines(const Picture *picture, const PlotSeries *series, size_t count) {
    REQUIRE(count > 0, "%s: nothing to plot", picture->name);
    PlotFile file;
    if (!plot_file_begin(&file, picture, WIDTH, HEIGHT)) return false;
    write_axes(file.script, picture);
    if (picture->log_x) write_log_axis(file.script, 'x', series, count);
    if (picture->log_y) write_log_axis(file.script, 'y', series, count);
    write_key(file.script, any_name(series, count));
    write_series(&file, series, count, (Place){.index = 0});
    fputc('\n', file.script);
    return plot_file_end(&file);
}

/* ---- panels ---------------------------------------------------------------------------------- */

/* In pixels: what lies around the panels, between two of them, and how high one is. */
enum { PANEL_LEFT = 104, PANEL_RIGHT = 200, PANEL_TOP = 44, PANEL_BELOW = 60, PANEL_GAP = 16 };
enum { PANEL_UNIT = 116 };

/* One range for all, that of the data: gnuplot would choose one for each panel. */
static void write_common_x(FILE *script, const Picture *p, const PlotPanel *panels, size_t count) {
    double low = INFINITY, high = -INFINITY;
    for (size_t k = 0; k < count; k++)
        for (size_t i = 0; i < panels[k].count; i++)
            for (size_t n = 0; n < panels[k].series[i].count; n++) {
                const real *x = panels[k].series[i].x;
                low = fmin(low, x ? (double)x[n] : (double)n);
                high = fmax(high, x ? (double)x[n] : (double)n);
            }
    if (!(p->x_min < p->x_max) && low < high)
        fprintf(script, "set xrange [%.9g:%.9g]\n", low, high);
}

/* About four numbers on a y axis: gnuplot would write more than a low panel has room for. */
static void write_few_numbers(FILE *script, const PlotPanel *panel) {
    double low = INFINITY, high = -INFINITY;
    for (size_t i = 0; i < panel->count; i++)
        for (size_t n = 0; n < panel->series[i].count; n++) {
            const double y = (double)panel->series[i].y[n];
            if (isfinite(y)) low = fmin(low, y), high = fmax(high, y);
        }
    const double apart = (high - low) / 4;
    if (!(apart > 0 && isfinite(apart))) return;
    const double power = pow(10, floor(log10(apart))); // 1, 2, 5 or 10 times it
    const double times = apart <= power ? 1 : apart <= 2 * power ? 2 : apart <= 5 * power ? 5 : 10;
    fprintf(script, "set ytics %.9g\n", times * power);
}

/* What the panel before has set is set anew. The x axis has its numbers and its label below the
 * last one only. */
static void write_panel(const PlotFile *file, const PlotPanel *panel, double top, double bottom,
                        bool last) {
    FILE *script = file->script;
    fprintf(script,
            "set tmargin at screen %.6f\nset bmargin at screen %.6f\n"
            "unset logscale y\nset format y '%% h'\nset ytics autofreq\nset ylabel ",
            1 - top / file->height, 1 - bottom / file->height);
    plot_quote(script, panel->y_label);
    fprintf(script, "\nset format x '%s'\nset xlabel ", last ? "%g" : "");
    plot_quote(script, last ? file->picture->x_label : NULL);
    fputc('\n', script);
    if (panel->log_y)
        write_log_axis(script, 'y', panel->series, panel->count);
    else
        write_few_numbers(script, panel);
    write_key(script, any_name(panel->series, panel->count)); // which sets a margin
    fprintf(script, "set lmargin at screen %.6f\nset rmargin at screen %.6f\n",
            (double)PANEL_LEFT / file->width, 1 - (double)PANEL_RIGHT / file->width);
}

/* A line without a name is black: it is none of those that the panel above names. */
enum { BLACK = 4 };

bool plot_panels(const Picture *picture, const PlotPanel *panels, size_t count) {
    REQUIRE(count > 0, "%s: nothing to plot", picture->name);
    PlotFile file;
    const int below = PANEL_UNIT + PANEL_GAP; // one more panel
    const int height = PANEL_TOP + 2 * PANEL_UNIT + ((int)count - 1) * below + PANEL_BELOW;
    if (!plot_file_begin(&file, picture, WIDTH, height)) return false;
    write_axes(file.script, picture);
    if (picture->log_x) write_log_axis(file.script, 'x', panels[0].series, panels[0].count);
    write_common_x(file.script, picture, panels, count);
    fprintf(file.script, "set multiplot\n");
    Place place = {.index = 0};
    double top = PANEL_TOP;
    for (size_t k = 0; k < count; k++) {
        const double bottom = top + (k == 0 ? 2 : 1) * PANEL_UNIT;
        write_panel(&file, &panels[k], top, bottom, k + 1 == count);
        place.style = any_name(panels[k].series, panels[k].count) ? 0 : BLACK;
        write_series(&file, panels[k].series, panels[k].count, place);
        fprintf(file.script, "\nunset label 1\n"); // the title is the first one's
        place.index += panels[k].count;
        top = bottom + PANEL_GAP;
    }
    fprintf(file.script, "unset multiplot\n");
    return plot_file_end(&file);
}

/* ---- fields ---------------------------------------------------------------------------------- */

/* The field as index 0 of the data, a row of points for each of its rows. Returns whether any value
 * is negative. */
static bool write_field(FILE *data, const Picture *p, const PlotField *field) {
    bool negative = false;
    begin_block(data, 0, "the field: x y value");
    for (size_t r = 0; r < field->rows; r++) {
        if (r > 0) fputc('\n', data);
        for (size_t c = 0; c < field->cols; c++) {
            const double value = (double)field->data[r * field->cols + c];
            negative = negative || value < 0;
            plot_number(data,
                        p->x_min + (p->x_max - p->x_min) * (double)c / (double)(field->cols - 1));
            plot_number(data,
                        p->y_min + (p->y_max - p->y_min) * (double)r / (double)(field->rows - 1));
            plot_number(data, value);
            fputc('\n', data);
        }
    }
    return negative;
}

/* Pale, so that what is drawn on top stands out: signed values in tints of the first two series'
 * colours, others from white to a light blue. */
static void write_field_colours(FILE *script, const Picture *p, bool negative) {
    fprintf(script, "set palette defined (%s)\n",
            negative ? "-1 '#8fbfe0', 0 '#ffffff', 1 '#f6d08f'" : "0 '#ffffff', 1 '#9fc3dd'");
    if (p->value_min < p->value_max)
        fprintf(script, "set cbrange [%.9g:%.9g]\n", p->value_min, p->value_max);
    fprintf(script, "%s\nset cblabel ", p->no_scale ? "unset colorbox" : "set colorbox");
    plot_quote(script, p->value_label);
    fputc('\n', script);
}

/* gnuplot finds the lines of equal value itself, and keeps them in a table named $levels. */
static void write_levels(const PlotFile *file, const PlotField *field) {
    if (field->level_count == 0) return;
    fprintf(file->script, "set contour\nunset surface\nset cntrparam levels discrete ");
    for (size_t i = 0; i < field->level_count; i++)
        fprintf(file->script, "%s%.9g", i > 0 ? ", " : "", field->levels[i]);
    fprintf(file->script, "\nset table $levels\nsplot '%s.dat' index 0\nunset table\n",
            file->picture->name);
}

bool plot_field(const Picture *picture, const PlotField *field, const PlotSeries *series,
                size_t count) {
    REQUIRE(field->rows > 1 && field->cols > 1 && picture->x_min < picture->x_max &&
                picture->y_min < picture->y_max,
            "%s: a field needs two rows, two columns and both ranges", picture->name);
    PlotFile file;
    if (!plot_file_begin(&file, picture, WIDTH, 560)) return false;
    write_axes(file.script, picture);
    write_key(file.script, field->groups || any_name(series, count));
    fprintf(file.script, "unset grid\n");
    write_field_colours(file.script, picture, write_field(file.data, picture, field));
    write_levels(&file, field);
    fprintf(file.script, "plot '%s.dat' index 0 using 1:2:3 with image", picture->name);
    if (field->level_count > 0)
        fprintf(file.script, ", \\\n     $levels using 1:2 with lines lw 1.5 lc rgb '#666666'");
    if (field->point_count > 0)
        write_points(&file, field->points, field->point_count, field->groups, field->group_count,
                     1);
    const size_t groups = field->group_count > 0 ? field->group_count : field->point_count > 0;
    write_series(&file, series, count, (Place){.index = 1 + groups, .begun = true});
    fputc('\n', file.script);
    return plot_file_end(&file);
}

/* ---- bars ------------------------------------------------------------------------------------ */

/* Turns the labels when one does not fit under its bars. `room` is what each has, in pixels. */
static void write_bar_labels(FILE *script, const char *const *labels, size_t count, double room) {
    bool fit = true;
    for (size_t l = 0; l < count; l++) fit = fit && plot_text_width(labels[l], 11) < room;
    fprintf(script, "set xtics scale 0 %s (", fit ? "norotate" : "rotate by 30 right");
    for (size_t l = 0; l < count; l++) {
        fputs(l > 0 ? ", " : "", script);
        plot_quote(script, labels[l]);
        fprintf(script, " %zu", l);
    }
    fprintf(script, ")\nset grid noxtics ytics\n");
}

/* One series: x, height, width and the text above of each of its bars. */
static void write_bars(FILE *data, const PlotSeries *series, size_t i, size_t series_count,
                       size_t label_count, int decimals) {
    // A group of bars takes 0.8 of the way to the next, a bar 0.94 of its part: gaps show what
    // belongs together.
    const double width = 0.8 / (double)series_count;
    begin_block(data, i, series->name);
    for (size_t l = 0; l < label_count; l++) {
        plot_number(data, (double)l - 0.4 + ((double)i + 0.5) * width);
        plot_number(data, (double)series->y[l]);
        plot_number(data, width * 0.94);
        fprintf(data, " %.*f\n", decimals < 0 ? 0 : decimals, (double)series->y[l]);
    }
}

bool plot_bars(const Picture *picture, const char *const *labels, size_t label_count,
               const PlotSeries *series, size_t count, int decimals) {
    REQUIRE(label_count > 0 && count > 0, "%s: nothing to plot", picture->name);
    PlotFile file;
    if (!plot_file_begin(&file, picture, WIDTH, HEIGHT)) return false;
    bool negative = false;
    for (size_t i = 0; i < count; i++)
        for (size_t l = 0; l < label_count; l++) negative = negative || series[i].y[l] < 0;
    // Bars stand on 0, or their lengths mean nothing; the picture may still ask for another range.
    if (!negative) fprintf(file.script, "set yrange [0:*]\n");
    write_axes(file.script, picture);
    write_key(file.script, any_name(series, count));
    write_bar_labels(file.script, labels, label_count, 0.8 * file.width / (double)label_count);
    fprintf(file.script,
            "set style fill solid 1 noborder\nset xrange [-0.6:%.9g]\n"
            "set xzeroaxis lt 1 lc rgb '#555555' lw 1\nset offsets 0,0,graph 0.08,%s\n",
            (double)label_count - 0.4, negative ? "graph 0.08" : "0");
    for (size_t i = 0; i < count; i++) {
        write_bars(file.data, &series[i], i, count, label_count, decimals);
        fprintf(file.script, "%s '%s.dat' index %zu using 1:2:3 with boxes ",
                i > 0 ? ", \\\n    " : "plot", picture->name, i);
        plot_style(file.script, i);
        fprintf(file.script, " title ");
        plot_quote(file.script, series[i].name);
        // The number stands above a positive bar and below a negative one, never inside, where its
        // colour might not show.
        for (int below = 0; below < 2 && decimals >= 0; below++)
            fprintf(file.script,
                    ", \\\n     '' index %zu using 1:($2 %s 0 ? $2 : NaN):4 with labels "
                    "center offset 0,%s font ',9' notitle",
                    i, below ? "<" : ">=", below ? "-0.6" : "0.6");
    }
    fputc('\n', file.script);
    return plot_file_end(&file);
}

/* ---- scatter --------------------------------------------------------------------------------- */

/* A rectangle in pixels, y downwards. */
typedef struct {
    double left, top, width, height;
} Box;

/* The area that two boxes share. */
static double overlap(const Box *a, const Box *b) {
    const double right = fmin(a->left + a->width, b->left + b->width);
    const double bottom = fmin(a->top + a->height, b->top + b->height);
    const double w = right - fmax(a->left, b->left), h = bottom - fmax(a->top, b->top);
    return w > 0 && h > 0 ? w * h : 0;
}

/* The plot's area in pixels and the ranges it shows. */
typedef struct {
    Box area;
    double x_min, x_max, y_min, y_max;
} Frame;

/* The marker of a point. */
static Box point_box(const Frame *f, const PlotPoint *p) {
    const double x = ((double)p->x - f->x_min) / (f->x_max - f->x_min);
    const double y = ((double)p->y - f->y_min) / (f->y_max - f->y_min);
    return (Box){f->area.left + x * f->area.width - 4, f->area.top + (1 - y) * f->area.height - 4,
                 8, 8};
}

/* The places a label may have around its point: right, left, above, below, and the four corners. */
enum { PLACES = 8 };
static const int across[PLACES] = {1, -1, 0, 0, 1, 1, -1, -1};
static const int down[PLACES] = {0, 0, -1, 1, -1, 1, -1, 1};

/* To the side, the label keeps clear of the marker; at a corner it may come nearer. */
static Box label_box(const Box *point, double width, int place) {
    const double x = point->left + 4, y = point->top + 4;
    const double reach = across[place] * (down[place] == 0 ? 9 : 5);
    return (Box){x + reach + (across[place] - 1) * width / 2,
                 y + down[place] * (ROW_HEIGHT * 0.5 + 6) - ROW_HEIGHT * 0.5, width, ROW_HEIGHT};
}

/* Finds the place where the label of point i covers least of the points, of the labels placed
 * before it, and of what lies outside the area, and stores its box. boxes: the points' first, then
 * the labels'. */
static int place_label(Box *boxes, size_t count, size_t i, double width, const Box *area) {
    int best = 0;
    double least = INFINITY;
    for (int place = 0; place < PLACES; place++) {
        const Box box = label_box(&boxes[i], width, place);
        // What sticks out of the area counts as covered.
        double covered = box.width * box.height - overlap(&box, area);
        for (size_t k = 0; k < count + i; k++) covered += overlap(&box, &boxes[k]);
        if (covered >= least) continue;
        least = covered;
        best = place;
        boxes[count + i] = box;
    }
    return best;
}

/* The area leaves room for axes, title and key; ranges not asked for hold all points and some air,
 * so that labels at the rim find a place. */
static Frame scatter_frame(const PlotFile *file, const PlotPoint *points, size_t count, bool key) {
    const Picture *p = file->picture;
    Frame f = {{70, p->title ? 44 : 14, file->width - (key ? 220 : 90), 0},
               p->x_min,
               p->x_max,
               p->y_min,
               p->y_max};
    // 60 pixels for the numbers and the label of the x axis.
    f.area.height = file->height - f.area.top - 60;
    double low[2] = {INFINITY, INFINITY}, high[2] = {-INFINITY, -INFINITY};
    for (size_t i = 0; i < count; i++) {
        const double at[2] = {(double)points[i].x, (double)points[i].y};
        for (int d = 0; d < 2; d++) {
            low[d] = fmin(low[d], at[d]);
            high[d] = fmax(high[d], at[d]);
        }
    }
    const double pad[2] = {(high[0] - low[0]) * 0.08 + 1e-9, (high[1] - low[1]) * 0.08 + 1e-9};
    if (!(f.x_min < f.x_max)) f.x_min = low[0] - pad[0], f.x_max = high[0] + pad[0];
    if (!(f.y_min < f.y_max)) f.y_min = low[1] - pad[1], f.y_max = high[1] + pad[1];
    return f;
}

/* Labels are placed one after the other, quadratic in their number: for hundreds, not thousands. */
static void write_labels(const PlotFile *file, const Frame *f, const PlotPoint *points,
                         size_t count) {
    Box *boxes = calloc(2 * count + 1, sizeof *boxes);
    if (!boxes) return; // a picture without labels is better than none
    for (size_t i = 0; i < count; i++) boxes[i] = point_box(f, &points[i]);
    for (size_t i = 0; i < count; i++) {
        if (!points[i].label) continue;
        const double width = plot_text_width(points[i].label, 10);
        const int side = across[place_label(boxes, count, i, width, &f->area)];
        const Box *box = &boxes[count + i];
        // The side of the point decides which end of the text is anchored, so that a width
        // estimated wrongly moves the label's far end only.
        fprintf(file->script, "set label ");
        plot_quote(file->script, points[i].label);
        fprintf(file->script, " at screen %.6f,%.6f %s font ',10' textcolor rgb '#333333'\n",
                (box->left + (1 - side) * box->width / 2) / file->width,
                1 - (box->top + box->height / 2) / file->height,
                side > 0   ? "left"
                : side < 0 ? "right"
                           : "center");
    }
    free(boxes);
}

bool plot_scatter(const Picture *picture, const PlotPoint *points, size_t count,
                  const char *const *groups, size_t group_count) {
    REQUIRE(count > 0, "%s: nothing to plot", picture->name);
    PlotFile file;
    if (!plot_file_begin(&file, picture, WIDTH, 640)) return false;
    const bool key = groups != NULL && group_count > 0;
    // The frame is fixed in pixels and gnuplot is told the same, or labels placed here would not
    // meet the points it draws.
    const Frame f = scatter_frame(&file, points, count, key);
    write_axes(file.script, picture);
    write_key(file.script, key);
    fprintf(file.script,
            "set xrange [%.9g:%.9g]\nset yrange [%.9g:%.9g]\n"
            "set lmargin at screen %.6f\nset rmargin at screen %.6f\n"
            "set tmargin at screen %.6f\nset bmargin at screen %.6f\n",
            f.x_min, f.x_max, f.y_min, f.y_max, f.area.left / file.width,
            (f.area.left + f.area.width) / file.width, 1 - f.area.top / file.height,
            1 - (f.area.top + f.area.height) / file.height);
    write_labels(&file, &f, points, count);
    write_points(&file, points, count, groups, group_count, 0);
    fputc('\n', file.script);
    return plot_file_end(&file);
}
