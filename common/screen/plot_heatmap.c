/* Heat-maps, alone and in grids. All sizes are computed here in pixels, so that cells are whole
 * pixels, numbers fit into them, and one colour scale stands beside the grid. */
#include "common/screen/plot.h"

#include "common/error.h"
#include "common/screen/plot_file.h"

/* Pixels that each part outside the cells takes. */
enum { TITLE = 34, MAP_TITLE = 24, AXIS_LABEL = 24, SCALE = 96, GAP = 14, EDGE = 14, LINE = 16 };

/* Where everything lies, in pixels from the top left corner. */
typedef struct {
    double cell_w, cell_h; // one cell
    double left, top;      // of the first map
    double step_x, step_y; // from one map to the next
    double right, bottom;  // room for the scale; for column labels and x_label
    int turn;              // degrees that column labels are turned by, for lack of room
    size_t per_row, grid_rows;
    double low, high; // values at the ends of the scale
    int decimals;     // of the numbers in the cells; negative: none
} Layout;

/* Light to dark for values from 0 up, lightness falling evenly (yellow, green, blue). */
static const char *const sequential[] = {"#fffde0", "#e6f4b6", "#bfe3b4", "#82cbbb", "#48aec2",
                                         "#2a87b9", "#285ba3", "#21307f", "#0c1445"};
/* Through white for signed values: blue is negative, orange positive. Orange stays half as dark as
 * blue, so that in grey the darkest cells are still told to be the negative ones. */
static const char *const diverging[] = {"#06245c", "#1f5fa8", "#5d97cb", "#b3cfe6", "#fbfbfb",
                                        "#fde0bd", "#fbc284", "#f5a245", "#e67f00"};

/* The room that the labels of an axis need, in pixels. */
static double label_widest(const char *const *labels, size_t count) {
    if (!labels) return 32; // numbers
    double widest = 0;
    for (size_t i = 0; i < count; i++) widest = fmax(widest, plot_text_width(labels[i], 10));
    return widest;
}

/* The scale's ends: as asked for, or 0 to the largest value, or as far below 0 as above. */
static void set_range(Layout *l, const Picture *picture, const PlotMap *maps, size_t count) {
    l->low = picture->value_min, l->high = picture->value_max;
    if (l->low < l->high) return;
    double low = 0, high = 0;
    for (size_t m = 0; m < count; m++) {
        for (size_t i = 0; i < maps[m].rows * maps[m].cols; i++) {
            const double value = (double)maps[m].data[i];
            if (!isfinite(value)) continue;
            low = fmin(low, value);
            high = fmax(high, value);
        }
    }
    // A scale that is not symmetric would put white, which reads as "nothing", at some value other
    // than 0.
    if (low < 0) high = fmax(high, -low), low = -high;
    l->low = low, l->high = high > low ? high : low + 1;
}

/* The side of a cell: as large as `room` pixels for all of them allow, but no giants; a whole
 * number of pixels unless there are more cells than pixels. */
static double cell_side(double room, size_t count, double largest) {
    const double side = fmin(room / (double)count, largest);
    return side >= 2 ? floor(side) : side;
}

/* Turns column labels that do not fit side by side, and gives them room below. */
static void set_turn(Layout *l, const PlotMap *map) {
    const double label = label_widest(map->col_labels, map->cols);
    l->turn = !map->col_labels || label + 6 < l->cell_w ? 0 : l->cell_w < 20 ? 90 : 45;
    l->bottom = l->turn == 90 ? label : l->turn == 45 ? label * 0.71 + 6 : 10;
}

/* From the outside to the inside: what labels, titles and scale take is subtracted, the cells share
 * the rest, and then the picture shrinks to what they use. */
static Layout make_layout(const Picture *picture, const PlotMap *maps, size_t count, size_t per_row,
                          int decimals) {
    const PlotMap *map = &maps[0];
    Layout l = {.per_row = per_row, .grid_rows = (count + per_row - 1) / per_row};
    set_range(&l, picture, maps, count);
    const double row_label = label_widest(map->row_labels, map->rows);
    bool titles = false;
    for (size_t m = 0; m < count; m++) titles = titles || maps[m].title;

    l.left = EDGE + row_label + 8 + (picture->y_label ? AXIS_LABEL : 0);
    l.top = EDGE + (picture->title ? TITLE : 0) + (titles ? MAP_TITLE : 0);
    l.right = picture->no_scale ? EDGE : SCALE + (picture->value_label ? AXIS_LABEL : 0);
    const double gap_y = GAP + (titles ? MAP_TITLE : 0);
    const double width = picture->width > 0 ? picture->width : count == 1 ? 860 : 960;
    const double height = picture->height > 0 ? picture->height : count == 1 ? 680 : 720;
    const double room_w = width - l.left - l.right - (double)(per_row - 1) * GAP;
    const double room_h = height - l.top - 60 - (double)(l.grid_rows - 1) * gap_y;
    l.cell_w = cell_side(room_w / (double)per_row, map->cols, 56);
    l.cell_h = cell_side(room_h / (double)l.grid_rows, map->rows, 56);
    // Square cells while one can see them as such; the more there are, the less it matters.
    const size_t longest = map->rows > map->cols ? map->rows : map->cols;
    const double stretch = longest > 300 ? 8 : longest > 40 ? 2 : 1;
    l.cell_h = fmin(l.cell_h, stretch * l.cell_w);
    l.cell_w = fmin(l.cell_w, stretch * l.cell_h);
    set_turn(&l, map);
    l.bottom += LINE + EDGE + (picture->x_label ? AXIS_LABEL : 0);
    // All maps have the first one's shape, so one step fits all.
    l.step_x = l.cell_w * (double)map->cols + GAP;
    l.step_y = l.cell_h * (double)map->rows + gap_y;
    // Numbers that do not fit are left out: half a number is worse than a colour. A minus needs its
    // room even where the largest value is positive.
    const int digits =
        snprintf(NULL, 0, "%.*f", decimals < 0 ? 0 : decimals, fmax(-l.low, l.high)) + (l.low < 0);
    l.decimals = digits * 7.0 + 4 <= l.cell_w && l.cell_h >= 14 ? decimals : -1;
    return l;
}

/* ---- the script ------------------------------------------------------------------------------ */

/* Signed values get the diverging colours; the layout made their range symmetric, so white is 0. */
static void write_palette(FILE *script, const Layout *l) {
    const char *const *colours = l->low < 0 ? diverging : sequential;
    fprintf(script, "set palette defined (");
    for (int i = 0; i < 9; i++) fprintf(script, "%s%d '%s'", i > 0 ? ", " : "", i, colours[i]);
    fprintf(script, ")\nset cbrange [%.9g:%.9g]\n", l->low, l->high);
}

/* The scale, as high as the grid but not endless, right of it. */
static void write_scale(const PlotFile *file, const Layout *l, double grid_w, double grid_h) {
    const double height = fmin(grid_h, 320), top = l->top + (grid_h - height) / 2;
    fprintf(file->script,
            "set colorbox user origin screen %.6f,%.6f size screen %.6f,%.6f noborder\n"
            "set cbtics scale 0.5 font ',10' ",
            (l->left + grid_w + GAP + 2) / file->width, 1 - (top + height) / file->height,
            16.0 / file->width, height / file->height);
    if (height < 120) // no room for more than the ends
        fprintf(file->script, "(%.4g, %.4g)", l->low, l->high);
    fprintf(file->script, "\nset cblabel ");
    plot_quote(file->script, file->picture->value_label);
    fputc('\n', file->script);
}

/* The labels of one axis at 0, 1, 2, ...; empty ones where this map's neighbour carries them. */
static void write_tics(FILE *script, char axis, const char *const *labels, size_t count, bool shown,
                       const char *style) {
    // Above 16 unnamed rows gnuplot chooses which numbers to show; names are all shown, whatever it
    // takes.
    fprintf(script, "set %ctics scale 0 offset 0,0 font ',10' ", axis);
    if (!shown) {
        fprintf(script, "format '' autofreq\n");
    } else if (!labels && count > 16) {
        fprintf(script, "format '%%g' norotate autofreq\n");
    } else {
        fprintf(script, "%s (", style);
        for (size_t i = 0; i < count; i++) {
            fputs(i > 0 ? ", " : "", script);
            char number[24];
            snprintf(number, sizeof number, "%zu", i);
            plot_quote(script, labels ? labels[i] : number);
            fprintf(script, " %zu", i);
        }
        fprintf(script, ")\n");
    }
}

/* Text at a place in pixels. Labels of gnuplot are numbered, to be taken away or replaced later. */
static void write_label(const PlotFile *file, int tag, const char *text, double x, double y,
                        const char *style) {
    if (!text) return;
    fprintf(file->script, "set label %d ", tag);
    plot_quote(file->script, text);
    fprintf(file->script, " at screen %.6f,%.6f %s\n", x / file->width, 1 - y / file->height,
            style);
}

/* One map: its place, labels and cells. Small cells are drawn as an image, larger ones one by one
 * with a thin white border; what is not drawn (masked) leaves the hatched ground visible. */
static void write_map(const PlotFile *file, const Layout *l, const PlotMap *map, size_t m,
                      size_t count) {
    FILE *s = file->script;
    const double left = l->left + (double)(m % l->per_row) * l->step_x;
    const double top = l->top + (double)(m / l->per_row) * l->step_y;
    const double w = l->cell_w * (double)map->cols, h = l->cell_h * (double)map->rows;
    fprintf(s,
            "set lmargin at screen %.6f\nset rmargin at screen %.6f\n"
            "set tmargin at screen %.6f\nset bmargin at screen %.6f\n"
            "set xrange [-0.5:%zu.5]\nset yrange [%zu.5:-0.5]\n",
            left / file->width, (left + w) / file->width, 1 - top / file->height,
            1 - (top + h) / file->height, map->cols - 1, map->rows - 1);
    write_label(file, 2, map->title, left, top - 11, "left font ',11'");
    write_tics(s, 'x', map->col_labels, map->cols, m + l->per_row >= count,
               l->turn == 90   ? "rotate by 90 right"
               : l->turn == 45 ? "rotate by 45 right"
                               : "norotate center");
    write_tics(s, 'y', map->row_labels, map->rows, m % l->per_row == 0, "");
    const bool large = l->cell_w >= 12 && l->cell_h >= 12 && map->rows <= 24 && map->cols <= 24;
    fprintf(s, "plot '%s.dat' index %zu using ", file->picture->name, m);
    // A comparison with itself fails for NaN, and a point at NaN is not drawn.
    if (large)
        fprintf(s, "($3==$3?$2:NaN):1:($2-0.5):($2+0.5):($1-0.5):($1+0.5):3 with boxxyerror "
                   "fillstyle solid border lc rgb 'white' fillcolor palette");
    else
        fprintf(s, "2:1:3 with image");
    if (l->decimals >= 0)
        fprintf(s, ", \\\n     '' index %zu using 2:1:4:5 with labels font ',9' tc rgb variable",
                m);
    fputc('\n', s);
    if (map->title) fprintf(s, "unset label 2\n");
}

/* ---- the data -------------------------------------------------------------------------------- */

/* Rows of: row, column, value, the value as printed in the cell, the colour of that print. */
static void write_cells(FILE *data, const Layout *l, const PlotMap *map, size_t m) {
    fprintf(data, "%s# index %zu: row column value", m > 0 ? "\n\n" : "", m);
    fprintf(data, "%s\n", l->decimals >= 0 ? " text colour" : "");
    for (size_t r = 0; r < map->rows; r++) {
        for (size_t c = 0; c < map->cols; c++) {
            const double value = (double)map->data[r * map->cols + c];
            fprintf(data, "%zu %zu", r, c);
            plot_number(data, value);
            if (l->decimals >= 0 && isfinite(value)) {
                const double share = (value - l->low) / (l->high - l->low);
                // White print from where the cell is dark enough for it: the blue end of signed
                // maps, the upper half of others; orange is always light enough for black.
                const bool dark = l->low < 0 ? share < 0.2 : share > 0.5;
                fprintf(data, " %.*f %d", l->decimals, value, dark ? 0xffffff : 0x222222);
            } else if (l->decimals >= 0) {
                fprintf(data, " ? ?");
            }
            fputc('\n', data);
        }
    }
}

/* gnuplot's multiplot draws one map after the other into one picture. Title and axis labels belong
 * to the first, so that they are drawn once; the scale stands beside the last. */
bool plot_heatmap_grid(const Picture *picture, const PlotMap *maps, size_t count, size_t per_row,
                       int decimals) {
    REQUIRE(count > 0 && per_row > 0 && maps[0].rows > 0 && maps[0].cols > 0, "%s: nothing to plot",
            picture->name);
    for (size_t m = 1; m < count; m++)
        REQUIRE(maps[m].rows == maps[0].rows && maps[m].cols == maps[0].cols,
                "map %zu has another shape than map 0", m);
    // A grid with fewer maps than a row has places is as wide as it has maps.
    const size_t across = per_row < count ? per_row : count;
    const Layout l = make_layout(picture, maps, count, across, decimals);
    const double grid_w = l.step_x * (double)across - GAP;
    const double grid_h =
        l.step_y * (double)l.grid_rows - (l.step_y - l.cell_h * (double)maps[0].rows);
    const double title_w = picture->title ? plot_text_width(picture->title, 14) : 0;
    PlotFile file;
    if (!plot_file_begin(&file, picture, (int)(l.left + fmax(grid_w + l.right, title_w)),
                         (int)(l.top + grid_h + l.bottom)))
        return false;
    fprintf(file.script, "unset grid\nset border 0\n"
                         "set object 1 rectangle from graph 0,0 to graph 1,1 behind "
                         "fillstyle pattern 4 noborder fillcolor rgb '#bbbbbb'\n");
    write_palette(file.script, &l);
    fprintf(file.script, "unset colorbox\nset multiplot\n");
    write_label(&file, 1, picture->title, l.left, EDGE + 8, "left font 'DejaVu Sans Bold,12'");
    write_label(&file, 3, picture->x_label, l.left + grid_w / 2, file.height - EDGE - 2, "center");
    write_label(&file, 4, picture->y_label, EDGE + 4, l.top + grid_h / 2, "center rotate by 90");
    for (size_t m = 0; m < count; m++) {
        if (m + 1 == count && !picture->no_scale) write_scale(&file, &l, grid_w, grid_h);
        write_map(&file, &l, &maps[m], m, count);
        if (m == 0) fprintf(file.script, "unset label 1\nunset label 3\nunset label 4\n");
        write_cells(file.data, &l, &maps[m], m);
    }
    fprintf(file.script, "unset multiplot\n");
    return plot_file_end(&file);
}

bool plot_heatmap(const Picture *picture, const PlotMap *map, int decimals) {
    return plot_heatmap_grid(picture, map, 1, 1, decimals);
}
