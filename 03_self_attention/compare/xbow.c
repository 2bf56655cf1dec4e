/* xbow.c - Karpathy, "Let's build GPT", 0:42:13 to 1:00:18: the mathematical trick in
 * self-attention. The mean of all tokens so far ("bag of words") by loops, by a matrix product, and
 * by a softmax of masked zeros.
 *
 * Beside: karpathy 0:42:13 - xbow[0][7] = -0.0341 0.1332 by loops
 * Beside: karpathy 0:47:11 - the lower triangle of ones, each row divided by its sum, times [2 7]
 *     [6 4] [6 5]
 * Beside: karpathy 0:51:54 - the same xbow by a matrix product
 * Beside: karpathy 0:54:42 - the same xbow by a softmax of masked zeros
 */
#include "03_self_attention/masks.h"
#include "common/kernels.h"
#include "common/random.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>

enum { B = 4, T = 8, C = 2 };

/* Version 1: for every sentence and every token, the mean of the tokens up to it. */
static Tensor *mean_by_loops(const Tensor *x) {
    Tensor *y = TENSOR(B, T, C);
    for (int b = 0; b < B; b++)
        for (int t = 0; t < T; t++)
            for (int c = 0; c < C; c++) {
                real sum = 0;
                for (int s = 0; s <= t; s++)
                    sum += x->data[(b * T + s) * C + c]; // up to t, itself included
                y->data[(b * T + t) * C + c] = sum / (real)(t + 1);
            }
    return y;
}

/* Row t holds 1/(t+1) up to the diagonal: (n,n). */
static Tensor *averaging_matrix(int n) {
    Tensor *w = TENSOR(n, n);
    for (int t = 0; t < n; t++)
        for (int s = 0; s < n; s++) w->data[t * n + s] = s <= t ? 1 / (real)(t + 1) : 0;
    return w;
}

/* The same (n,n) matrix as a softmax: zeros where one may look, -infinity where not. */
static Tensor *averaging_softmax(int n) {
    Tensor *zeros = TENSOR(n, n);
    for (size_t i = 0; i < zeros->size; i++) zeros->data[i] = 0;
    return op_softmax(masks_apply(zeros, (Masks){.causal = true}));
}

/* The weights are the same for each sentence of the batch: w (T,T), x (B,T,C). */
static Tensor *apply(Tensor *w, Tensor *x) {
    Tensor *y = TENSOR(B, T, C);
    for (int b = 0; b < B; b++) {
        Tensor *one = op_matmul(w, TENSOR_FROM(x->data + b * T * C, T, C)); // (8,2)
        memcpy(y->data + b * T * C, one->data, T * C * sizeof *y->data);
    }
    return y;
}

/* The video's 3x3 example: seed 42, whole numbers below 10. */
static void toy_example(Comparison *comparison) {
    static const double b_published[6] = {2, 7, 6, 4, 6, 5};
    static const double c_published[6] = {2, 7, 4, 5.5, 4.6667, 5.3333};
    Random random;
    random_seed(&random, 42);
    Tensor *b = TENSOR(3, 2);
    for (int i = 0; i < 6; i++) b->data[i] = (real)random_below(&random, 10);
    print_matrix("a", averaging_matrix(3)->data, 3, 3, 4);
    compare_matrix(comparison, "b, row", b_published, b->data, 3, 2, 0, 0);
    compare_matrix(comparison, "a b, row", c_published, op_matmul(averaging_matrix(3), b)->data, 3,
                   2, 4, 5.1e-5);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Karpathy's averages over the past, three ways.",
                         "build/03_self_attention/xbow"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};

    lesson_step(&lesson, "A lower triangle of 1/(t+1) takes means: a (3,3) times b (3,2)");
    toy_example(&comparison);

    lesson_step(&lesson, "x = torch.randn(4,8,2) with seed 1337; three ways to one result");
    Random random;
    random_seed(&random, 1337);
    Tensor *x = TENSOR(B, T, C);
    random_fill_normal(&random, x->data, x->size, 0, 1);
    Tensor *v1 = mean_by_loops(x);               // (4,8,2)
    Tensor *v2 = apply(averaging_matrix(T), x);  // (4,8,2)
    Tensor *v3 = apply(averaging_softmax(T), x); // (4,8,2)
    static const double x_published[2] = {.1808, -.0700}, last[2] = {-.0341, .1332};
    compare_row(&comparison, "x[0][0]", x_published, x->data, C, 4, 5.1e-5);
    compare_row(&comparison, "xbow[0][7], by loops", last, v1->data + 7 * C, C, 4, 5.1e-5);
    compare_row(&comparison, "xbow2[0][7], by a matrix", last, v2->data + 7 * C, C, 4, 5.1e-5);
    compare_row(&comparison, "xbow3[0][7], by a softmax", last, v3->data + 7 * C, C, 4, 5.1e-5);
    compare_claim(&comparison, "all three agree everywhere to 1e-6",
                  vector_max_difference(v1->data, v2->data, v1->size) < 1e-6 &&
                      vector_max_difference(v1->data, v3->data, v1->size) < 1e-6);
    printf("The third is attention with every score 0. All that is missing is scores that\n"
           "depend on the tokens.\n");
    return lesson_end(&lesson, compare_end(&comparison));
}
