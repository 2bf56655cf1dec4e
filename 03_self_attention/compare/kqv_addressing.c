/* kqv_addressing.c - Yannic Kilcher, "Attention Is All You Need", at the end of the video: a key is
 * what a token exposes, a query is what it is after, and the softmax points from one to the other.
 * The pointer can lie in between, which is what lets it be learned.
 *
 * Beside: yannic - what he says of keys and queries at the end: a query turned from one key to
 *     another, and the answer with it
 */
#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>

enum { DEGREES = 91, LENGTHS = 4 };

/* Two keys at right angles, values 0 and 1: the output is the second key's weight. The query of
 * the given length turns from the first key to the second. */
static real point(double length, int degrees) {
    const double angle = degrees * 3.14159265358979 / 180;
    Tensor *q =
        TENSOR_FROM(((real[]){(real)(length * cos(angle)), (real)(length * sin(angle))}), 1, 2);
    Tensor *k = TENSOR_FROM(((real[]){1, 0, 0, 1}), 2, 2);                      // east, north
    Tensor *v = TENSOR_FROM(((real[]){0, 1}), 2, 1);                            // (2,1)
    return scaled_dot_product_attention(q, k, v, (Masks){0}, 0, NULL)->data[0]; // (1,1)
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"A query turning from one key to another: where the softmax points.",
                         "build/03_self_attention/kqv_addressing"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    static const double length[LENGTHS] = {1, 4, 16, 64};
    static const char *const name[LENGTHS] = {"|q| = 1", "|q| = 4", "|q| = 16", "|q| = 64"};
    static real degree[DEGREES], output[LENGTHS][DEGREES];
    PlotSeries lines[LENGTHS];

    lesson_step(&lesson, "Key A points east and holds 0, key B points north and holds 1");
    for (int n = 0; n < LENGTHS; n++) {
        for (int i = 0; i < DEGREES; i++) {
            degree[i] = (real)i;
            output[n][i] = point(length[n], i);
        }
        lines[n] = (PlotSeries){.name = name[n], .x = degree, .y = output[n], .count = DEGREES};
        printf("  %-8s  at  0 %.4f  30 %.4f  45 %.4f  60 %.4f  90 %.4f\n", name[n],
               (double)output[n][0], (double)output[n][30], (double)output[n][45],
               (double)output[n][60], (double)output[n][90]);
    }
    printf("A long query switches, a short one blends. In between the output has a slope,\n"
           "down which training turns the query to the key it should have asked for.\n");
    const Picture picture = {.name = "kqv_addressing",
                             .directory = lesson.common.out,
                             .title = "The query's direction says which key, its length how surely",
                             .caption =
                                 "each curve is a soft switch; a query twice as long has the "
                                 "steeper one, and where a curve is flat nothing is learned",
                             .x_label = "direction of the query: degrees from key A to key B",
                             .y_label = "output (0: value of A, 1: value of B)"};
    plot_lines(&picture, lines, LENGTHS);

    lesson_step(&lesson, "What must hold");
    compare_claim(&comparison, "half-way between the keys: one half, however long the query",
                  fabs((double)output[0][45] - .5) < 1e-6 &&
                      fabs((double)output[3][45] - .5) < 1e-5);
    compare_claim(&comparison, "A's share at 30 degrees is B's at 60",
                  fabs(1 - (double)output[1][30] - (double)output[1][60]) < 1e-6);
    compare_claim(&comparison, "a query of length 64 on key B gets B's value, to 1e-6",
                  fabs((double)output[3][90] - 1) < 1e-6);
    return lesson_end(&lesson, compare_end(&comparison));
}
