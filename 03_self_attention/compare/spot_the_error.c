/* spot_the_error.c - The path's "probably not" list put to the test. Michael Phi's "Illustrated
 * Guide to Transformers" is the first hit of a search, and the path warns of wrong statements early
 * on; AlgorithmicSimplicity's video does without queries and keys. Which of their claims hold?
 *
 * Beside: phi - six claims of this kind, each put to the test: decide first, then read
 */
#include "02_positional_encoding/sinusoid.h"
#include "03_self_attention/attention.h"
#include "03_self_attention/head.h"
#include "03_self_attention/lab/saturation.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>

typedef enum { RIGHT, WRONG, DEPENDS } Verdict;

static void verdict(Verdict v, const char *why) {
    static const char *const word[] = {"RIGHT", "WRONG", "IT DEPENDS"};
    printf("%s%s%s. %s\n", print_style(STYLE_BOLD), word[v], print_style(STYLE_PLAIN), why);
}

static Tensor *random_input(Random *random, int T, int E) {
    Tensor *x = TENSOR(T, E);
    random_fill_normal(random, x->data, x->size, 0, 2);
    return x;
}

/* "... divided by the square root ... as multiplying values can have exploding effects." */
static void exploding(Comparison *comparison, Random *random) {
    double small = 0, large = 0;
    for (int d = 4; d <= 1024; d *= 16) {
        const Saturation raw = saturation_measure(d, false, 2000, random);
        printf("  d = %4d, not divided: gradient through the softmax %.3f\n", d, raw.gradient);
        if (d == 4) small = raw.gradient;
        large = raw.gradient;
    }
    verdict(WRONG, "The scores grow, and for that the gradient vanishes.");
    compare_claim(comparison, "the gradient shrinks as d grows", large < small / 5);
}

/* A score matrix drawn so that word i scores j as j scores i. */
static void symmetric(Comparison *comparison, Random *random) {
    enum { T = 4, E = 8 };
    Parameters parameters = {0};
    AttentionHead head = attention_head_new(&parameters, "", E, E, random);
    Tensor *x = random_input(random, T, E);
    double off[2];
    for (int tied = 0; tied < 2; tied++) {
        if (tied) head.key = head.query;
        Tensor *q = linear_forward(&head.query, x), *k = linear_forward(&head.key, x);
        Tensor *scores = op_matmul(q, op_transpose(k, 0, 1));
        print_matrix(tied ? "scores with W_Q = W_K" : "scores", scores->data, T, T, 1);
        off[tied] = 0;
        for (int i = 0; i < T; i++)
            for (int j = 0; j < i; j++)
                off[tied] = fmax(off[tied],
                                 fabs((double)(scores->data[i * T + j] - scores->data[j * T + i])));
    }
    verdict(WRONG, "Only where query and key are one; see make 03/why_three.");
    compare_claim(comparison, "scores differ by direction unless W_Q = W_K",
                  off[0] > .1 && off[1] < 1e-4);
    parameters_free(&parameters);
}

/* "... in theory, and given enough compute resources, ... an infinite window". */
static void infinite_window(Comparison *comparison) {
    double last = 1;
    for (int n = 10; n <= 1000000; n *= 10) {
        last = exp(5) / (exp(5) + n - 1); // one key scores 5 more than all others
        printf("  1 key in %7d, score +5: weight %.5f; %.0f scores in all\n", n, last,
               (double)n * n);
    }
    verdict(DEPENDS,
            "Nothing cuts it off, but scores are bounded and the softmax\n"
            "shares: the more there is to look at, the less one key can stand out. An RNN's\n"
            "window is infinite \"in theory\" too.");
    compare_claim(comparison, "among a million, +5 gets less than a thousandth", last < 1e-3);
}

/* "By doing a softmax the higher scores get heighten, and lower scores are depressed." */
static void heightened(Comparison *comparison) {
    const real small[3] = {(real).1, (real).2, (real).3}, large[3] = {1, 20, 30};
    Tensor *flat = op_softmax(TENSOR_FROM(small, 1, 3)),
           *sharp = op_softmax(TENSOR_FROM(large, 1, 3));
    print_matrix("softmax(.1, .2, .3)", flat->data, 1, 3, 3);
    print_matrix("softmax(1, 20, 30)", sharp->data, 1, 3, 3);
    verdict(DEPENDS, "On the scale: small scores come out nearly equal, though one was\n"
                     "three times the other. Only differences of scores count, not ratios.");
    Tensor *shifted = op_softmax(TENSOR_FROM(((real[]){(real)7.1, (real)7.2, (real)7.3}), 1, 3));
    compare_claim(comparison, "softmax(7.1, 7.2, 7.3) is softmax(.1, .2, .3)",
                  fabs((double)(shifted->data[2] - flat->data[2])) < 1e-6);
    compare_claim(comparison, "of .1 and .3 softmax makes less than 1 : 1.3",
                  (double)(flat->data[2] / flat->data[0]) < 1.3);
}

/* "For every odd index on the input vector, ... the cos function. For every even index, ... sin".
 */
static void odd_and_even(Comparison *comparison) {
    real table[2 * 4];
    sinusoid_table(table, 1, 1, 4);
    print_matrix("sinusoid_table, position 1", table, 1, 4, 4);
    verdict(RIGHT, "Counted from 0, and along the vector, not along the sentence.");
    compare_claim(comparison, "index 0 is sin 1, index 1 is cos 1",
                  fabs((double)table[0] - sin(1)) < 1e-6 && fabs((double)table[1] - cos(1)) < 1e-6);
}

/* The look-ahead mask is added after scaling and before the softmax. */
static void mask_after_scaling(Comparison *comparison, Random *random) {
    enum { T = 4 };
    Tensor *scores = random_input(random, T, T);
    unsigned char mask[T * T];
    masks_causal(mask, T, T);
    const real scale = (real).5;
    Tensor *after = op_softmax(op_masked_fill(op_scale(scores, scale), mask, T * T, -INFINITY));
    Tensor *before = op_softmax(op_scale(op_masked_fill(scores, mask, T * T, -INFINITY), scale));
    Tensor *late = op_masked_fill(op_softmax(op_scale(scores, scale)), mask, T * T, 0);
    const double same = vector_max_difference(after->data, before->data, T * T);
    double sum = 0;
    for (int s = 0; s < T; s++) sum += (double)late->data[s];
    printf("  mask before or after scaling: differs by %g\n", same);
    printf("  mask after the softmax: row 0 adds up to %.3f, and knew of the future\n", sum);
    verdict(RIGHT, "Before the softmax is what matters; scaling leaves -infinity alone.");
    compare_claim(comparison, "masking after the softmax breaks the sum", sum < .999);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Claims from the path's \"probably not\" list: which of them hold?",
                         "build/03_self_attention/spot_the_error --step"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Comparison comparison = {0};
    puts("Decide first, then read on (--step waits before each answer):\n"
         "  1 scores are divided by sqrt(d) because multiplying can have exploding effects\n"
         "  2 a word scores another as that one scores it: the matrix is symmetric\n"
         "  3 attention has, in theory, an infinite window\n"
         "  4 a softmax heightens the higher scores and depresses the lower\n"
         "  5 positions: sine for even indices, cosine for odd ones\n"
         "  6 the look-ahead mask comes after the scaling and before the softmax");
    lesson_step(&lesson, "Exploding effects?");
    exploding(&comparison, &random);
    lesson_step(&lesson, "A symmetric matrix of scores?");
    symmetric(&comparison, &random);
    lesson_step(&lesson, "An infinite window?");
    infinite_window(&comparison);
    lesson_step(&lesson, "Higher scores heightened?");
    heightened(&comparison);
    lesson_step(&lesson, "Even sine, odd cosine?");
    odd_and_even(&comparison);
    lesson_step(&lesson, "Mask after scaling?");
    mask_after_scaling(&comparison, &random);
    puts("\nAlgorithmicSimplicity's derivation, weights from content instead of distance,\n"
         "holds: make 03/from_conv. What it leaves out is claim 2.");
    return lesson_end(&lesson, compare_end(&comparison));
}
