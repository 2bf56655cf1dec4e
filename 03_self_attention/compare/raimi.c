/* raimi.c - Raimi Karim, "Illustrated: Self-Attention", step by step: three inputs, every product
 * by hand.
 *
 * The post prints its outputs twice: in the pictures, from weights rounded by hand, and in the code
 * further down, from exact ones. Both are shown here, and beside them what the post leaves out: the
 * division by sqrt(3).
 *
 * Beside: raimi - each of his products; the outputs of his pictures, those of his code, and with
 *     the division by sqrt(3) that he leaves out
 */
#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { T = 3, E = 4, D = 3 }; // tokens, size of an input, size of a query, key or value

static const real X[T * E] = {1, 0, 1, 0, 0, 2, 0, 2, 1, 1, 1, 1};
static const real W_Q[E * D] = {1, 0, 1, 1, 0, 0, 0, 0, 1, 0, 1, 1};
static const real W_K[E * D] = {0, 0, 1, 1, 1, 0, 0, 1, 0, 1, 1, 0};
static const real W_V[E * D] = {0, 2, 0, 0, 3, 0, 1, 0, 3, 1, 1, 0};

/* What the post prints; rows are tokens. */
static const double QUERIES[T * D] = {1, 0, 2, 2, 2, 2, 2, 1, 3};
static const double KEYS[T * D] = {0, 1, 1, 4, 4, 0, 2, 3, 1};
static const double VALUES[T * D] = {1, 2, 3, 2, 8, 0, 2, 6, 3};
static const double SCORES[T * T] = {2, 4, 4, 4, 16, 12, 4, 12, 10};
static const double WEIGHTS[T * T] = {6.3379e-2, .46831,    .46831, 6.0337e-6, .98201,
                                      1.7986e-2, 2.9539e-4, .88054, .11917};
static const real ROUNDED_WEIGHTS[T * T] = {0, .5, .5, 0, 1, 0, 0, (real).9, (real).1};
static const double ROUNDED[T * D] = {2, 7, 1.5, 2, 8, 0, 2, 7.8, .3};
static const double EXACT[T * D] = {1.9366, 6.6831, 1.5951, 2,    7.9640,
                                    .0540,  1.9997, 7.7599, .3584};

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Raimi Karim's three inputs: rounded, exact, and scaled as in the paper.",
                         "build/03_self_attention/raimi"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};

    lesson_step(&lesson, "Three projections of the same inputs");
    Tensor *x = TENSOR_FROM(X, T, E);                 // (3,4)
    Tensor *q = op_matmul(x, TENSOR_FROM(W_Q, E, D)); // (3,3): what each token looks for
    Tensor *k = op_matmul(x, TENSOR_FROM(W_K, E, D)); // (3,3): what each token is found by
    Tensor *v = op_matmul(x, TENSOR_FROM(W_V, E, D)); // (3,3): what each token hands over
    print_matrix("X", x->data, T, E, 0);
    compare_matrix(&comparison, "query", QUERIES, q->data, T, D, 0, 0);
    compare_matrix(&comparison, "key", KEYS, k->data, T, D, 0, 0);
    compare_matrix(&comparison, "value", VALUES, v->data, T, D, 0, 0);

    lesson_step(&lesson, "Scores: every query times every key");
    Tensor *scores = op_matmul(q, op_transpose(k, 0, 1)); // (3,3)
    compare_matrix(&comparison, "scores", SCORES, scores->data, T, T, 0, 0);

    lesson_step(&lesson, "Softmax of each row, without dividing by sqrt(3), as in the post");
    Tensor *weights = op_softmax(scores); // (3,3)
    compare_matrix(&comparison, "weights", WEIGHTS, weights->data, T, T, 6, 5e-6);

    lesson_step(&lesson, "Outputs: the pictures' rounded weights times V");
    printf("The post rounds .0634 in the first row down to 0, so row 1 moves the most.\n");
    Tensor *rounded = op_matmul(TENSOR_FROM(ROUNDED_WEIGHTS, T, T), v); // (3,3)
    compare_matrix(&comparison, "rounded", ROUNDED, rounded->data, T, D, 1, 1e-5);

    lesson_step(&lesson, "Outputs: the exact weights times V, as in the post's code");
    Tensor *exact = op_matmul(weights, v); // (3,3)
    compare_matrix(&comparison, "exact", EXACT, exact->data, T, D, 4, 6e-5);

    lesson_step(&lesson, "What the post leaves out: the paper divides the scores by sqrt(3)");
    Tensor *scaled_weights;
    Tensor *scaled = scaled_dot_product_attention(q, k, v, (Masks){0}, 0, &scaled_weights); // (3,3)
    print_matrix("weights", scaled_weights->data, T, T, 4);
    print_matrix("outputs", scaled->data, T, D, 4);
    printf("Softer: token 2 gave itself %.4f of its attention before, now %.4f.\n",
           (double)weights->data[T + 1], (double)scaled_weights->data[T + 1]);
    return lesson_end(&lesson, compare_end(&comparison));
}
