/* half_batches.c - Two halves of a batch, on two threads or one after the other because memory is
 * short (gradient accumulation): why they make the step of one, and when they do not. Hugging
 * Face's Trainer divided by the wrong count until October 2024 ("Fixing Gradient Accumulation").
 *
 * Beside: annotated Training Loop; bloem Going big - gradients added up over parts of a batch: when
 *     they make the step of the whole
 */
#include "05_encoder_decoder/lab/phrases.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>
#include <stdlib.h>

enum { SHOWN = 64, HALF = SHOWN / 2 };

/* ---- By hand --------------------------------------------------------------------------------- */

/* d/dw of scale times the sum of (w - y)^2 / 2 over count tokens y, at w = 0. */
static double slope(const real *y, int count, double scale) {
    graph_reset(graph_current());
    const real zero = 0;
    Tensor *w = tensor_variable(&zero, 1, SHAPE(1));
    Tensor *off = op_sub(w, TENSOR_FROM(y, count)); // (count)
    backward(op_scale(op_sum(op_mul(off, off)), (real)(0.5 * scale)));
    return (double)tensor_grad(w)[0];
}

static void by_hand(Lesson *lesson, Comparison *comparison) {
    lesson_step(lesson, "By hand: one weight, three tokens");
    const real y[3] = {-3, -1, -5};
    const double whole = slope(y, 3, 1.0 / 3);
    const double sums = slope(y, 2, 1.0 / 3) + slope(y + 2, 1, 1.0 / 3);
    const double means = (slope(y, 2, 1.0 / 2) + slope(y + 2, 1, 1)) / 2;
    printf("The model says w = 0, the tokens are -3, -1 and -5, and a token's loss is half its\n"
           "square error, so that its slope is w - y: 3, 1 and 5. One half holds two, the\n"
           "other one.\n\n"
           "  one batch              (3 + 1 + 5) / 3            = %.2f\n"
           "  two halves, sums       (3 + 1) / 3 + 5 / 3        = %.2f\n"
           "  the mean of the means  ((3 + 1) / 2 + 5 / 1) / 2  = %.2f\n\n",
           whole, sums, means);
    compare_claim(comparison, "sums over the count of all make the slope of one batch",
                  fabs(sums - whole) < 1e-5);
    compare_claim(comparison, "the mean of the means does not", fabs(means - whole) > 0.1);
}

/* ---- The whole model ------------------------------------------------------------------------- */

/* Adds the gradient of the pairs' summed loss, times scale, to the parameters'; returns how many
 * tokens it is a sum of. With scale 0: only counts. */
static int add_gradient(const Transformer *model, const SentencePair *pairs, int count,
                        double scale) {
    graph_reset(graph_current());
    const Batch batch = teacher_batch(pairs, count);
    if (scale != 0) backward(op_scale(transformer_loss(model, &batch, 0), (real)scale));
    return cross_entropy_count(batch.labels, batch.B * batch.T, TOKEN_PAD);
}

/* gradient (size) <- the parameters' gradients, which become zero. */
static void take_gradient(Parameters *parameters, real *gradient) {
    for (int i = 0; i < parameters->count; i++) {
        const size_t size = parameters->items[i]->size;
        memcpy(gradient, tensor_grad(parameters->items[i]), size * sizeof *gradient);
        gradient += size;
    }
    parameters_zero_grad(parameters);
}

/* |a - b| / |b| */
static double relative_difference(const real *a, const real *b, size_t n) {
    double difference = 0, length = 0;
    for (size_t i = 0; i < n; i++) {
        const double d = (double)a[i] - (double)b[i];
        difference += d * d;
        length += (double)b[i] * (double)b[i];
    }
    return sqrt(difference / length);
}

/* A batch whose first half are short sentences, and the gradient of its mean loss in three ways. */
static void compare_halves(Comparison *comparison, Transformer *untrained,
                           const SentencePair *pairs) {
    Parameters *parameters = &untrained->parameters;
    const size_t size = parameters_size(parameters);
    real *gradient = memory_alloc(3 * size * sizeof *gradient);
    real *whole = gradient, *sums = gradient + size, *means = gradient + 2 * size;
    const SentencePair *half[2] = {pairs, pairs + HALF};
    int tokens[2];
    for (int i = 0; i < 2; i++) tokens[i] = add_gradient(untrained, half[i], HALF, 0);
    const double all = tokens[0] + tokens[1];
    add_gradient(untrained, pairs, SHOWN, 1 / all);
    take_gradient(parameters, whole);
    // Gradients add, so that two backward passes without a step between them are one.
    for (int i = 0; i < 2; i++) add_gradient(untrained, half[i], HALF, 1 / all);
    take_gradient(parameters, sums);
    for (int i = 0; i < 2; i++) add_gradient(untrained, half[i], HALF, 0.5 / tokens[i]);
    take_gradient(parameters, means);
    const double sum_off = relative_difference(sums, whole, size);
    const double mean_off = relative_difference(means, whole, size);
    printf("\nThe gradient of %d phrases, %d tokens, against that of two halves with %d and %d:\n"
           "  both sums over %d       off by %.1e of its length\n"
           "  the mean of two means   off by %.1e\n\n",
           SHOWN, (int)all, tokens[0], tokens[1], (int)all, sum_off, mean_off);
    compare_claim(comparison, "two halves, divided by all tokens, make the gradient of one",
                  sum_off < 1e-5);
    compare_claim(comparison, "the mean of their means is another gradient", mean_off > 1e-2);
    free(gradient);
}

static int by_length(const void *a, const void *b) {
    return ((const SentencePair *)a)->tgt_length - ((const SentencePair *)b)->tgt_length;
}

static void with_model(Lesson *lesson, Comparison *comparison) {
    lesson_step(lesson, "Chapter 5's model: the gradient of every weight");
    Phrase *phrases = memory_alloc(PHRASE_COUNT * sizeof *phrases);
    SentencePair *pairs = memory_alloc(SHOWN * sizeof *pairs);
    phrases_make(phrases);
    for (int i = 0; i < SHOWN; i++) pairs[i] = phrases[i * (PHRASE_COUNT / SHOWN)].pair;
    qsort(pairs, SHOWN, sizeof *pairs, by_length);
    Transformer *model = phrases_model((uint64_t)lesson->common.seed);
    compare_halves(comparison, model, pairs);
    transformer_free(model);
    free(pairs);
    free(phrases);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Why two half batches make the step of one, and when they do not.",
                         "build/06_training/half_batches"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    by_hand(&lesson, &comparison);
    with_model(&lesson, &comparison);
    return lesson_end(&lesson, compare_end(&comparison));
}
