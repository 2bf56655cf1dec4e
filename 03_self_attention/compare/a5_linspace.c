/* a5_linspace.c - Justin Johnson's course (EECS 498-007), assignment 5, which goes with lecture 13:
 * the outputs that its notebook expects from attention over evenly spaced numbers, for one
 * sentence, for two at once, and through a layer with its three projections.
 *
 * Beside: johnson Assignment 5 - the three matrices its notebook expects, beginning with 0.08283
 *     0.14073 0.19862 0.25652
 */
#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

/* torch.linspace(from, to, n) under a shape, in double and then narrowed. */
static Tensor *linspace(double from, double to, int ndim, const int *shape) {
    Tensor *x = tensor_new(ndim, shape, false);
    for (size_t i = 0; i < x->size; i++)
        x->data[i] = (real)(from + (to - from) * (double)i / (double)(x->size - 1));
    return x;
}
#define LINSPACE(from, to, ...) linspace(from, to, NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))

static const double SINGLE[5 * 4] = {.08283, .14073, .19862, .25652, .13518, .19308, .25097,
                                     .30887, .18848, .24637, .30427, .36216, .24091, .29881,
                                     .35670, .41460, .29081, .34871, .40660, .46450};
static const double BATCH[2 * 5 * 4] = {
    -.09603, -.06782, -.03962, -.01141, -.08991, -.06170, -.03350, -.00529, -.08376, -.05556,
    -.02735, .00085,  -.07760, -.04939, -.02119, .00702,  -.07143, -.04322, -.01502, .01319,
    .49884,  .52705,  .55525,  .58346,  .50499,  .53319,  .56140,  .58960,  .51111,  .53931,
    .56752,  .59572,  .51718,  .54539,  .57359,  .60180,  .52321,  .55141,  .57962,  .60782};
static const double LAYER[2 * 4 * 4] = {
    -1.10382, -.37219,  .35944,  1.09108, -1.45792, -.50067,  .45658,  1.41384,
    -1.74349, -.60428,  .53493,  1.67414, -1.92584, -.67044,  .58495,  1.84035,
    -4.59671, -1.63952, 1.31767, 4.27486, -4.65586, -1.66098, 1.33390, 4.32877,
    -4.69005, -1.67339, 1.34328, 4.35994, -4.71039, -1.68077, 1.34886, 4.37848};

/* The assignment's SelfAttention: three linear layers with every weight and bias a linspace, 4 in
 * and 4 out, then attention. */
static Tensor *self_attention_layer(Tensor *query, Tensor *key, Tensor *value) {
    Tensor *weight = LINSPACE(-1.4, 1.3, 4, 4), *bias = LINSPACE(-1.4, 1.3, 4); // (4,4), (4)
    return scaled_dot_product_attention(op_linear(query, weight, bias),
                                        op_linear(key, weight, bias),
                                        op_linear(value, weight, bias), (Masks){0}, 0, NULL);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The attention outputs that assignment 5 of Johnson's course expects.",
                         "build/03_self_attention/a5_linspace"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};

    lesson_step(&lesson, "One sentence of 5 words: Q, K, V (5,4)");
    // (5,4): a row for each word.
    Tensor *y = scaled_dot_product_attention(LINSPACE(-.4, .6, 5, 4), LINSPACE(-.8, .5, 5, 4),
                                             LINSPACE(-.3, .8, 5, 4), (Masks){0}, 0, NULL);
    compare_matrix(&comparison, "word", SINGLE, y->data, 5, 4, 5, 6e-6);

    lesson_step(&lesson, "Two sentences at once: Q, K, V (2,5,4); rows 0 to 4 are the first");
    // (2,5,4)
    y = scaled_dot_product_attention(LINSPACE(-.4, .6, 2, 5, 4), LINSPACE(-.8, .5, 2, 5, 4),
                                     LINSPACE(-.3, .8, 2, 5, 4), (Masks){0}, 0, NULL);
    compare_matrix(&comparison, "row", BATCH, y->data, 10, 4, 5, 6e-6);

    lesson_step(&lesson, "The layer with its three projections, all weights a linspace: (2,4,4)");
    // (2,4,4)
    y = self_attention_layer(LINSPACE(-.4, .6, 2, 4, 4), LINSPACE(-.8, .5, 2, 4, 4),
                             LINSPACE(-.3, .8, 2, 4, 4));
    compare_matrix(&comparison, "row", LAYER, y->data, 8, 4, 5, 1.2e-5);
    printf("\nEach row is the one before moved a little: evenly spaced inputs leave attention\n"
           "little to choose from. A wrong scale or a swapped Q and K still shows here.\n");
    return lesson_end(&lesson, compare_end(&comparison));
}
