/* sqrt_d.c - Ark's question, and footnote 4 of the paper's section 3.2.1: why are the scores
 * divided by sqrt(d)?
 *
 * Measured over random queries and keys, with and without: the variance of a score, the largest of
 * the softmax's weights, and how much of a gradient gets back through the softmax.
 *
 * Beside: ark; paper 3.2.1; karpathy 1:16:56 - variance d without the division, 1 with it, for d
 *     from 1 to 1024; and what the softmax makes of it
 * Beside: mody Scaling; bloem 2) Scaling the dot product; annotated Attention - the largest of
 *     eight weights, and the gradient that is left
 */
#include "03_self_attention/lab/saturation.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>

enum { SIZES = 11, DRAWS = 4000 }; // d = 1, 2, 4, ..., 1024

static real size[SIZES], largest[2][SIZES], gradient[2][SIZES];
static double variance[2][SIZES];

static void measure(uint64_t seed) {
    for (int i = 0; i < SIZES; i++) {
        size[i] = (real)(1 << i);
        for (int scaled = 0; scaled < 2; scaled++) {
            Random random; // the same queries and keys for both
            random_seed(&random, seed + (uint64_t)i);
            const Saturation mean = saturation_measure(1 << i, scaled, DRAWS, &random);
            variance[scaled][i] = mean.variance;
            largest[scaled][i] = (real)mean.largest;
            gradient[scaled][i] = (real)mean.gradient;
        }
    }
}

static void draw(const CommonOptions *common) {
    const PlotSeries weights[] = {
        {.name = "not divided", .x = size, .y = largest[0], .count = SIZES, .points = true},
        {.name = "divided by sqrt(d)", .x = size, .y = largest[1], .count = SIZES, .points = true}};
    const PlotSeries gradients[] = {
        {.name = "not divided", .x = size, .y = gradient[0], .count = SIZES, .points = true},
        {.name = "divided by sqrt(d)",
         .x = size,
         .y = gradient[1],
         .count = SIZES,
         .points = true}};
    Picture picture = {.name = "sqrt_d_weight",
                       .directory = common->out,
                       .title = "The largest of 8 softmax weights, random q and k",
                       .caption =
                           "without the root, longer vectors make the softmax sure of itself "
                           "before it has learned anything",
                       .x_label = "d, the length of queries and keys",
                       .y_label = "largest weight (mean)",
                       .log_x = true,
                       .x_min = 1,
                       .x_max = 1024,
                       .y_min = 0,
                       .y_max = 1};
    plot_lines(&picture, weights, 2);
    picture.name = "sqrt_d_gradient";
    picture.title = "What comes back through the softmax";
    picture.caption =
        "and a softmax that is sure passes no gradient back: it cannot change its mind";
    picture.y_label = "norm of the softmax's derivative (mean)";
    picture.y_max = .5;
    plot_lines(&picture, gradients, 2);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Why the scores are divided by sqrt(d): variance, weights, gradient.",
                         "build/03_self_attention/sqrt_d"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Comparison comparison = {0};
    measure((uint64_t)lesson.common.seed);

    lesson_step(&lesson, "One random query, 8 random keys, entries from N(0,1)");
    printf("Variance: of the scores; largest: of the eight weights; gradient: the size of the\n"
           "softmax's derivative. Means of many draws.\n\n"
           "             not divided                  divided by sqrt(d)\n"
           "     d   variance  largest  gradient    variance  largest  gradient\n");
    for (int i = 0; i < SIZES; i++)
        printf("  %4d  %9.2f  %7.3f  %8.3f    %8.3f  %7.3f  %8.3f\n", 1 << i, variance[0][i],
               (double)largest[0][i], (double)gradient[0][i], variance[1][i], (double)largest[1][i],
               (double)gradient[1][i]);
    printf("A score is a sum of d products of variance 1, so its variance is d; a thousand\n"
           "products differ from key to key by some 32, and e^32 ends all competition.\n");
    draw(&lesson.common);

    lesson_step(&lesson, "The paper's claim: variance d without the division, 1 with it");
    for (int i = 0; i < SIZES; i += 2) {
        char label[64];
        snprintf(label, sizeof label, "variance / d at d = %d", 1 << i);
        compare_value(&comparison, label, 1, variance[0][i] / (1 << i), 3, .1);
    }
    compare_value(&comparison, "divided, at d = 1024", 1, variance[1][SIZES - 1], 3, .1);
    return lesson_end(&lesson, compare_end(&comparison));
}
