/* reweigh.c - Rasa's whiteboard videos, the first two: attention begins as words re-weighing words,
 * without a single parameter; queries, keys and values come afterwards, each with a reason.
 *
 * Beside: rasa 1; bloem Self-attention - four words re-weigh each other without a parameter: a bank
 *     by a river
 * Beside: rasa 2 - the same bank with queries, keys and values: it finds the river
 */
#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { T = 4, E = 3, BANK = 0, RIVER = 3 };

static const char *const WORD[T] = {"bank", "of", "the", "river"};
static const char *const MEANING[E] = {"money", "water", "filler"};

/* "bank" may be about money or water; "river" is about water. */
static const real X[T * E] = {1, 1, 0, 0, 0, 1, 0, 0, 1, 0, 2, 0};

/* The share of water in the meaning of a row: 1/2 for a bank that could be either. */
static double wetness(const real *row) {
    return (double)row[1] / ((double)row[0] + (double)row[1]);
}

/* Row by row, scores divided by their sum. */
static Tensor *normalised(const Tensor *scores) {
    Tensor *w = TENSOR(T, T);
    for (int t = 0; t < T; t++) {
        double sum = 0;
        for (int s = 0; s < T; s++) sum += (double)scores->data[t * T + s];
        for (int s = 0; s < T; s++)
            w->data[t * T + s] = (real)((double)scores->data[t * T + s] / sum);
    }
    return w;
}

static double show(const char *stage, const Tensor *weights, const Tensor *y) {
    print_heatmap(stage, weights->data, T, T, WORD, WORD, 2);
    const double wet = wetness(y->data + BANK * E);
    printf("bank is now [%.2f %.2f %.2f]: %.0f %% water\n", (double)y->data[0], (double)y->data[1],
           (double)y->data[2], 100 * wet);
    return wet;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Rasa's re-weighing, first without parameters, then with Q, K, V.",
                         "build/03_self_attention/reweigh"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    Tensor *x = TENSOR_FROM(X, T, E), *w; // (4,3)
    double wet[4] = {wetness(X)};

    lesson_step(&lesson, "Four words, three meanings; a bank could be either");
    print_heatmap("X", X, T, E, WORD, MEANING, 0);

    lesson_step(&lesson, "Products of the words themselves, each row divided by its sum");
    w = normalised(op_matmul(x, op_transpose(x, 0, 1))); // (4,4)
    wet[1] = show("weights", w, op_matmul(w, x));
    printf("That divides by zero where products cancel, and negative scores make no shares.\n");

    lesson_step(&lesson, "So: softmax");
    w = op_softmax(op_matmul(x, op_transpose(x, 0, 1))); // (4,4)
    wet[2] = show("weights", w, op_matmul(w, x));
    printf("Still no parameters, so nothing to learn: likeness is all there is, and \"river\"\n"
           "can hear from \"bank\" only as far as the two are alike.\n");

    lesson_step(&lesson, "So: a question that need not be one's own likeness (W_Q, W_K, W_V)");
    // bank (money) asks for water; the filler words get no attention and hand over nothing.
    Tensor *w_q = TENSOR_FROM(((real[]){0, 4, 0, 0, 1, 0, 0, 0, 0}), E, E);
    Tensor *w_k = TENSOR_FROM(((real[]){-1, 0, 0, 0, 1, 0, 0, -1, 0}), E, E);
    Tensor *w_v = TENSOR_FROM(((real[]){1, 0, 0, 0, 1, 0, 0, 0, 0}), E, E);
    Tensor *y = scaled_dot_product_attention(op_matmul(x, w_q), op_matmul(x, w_k),
                                             op_matmul(x, w_v), (Masks){0}, 0, &w);
    wet[3] = show("weights", w, y);

    lesson_step(&lesson, "What must hold");
    compare_claim(&comparison, "unweighed, a bank is half water", wet[0] == .5);
    compare_claim(&comparison, "every stage makes it wetter than none",
                  wet[1] > .5 && wet[2] > .5 && wet[3] > .5);
    compare_claim(&comparison, "with its own question a bank finds the river (90 %)",
                  (double)w->data[BANK * T + RIVER] > .9);
    return lesson_end(&lesson, compare_end(&comparison));
}
