/* kv_store.c - Alfredo Canziani, notebook 15-transformer: attention as a store of keys and values,
 * asked three questions, and how soft the look-up is.
 *
 * Beside: canziani - his notebook's four keys and three queries: one value, the mean of two, the
 *     mean of two others
 * Beside: lazzaro - nearest: a store of keys and values, from hard to soft, as his hash table
 * Beside: bloem Why is it called self-attention? - the key-value store that the names come from
 */
#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { KEYS = 4, D = 3, SWEEP = 41 };

/* Keys 3 and 4 are the same: nothing that looks at keys can tell their values apart. */
static const real K[KEYS * D] = {10, 0, 0, 0, 10, 0, 0, 0, 10, 0, 0, 10};
static const real V[KEYS * D] = {1, 0, 0, 10, 0, 0, 100, 5, 0, 1000, 6, 0};
static const real Q[3 * D] = {0, 10, 0, 0, 0, 10, 10, 10, 0};

/* What the notebook prints for the three queries. */
static const double WEIGHTS[3 * KEYS] = {3.7266e-6, .99999,    3.7266e-6, 3.7266e-6,
                                         1.8633e-6, 1.8633e-6, .5,        .5,
                                         .5,        .5,        1.8633e-6, 1.8633e-6};
static const double OUTPUT[3 * D] = {10.004, 4.0993e-5, 0, 549.9979, 5.5, 0, 5.502, 2.0497e-5, 0};

/* softmax(beta q K^T) (queries,KEYS) */
static Tensor *look_up(Tensor *q, double beta) {
    Tensor *k = TENSOR_FROM(K, KEYS, D);
    return op_softmax(op_scale(op_matmul(q, op_transpose(k, 0, 1)), (real)beta));
}

/* The weights of one undecided query while beta goes from .001 to 10: log10(beta) = i/10 - 3. */
static void sweep(const CommonOptions *common) {
    static real beta[SWEEP], weight[KEYS][SWEEP];
    Tensor *q = TENSOR_FROM(((real[]){3, 9, 10}), 1, D);
    for (int i = 0; i < SWEEP; i++) {
        beta[i] = (real)pow(10, i / 10.0 - 3);
        Tensor *row = look_up(q, (double)beta[i]); // (1,4)
        for (int s = 0; s < KEYS; s++) weight[s][i] = row->data[s];
        if (i % 10 == 0)
            printf("  beta %5g  weights %.3f %.3f %.3f %.3f\n", (double)beta[i],
                   (double)weight[0][i], (double)weight[1][i], (double)weight[2][i],
                   (double)weight[3][i]);
    }
    const PlotSeries lines[] = {
        {.name = "key 1", .x = beta, .y = weight[0], .count = SWEEP},
        {.name = "key 2", .x = beta, .y = weight[1], .count = SWEEP},
        {.name = "keys 3 and 4 (equal)", .x = beta, .y = weight[2], .count = SWEEP}};
    const Picture picture = {
        .name = "kv_store",
        .directory = common->out,
        .title = "One query (3, 9, 10), four keys: from average to choice",
        .caption = "left, every key gets 1/4; right, the best key takes all, and "
                   "two equal keys share it for ever",
        .x_label = "softness: beta in softmax(beta q K^T); the paper has 1/sqrt(d)",
        .y_label = "weight",
        .log_x = true,
        .x_min = .001,
        .x_max = 10};
    plot_lines(&picture, lines, 3);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Canziani's store of keys and values, from soft to hard.",
                         "build/03_self_attention/kv_store"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};

    lesson_step(&lesson, "Four keys (4,3), four values (4,3), three queries (3,3)");
    print_matrix("K", K, KEYS, D, 0);
    print_matrix("V", V, KEYS, D, 0);
    print_matrix("Q", Q, 3, D, 0);

    lesson_step(&lesson, "softmax(Q K^T / 8): the notebook's d_k is 64, though these keys have 3");
    Tensor *weights = look_up(TENSOR_FROM(Q, 3, D), 1.0 / 8); // (3,4)
    compare_matrix(&comparison, "query", WEIGHTS, weights->data, 3, KEYS, 7, 5e-6);

    lesson_step(&lesson, "Times V: one value, the mean of two, the mean of two others");
    Tensor *output = op_matmul(weights, TENSOR_FROM(V, KEYS, D)); // (3,3)
    compare_matrix(&comparison, "query", OUTPUT, output->data, 3, D, 6, 6e-4);
    printf("Query 1 asked for value 10 and got 10.004: a soft store leaks, and 4 millionths\n"
           "of the value 1000 are worth .004.\n");

    lesson_step(&lesson, "From soft to hard: one query that is not sure, beta swept");
    sweep(&lesson.common);
    return lesson_end(&lesson, compare_end(&comparison));
}
