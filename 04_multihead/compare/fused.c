/* fused.c - No resource shows this: the fused operation against chapter 3's attention composed over
 * heads (the paper, section 3.2.2). The same numbers and the same gradients; memory and time
 * against the length of the sentence.
 *
 * Beside: karpathy 1:46:22; karpathy EX1; bloem In Pytorch: complete self-attention - all heads at
 *     once, none split or moved: the same numbers in less memory
 * Beside: bloem Going big - where the memory goes, by the length of the sentence
 */
#include "04_multihead/lab/attention_cost.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { B = 4, E = 64, H = 4, SHORTEST = 16, LONGEST = 512, LENGTHS = 6, REPEATS = 5 };

/* Not committed with the others: times are never the same twice. */
static void plot_time(const char *out, const real *words, const real *composed, const real *fused) {
    const PlotSeries series[2] = {
        {.name = "composed", .x = words, .y = composed, .count = LENGTHS, .points = true},
        {.name = "fused", .x = words, .y = fused, .count = LENGTHS, .points = true}};
    plot_lines(&(Picture){.name = "fused_time",
                          .directory = out,
                          .title = "Time for one pass, forward and back, on this machine",
                          .caption = "the larger the maps of weights, the more it pays not to "
                                     "write them to memory again and again",
                          .x_label = "words in a sentence (4 sentences, 4 heads of 16)",
                          .y_label = "milliseconds",
                          .log_x = true,
                          .log_y = true},
               series, 2);
}

static void plot_memory(const char *out, const real *words, const real *composed,
                        const real *fused) {
    const PlotSeries series[2] = {
        {.name = "composed", .x = words, .y = composed, .count = LENGTHS, .points = true},
        {.name = "fused", .x = words, .y = fused, .count = LENGTHS, .points = true}};
    plot_lines(&(Picture){.name = "fused_memory",
                          .directory = out,
                          .title = "Memory for one pass, forward and back",
                          .caption = "both grow with the square of the length: the weights are "
                                     "words times words. The fused one keeps them once",
                          .x_label = "words in a sentence (4 sentences, 4 heads of 16)",
                          .y_label = "MB",
                          .log_x = true,
                          .log_y = true,
                          .y_min = 0.1,
                          .y_max = 200},
               series, 2);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The fused attention against the composed one: equality, memory, time.",
                         "build/04_multihead/fused"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    const size_t size = B * LONGEST * E * sizeof(real);
    real *y[2] = {memory_alloc(size), memory_alloc(size)};
    real *dq[2] = {memory_alloc(size), memory_alloc(size)};
    real words[LENGTHS], megabytes[2][LENGTHS], milliseconds[2][LENGTHS];

    lesson_step(&lesson, "4 sentences, 4 heads of 16, forward and back");
    puts("           memory, MB               time, ms\n"
         "  words  composed    fused ratio  composed   fused ratio   results  gradients");
    double off = 0;
    for (int i = 0; i < LENGTHS; i++) {
        // 16, 32, ... 512 words: twice as long each time, so that a square shows as a factor of 4.
        const int T = SHORTEST << i;
        AttentionCost cost[2];
        for (int fused = 0; fused < 2; fused++) {
            cost[fused] = attention_cost(fused, B, T, E, H, REPEATS, y[fused], dq[fused]);
            megabytes[fused][i] = (real)((double)cost[fused].bytes / (1 << 20));
            milliseconds[fused][i] = (real)(1e3 * cost[fused].seconds);
        }
        words[i] = (real)T;
        const size_t n = (size_t)(B * T * E);
        const double results = vector_max_difference(y[0], y[1], n);
        const double gradients = vector_max_difference(dq[0], dq[1], n);
        off = fmax(off, fmax(results, gradients));
        printf("  %5d  %8.2f %8.2f %5.1f  %8.2f %7.2f %5.1f  %8.0e  %9.0e\n", T,
               (double)megabytes[0][i], (double)megabytes[1][i],
               (double)(megabytes[0][i] / megabytes[1][i]), 1e3 * cost[0].seconds,
               1e3 * cost[1].seconds, cost[0].seconds / cost[1].seconds, results, gradients);
    }
    puts("\nTime is the best of five on this machine, now. The two last columns: how far the\n"
         "two differ at most.");
    compare_claim(&comparison, "the same results and gradients to 1e-5", off < 1e-5);
    compare_claim(&comparison, "in less than half of the memory from 64 words on",
                  megabytes[0][2] > 2 * megabytes[1][2]);
    plot_memory(lesson.common.out, words, megabytes[0], megabytes[1]);
    plot_time(lesson.common.out, words, milliseconds[0], milliseconds[1]);

    lesson_step(&lesson, "Where the memory goes");
    puts("A map of weights is H T T numbers. Composed, one pass keeps three such maps for\n"
         "the way back (scores, scaled scores, weights), makes as many gradients, and\n"
         "copies q, k, v and the result for the transpose. Fused, it keeps one map, and\n"
         "the way back works on one head of one sentence at a time.");
    for (int i = 0; i < 2; i++) free(y[i]);
    for (int i = 0; i < 2; i++) free(dq[i]);
    return lesson_end(&lesson, compare_end(&comparison));
}
