/* masked_head.c - Karpathy, "Let's build GPT", 1:02:00, the crux of the video: version 4,
 * self-attention, with seed 1337; then his note 6 at 1:16:56, why the scores are divided by
 * sqrt(head_size).
 *
 * Beside: karpathy 1:02:00 - wei[0], all eight rows: 0.1574 0.8426, then 0.2088 0.1646 0.6266, ...
 * Beside: karpathy 1:16:56 - the variances 1.0449 and 1.0700 of k and q, and 1.0918 of the scores,
 *     divided by 4
 */
#include "03_self_attention/attention.h"
#include "03_self_attention/head.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { B = 4, T = 8, C = 32, D = 16 }; // D: his head_size

/* wei[0] as the notebook prints it; the video's first version does not scale. */
static const double WEIGHTS[T * T] = {
    1,     0,     0,     0,     0,     0,     0,     0,     .1574, .8426, 0,     0,     0,
    0,     0,     0,     .2088, .1646, .6266, 0,     0,     0,     0,     0,     .5792, .1187,
    .1889, .1131, 0,     0,     0,     0,     .0294, .1052, .0469, .0276, .7909, 0,     0,
    0,     .0176, .2689, .0215, .0089, .6812, .0019, 0,     0,     .1691, .4066, .0438, .0416,
    .1048, .2012, .0329, 0,     .0210, .0843, .0555, .2297, .0573, .0709, .2423, .2391};

static Tensor *randn(Random *random, int b, int t, int c) {
    Tensor *x = TENSOR(b, t, c);
    random_fill_normal(random, x->data, x->size, 0, 1);
    return x;
}

/* torch's var(): divided by n - 1. */
static double variance(const Tensor *x) {
    double mean = 0, sum = 0;
    for (size_t i = 0; i < x->size; i++) mean += (double)x->data[i] / (double)x->size;
    for (size_t i = 0; i < x->size; i++) sum += pow((double)x->data[i] - mean, 2);
    return sum / (double)(x->size - 1);
}

static void softmax_sharpens(Comparison *comparison) {
    const real scores[5] = {(real).1, (real)-.2, (real).3, (real)-.2, (real).5};
    Tensor *x = TENSOR_FROM(scores, 1, 5);
    compare_row(comparison, "softmax(.1, -.2, .3, -.2, .5)",
                (double[]){.1925, .1426, .2351, .1426, .2872}, op_softmax(x)->data, 5, 4, 5.1e-5);
    compare_row(comparison, "of the same times 8", (double[]){.0326, .0030, .1615, .0030, .8000},
                op_softmax(op_scale(x, 8))->data, 5, 4, 5.1e-5);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Karpathy's masked head, seed 1337.",
                         "build/03_self_attention/masked_head"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    Random random;
    random_seed(&random, 1337);

    lesson_step(&lesson, "x (4,8,32); key, query, value: Linear(32,16), in this order");
    Tensor *x = randn(&random, B, T, C); // (4,8,32)
    Parameters parameters = {0};
    const AttentionHead head = attention_head_new(&parameters, "", C, D, &random);
    Tensor *k = linear_forward(&head.key, x), *q = linear_forward(&head.query, x); // (4,8,16)
    Tensor *v = linear_forward(&head.value, x);                                    // (4,8,16)

    lesson_step(&lesson, "Scores (4,8,8), masked, softmax; not yet scaled. wei[0]:");
    Tensor *scores = op_matmul(q, op_transpose(k, -2, -1)); // (4,8,8)
    // -infinity before the softmax is a weight of 0 after it, and the rest still adds up to 1.
    Tensor *wei = op_softmax(masks_apply(scores, (Masks){.causal = true}));
    compare_matrix(&comparison, "token", WEIGHTS, wei->data, T, T, 4, 5.1e-5);
    Tensor *out = op_matmul(wei, v); // (4,8,16)
    char shape[64];
    printf("out = wei v: %s\n", shape_text(shape, out->ndim, out->shape));

    lesson_step(&lesson, "Scaled attention: k and q drawn anew, variances of k, q and the scores");
    Tensor *k2 = randn(&random, B, T, D), *q2 = randn(&random, B, T, D); // (4,8,16)
    Tensor *raw = op_matmul(q2, op_transpose(k2, -2, -1));               // (4,8,8)
    compare_value(&comparison, "k.var()", 1.0449, variance(k2), 4, 5.1e-5);
    compare_value(&comparison, "q.var()", 1.0700, variance(q2), 4, 5.1e-5);
    compare_value(&comparison, "wei.var(), divided by 4", 1.0918,
                  variance(op_scale(raw, (real).25)), 4, 5.1e-5);
    compare_value(&comparison, "wei.var(), not divided", 17.4690, variance(raw), 4, 5.1e-4);

    lesson_step(&lesson, "Why it matters: a softmax of large scores sharpens to the largest");
    softmax_sharpens(&comparison);
    parameters_free(&parameters);
    return lesson_end(&lesson, compare_end(&comparison));
}
