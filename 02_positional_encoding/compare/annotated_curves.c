/* annotated_curves.c - The Annotated Transformer, "Positional Encoding": the chart of dimensions 4
 * to 7 of a 20-dimensional encoding over 100 positions.
 *
 * Beside: annotated Positional Encoding - its chart of dimensions 4 to 7: 0.1578 0.9875 0.0631
 *     0.9980 at place 1
 */
#include "02_positional_encoding/sinusoid.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>

enum { POSITIONS = 100, D_MODEL = 20, FIRST = 4, SHOWN = 4 };

static void draw(const char *directory, const real *table) {
    const char *const name[SHOWN] = {"dimension 4", "dimension 5", "dimension 6", "dimension 7"};
    real curve[SHOWN][POSITIONS];
    PlotSeries series[SHOWN];
    for (int s = 0; s < SHOWN; s++) {
        // A curve is a column of the table: one dimension at all positions.
        for (int t = 0; t < POSITIONS; t++) curve[s][t] = table[t * D_MODEL + FIRST + s];
        series[s] = (PlotSeries){.name = name[s], .y = curve[s], .count = POSITIONS};
    }
    plot_lines(
        &(Picture){
            .name = "annotated_curves",
            .directory = directory,
            .title = "PE, d_model 20, dimensions 4 to 7",
            .caption = "4 and 5 swing together, a quarter turn apart; so do 6 and 7, more slowly.",
            .x_label = "position",
        },
        series, SHOWN);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The four curves of the Annotated Transformer's positional encoding.",
                         "build/02_positional_encoding/annotated_curves"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    real table[POSITIONS * D_MODEL]; // (100,20)
    sinusoid_table(table, 0, POSITIONS, D_MODEL);

    puts("PositionalEncoding(20, 0), dimensions 4 5 6 7 over 100 positions. The chart has\n"
         "no numbers; these are its points at positions 1 and 10 as NumPy computes them:\n");
    const double at_1[] = {0.1578, 0.9875, 0.0631, 0.9980};
    const double at_10[] = {0.9999, -0.0141, 0.5899, 0.8075};
    compare_row(&comparison, "position 1", at_1, table + 1 * D_MODEL + FIRST, SHOWN, 4, 0.000051);
    compare_row(&comparison, "position 10", at_10, table + 10 * D_MODEL + FIRST, SHOWN, 4,
                0.000051);

    puts("\nTwo clocks. Dimensions 4 and 5 are the hands of one, a quarter turn apart, and\n"
         "6 and 7 those of the next, slower by the factor that lies between any two pairs.");
    for (int i = FIRST / 2; i < (FIRST + SHOWN) / 2; i++)
        printf("  dimensions %d, %d: one turn takes %.1f positions\n", 2 * i, 2 * i + 1,
               8 * atan(1) * pow(10000, 2.0 * i / D_MODEL));
    puts("");
    draw(lesson.common.out, table);
    return lesson_end(&lesson, compare_end(&comparison));
}
