/* Boxes joined by arrows: what was computed from what. Everything is placed in pixels, y counted
 * from the top. */
#include "common/error.h"
#include "common/screen/plot_file.h"

enum { EDGE = 16, TITLE = 34, LINE = 17, PADDING = 9, GAP = 120, BETWEEN = 34 };

/* Where the boxes lie. All are of one size, so that columns and rows line up. */
typedef struct {
    double width, height; // of a box
    double top;           // of row 0's boxes; EDGE is column 0's left
} Layout;

static double wider(double width, const char *text, int points) {
    return text ? fmax(width, plot_text_width(text, points)) : width;
}

/* Lines of text that a box has, at most. */
static int lines_of(const PlotNode *node) {
    return (node->title != NULL) + (node->first != NULL) + (node->second != NULL);
}

static Layout make_layout(const Picture *picture, const PlotNode *nodes, size_t count) {
    Layout l = {.top = EDGE + (picture->title ? TITLE : 0)};
    int lines = 1;
    for (size_t i = 0; i < count; i++) {
        l.width = wider(l.width, nodes[i].title, 11);
        l.width = wider(l.width, nodes[i].first, 10);
        l.width = wider(l.width, nodes[i].second, 10);
        if (lines_of(&nodes[i]) > lines) lines = lines_of(&nodes[i]);
    }
    l.width += 2 * PADDING;
    l.height = lines * LINE + PADDING;
    return l;
}

/* The left edge and the middle of a box. */
static double left_of(const Layout *l, const PlotNode *node) {
    return EDGE + (double)node->column * (l->width + GAP);
}
static double middle_of(const Layout *l, const PlotNode *node) {
    return l->top + (double)node->row * (l->height + BETWEEN) + l->height / 2;
}

static void write_text(FILE *script, const char *text, double x, double y, const char *style) {
    fprintf(script, "set label ");
    plot_quote(script, text);
    fprintf(script, " at %.1f,%.1f %s front\n", x, y, style);
}

/* The box as a row of data, its centre and its sides, and its lines of text in the script. */
static void write_box(const PlotFile *file, const Layout *l, const PlotNode *node) {
    static const char *const style[3] = {"center font 'DejaVu Sans Bold,11'", "center font ',10'",
                                         "center font ',10' textcolor rgb '#b34700'"};
    const char *const text[3] = {node->title, node->first, node->second};
    const double left = left_of(l, node), middle = middle_of(l, node);
    fprintf(file->data, "%.1f %.1f %.1f %.1f %.1f %.1f\n", left + l->width / 2, middle, left,
            left + l->width, middle - l->height / 2, middle + l->height / 2);
    double y = middle - (lines_of(node) - 1) * LINE / 2.0;
    for (int i = 0; i < 3; i++) {
        if (!text[i]) continue;
        write_text(file->script, text[i], left + l->width / 2, y, style[i]);
        y += LINE;
    }
}

/* An arrow's text begins at its middle, above one that falls and below one that rises: the line
 * runs away from it. */
static void write_arrow(const PlotFile *file, const Layout *l, const PlotNode *nodes,
                        const PlotArrow *arrow) {
    const PlotNode *from = &nodes[arrow->from], *to = &nodes[arrow->to];
    const double x = left_of(l, from) + l->width, y = middle_of(l, from);
    const double dx = left_of(l, to) - x - 2, dy = middle_of(l, to) - y;
    fprintf(file->data, "%.1f %.1f %.1f %.1f\n", x, y, dx, dy);
    if (arrow->label)
        write_text(file->script, arrow->label, x + dx / 2, y + dy / 2 + (dy < 0 ? 10 : -10),
                   "left font ',9' textcolor rgb '#b34700'");
}

bool plot_graph(const Picture *picture, const PlotNode *nodes, size_t count,
                const PlotArrow *arrows, size_t arrow_count) {
    REQUIRE(count > 0, "%s: nothing to plot", picture->name);
    const Layout l = make_layout(picture, nodes, count);
    double right = picture->title ? plot_text_width(picture->title, 14) : 0, bottom = 0;
    for (size_t i = 0; i < count; i++) {
        right = fmax(right, left_of(&l, &nodes[i]) + l.width);
        bottom = fmax(bottom, middle_of(&l, &nodes[i]) + l.height / 2);
    }
    PlotFile file;
    if (!plot_file_begin(&file, picture, (int)right + EDGE, (int)bottom + EDGE)) return false;
    plot_file_pixels(&file);
    fprintf(file.data, "# index 0, arrows: x y dx dy\n");
    for (size_t i = 0; i < arrow_count; i++) {
        REQUIRE(arrows[i].from < count && arrows[i].to < count, "arrow %zu joins no boxes", i);
        write_arrow(&file, &l, nodes, &arrows[i]);
    }
    if (arrow_count == 0) fprintf(file.data, "NaN NaN NaN NaN\n");
    fprintf(file.data, "\n\n# index 1, boxes: x y left right top bottom\n");
    for (size_t i = 0; i < count; i++) write_box(&file, &l, &nodes[i]);
    fprintf(file.script,
            "plot '%s.dat' index 0 using 1:2:3:4 with vectors filled head size 10,18 fixed lw 1.5 "
            "lc rgb '#555555', \\\n"
            "     '' index 1 using 1:2:3:4:5:6 with boxxyerror fillstyle solid border lc rgb "
            "'#0072b2' fillcolor rgb '#eef4fa'\n",
            picture->name);
    return plot_file_end(&file);
}
