/* plot.h - pictures through gnuplot: lines, heat-maps and grids of them, labelled points, bars,
 * words joined by lines, fields over a plane, boxes joined by arrows.
 *
 * Every picture leaves three files in its folder: NAME.png, the script NAME.gp that drew it and
 * the numbers NAME.dat, so that a learner can change either and run `gnuplot NAME.gp` there. The
 * same input gives the same bytes with the same gnuplot and fonts.
 *
 * One look for all. Heat-maps go from pale yellow to dark blue, dark being large in grey too, and
 * through white from blue (negative) to orange when values are signed; cells that are not finite
 * (masked) are hatched. Lines differ in colour, all told apart by colour-blind readers, and in
 * dashes. A caption says what to look at; it is printed on stdout once the picture is there:
 *
 *     figure build/figures/positions.png: each row is one position ...
 *
 * Pictures are never worth a run: the functions return whether there is one now. A missing gnuplot
 * costs one warning line on stderr, and scripts and data are still written.
 */
#ifndef COMMON_PLOT_H
#define COMMON_PLOT_H

#include "common/real.h"

#include <stdbool.h>
#include <stddef.h>

/* What every picture has. All texts are UTF-8; NULL leaves one out. */
typedef struct {
    const char *name;      // of the files, without ending; the only text that is required
    const char *directory; // NULL: build/figures; made as needed
    const char *title;
    const char *caption; // a sentence saying what to look at
    const char *x_label, *y_label;
    const char *value_label;           // of a heat-map's colours
    int width, height;                 // pixels; 0: chosen to suit
    bool log_x, log_y;                 // lines only
    double x_min, x_max, y_min, y_max; // min == max: from the data
    double value_min, value_max;       // a heat-map's colours; equal: from the data, 0 included
    bool no_scale;                     // a heat-map of yes and no, whose colours need no numbers
    bool live;                         // drawn beside the program (plot_live_ready)
} Picture;

/* A line, its points joined in the order given. x NULL: 0, 1, 2, ... Gaps where not finite. */
typedef struct {
    const char *name; // in the key; there is none if all are NULL
    const real *x, *y;
    size_t count;
    bool points; // marks each value as well
} PlotSeries;

/* A (rows,cols) heat-map, row 0 at the top. NULL labels: numbers from 0. */
typedef struct {
    const char *title;
    const real *data;
    size_t rows, cols;
    const char *const *row_labels, *const *col_labels;
} PlotMap;

typedef struct {
    real x, y;
    const char *label; // NULL: none
    int group;         // its colour and shape, from 0
} PlotPoint;

/* Values over the plane that the picture's ranges span: row 0 of data (rows,cols) at y_min, column
 * 0 at x_min, the last ones at y_max and x_max. */
typedef struct {
    const real *data;
    size_t rows, cols;
    const double *levels; // a line is drawn where the value is one of these
    size_t level_count;
    const PlotPoint *points; // marked on top; their labels are not used
    size_t point_count;
    const char *const *groups; // the points' groups in the key
    size_t group_count;
} PlotField;

/* A box of a graph: its lines of text, in a place of a grid whose columns run to the right and
 * whose rows run down; both may lie between two places. NULL texts are left out. */
typedef struct {
    const char *title, *first, *second; // bold; plain; coloured, as what flows against the arrows
    real column, row;
} PlotNode;

/* From one box's right side to another's left side, with a text beside it. */
typedef struct {
    size_t from, to;
    const char *label; // NULL: none
} PlotArrow;

bool plot_lines(const Picture *picture, const PlotSeries *series, size_t count);

/* The field in pale colours, its points and the series on top. */
bool plot_field(const Picture *picture, const PlotField *field, const PlotSeries *series,
                size_t count);

/* decimals >= 0 also prints the value into every cell that is large enough. */
bool plot_heatmap(const Picture *picture, const PlotMap *map, int decimals);

/* Several heat-maps, per_row beside each other, all of one shape and sharing one colour scale. */
bool plot_heatmap_grid(const Picture *picture, const PlotMap *maps, size_t count, size_t per_row,
                       int decimals);

/* Points with labels beside them, moved out of each other's way. groups names the group_count
 * groups in the key; NULL: no key. */
bool plot_scatter(const Picture *picture, const PlotPoint *points, size_t count,
                  const char *const *groups, size_t group_count);

/* Bars from 0, side by side: for each of the labels one bar of every series, whose y has
 * label_count values; x is not used. decimals >= 0 prints the value above each bar. */
bool plot_bars(const Picture *picture, const char *const *labels, size_t label_count,
               const PlotSeries *series, size_t count, int decimals);

/* Two columns of words, row_labels and col_labels, with a line from each to each: the larger the
 * weight, from 0 to 1, the darker and thicker. One panel for each map, all of one shape. */
bool plot_links(const Picture *picture, const PlotMap *maps, size_t count);

/* Boxes joined by arrows. */
bool plot_graph(const Picture *picture, const PlotNode *nodes, size_t count,
                const PlotArrow *arrows, size_t arrow_count);

/* Several plots above each other over one x axis, the first twice as high as each of the others. */
typedef struct {
    const char *y_label;
    bool log_y;
    const PlotSeries *series;
    size_t count;
} PlotPanel;

/* The picture's log_x holds for all panels; its y_label, log_y and y range for none. */
bool plot_panels(const Picture *picture, const PlotPanel *panels, size_t count);

/* Whether a live picture may be drawn now. Of something that goes on, a training, a picture may be
 * made again and again: with Picture.live gnuplot draws while the program goes on, and nobody waits
 * for it. When it is done, the new picture takes the old one's place, whole, at the next call of
 * this; no caption is printed, and the function that draws returns false. Ready is what has not one
 * under way, and has let a hundred times as long pass as the last one took: so pictures take a
 * hundredth of the time at most. Costs nothing worth mentioning: it may be asked at every step. */
bool plot_live_ready(void);

/* From here on no picture is drawn and no file written (--no-plots). */
void plot_disable(void);

/* Whether a picture of that name may be written in a folder: nothing of the name is there, or it is
 * one that we have written. Files of the user's are never touched. */
bool plot_may_write(const char *directory, const char *name);

#endif
