/* dict_lookup.c - Jay Mody, "An Intuition for Attention", from its first example on: a dictionary,
 * then a soft one, then one of vectors, then a matrix product. And the softmax that his "GPT in 60
 * Lines of NumPy" prints wrong.
 *
 * Beside: mody Key-Value Lookups - a key that is there, and one that is not
 * Beside: mody Key-Value Lookups based on Meaning - .6 apple, .4 banana and no chair: 8
 * Beside: mody Attention Scores using the Dot Product - -3 0 3, and softmax(4, -1, 2.1): 0.8648
 *     0.0058 0.1294
 * Beside: mody Values as Vectors - 1.02 0.92 -0.26 0.68
 * Beside: mody Scaling - softmax(3, 2, 1), and the same times ten
 * Beside: mody GPT in 60 Lines of NumPy - the softmax that it prints wrong, and of which numbers it
 *     is
 * Beside: tensorflow The base attention layer - a dictionary, then a fuzzy one
 */
#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"

#include <stdio.h>
#include <string.h>

enum { ENTRIES = 3 };

static const char *const WORD[ENTRIES] = {"apple", "banana", "chair"};
static const real STOCK[ENTRIES] = {10, 5, 2};

/* A dictionary as programmers know it: the key is there or it is not. */
static const real *look_up(const char *query) {
    for (int i = 0; i < ENTRIES; i++)
        if (strcmp(WORD[i], query) == 0) return &STOCK[i];
    return NULL;
}

static Tensor *softmax_of(const real *scores, int count) {
    return op_softmax(TENSOR_FROM(scores, 1, count));
}

static void hard_and_soft(Comparison *comparison) {
    printf("  stock[\"apple\"] = %.0f, stock[\"fruit\"] is %s\n", (double)*look_up("apple"),
           look_up("fruit") ? "there" : "not there");
    const real meaning[ENTRIES] = {(real).6, (real).4, 0}; // how much each key is a fruit
    real soft = 0;
    // Every entry answers, by as much as its key is what was asked for: attention in one line.
    for (int i = 0; i < ENTRIES; i++) soft += meaning[i] * STOCK[i];
    printf("  softly, \"fruit\" is .6 apple, .4 banana and no chair:\n");
    compare_value(comparison, "stock of fruit", 8, (double)soft, 2, 1e-6);
    const real value[ENTRIES * 4] = {(real).9, (real).2, (real)-.5,  1,  (real)1.2, 2,
                                     (real).1, (real).2, (real)-1.2, -2, 1,         (real)-.2};
    Tensor *mixed = op_matmul(TENSOR_FROM(meaning, 1, ENTRIES), TENSOR_FROM(value, ENTRIES, 4));
    compare_row(comparison, "the same with vectors as values", (double[]){1.02, .92, -.26, .68},
                mixed->data, 4, 2, 1e-6);
}

static void vectors_as_keys(Comparison *comparison) {
    Tensor *q = TENSOR_FROM(((real[]){2, 1, 3}), 1, 3); // the query
    Tensor *k = TENSOR_FROM(((real[]){-1, 2, -1, (real)1.5, 0, -1, 4, -2, -1}), 3, 3);
    Tensor *scores = op_matmul(q, op_transpose(k, 0, 1)); // (1,3)
    compare_row(comparison, "q k for three keys", (double[]){-3, 0, 3}, scores->data, 3, 0, 0);
    Tensor *v = TENSOR_FROM(STOCK, 3, 1);                                      // (3,1)
    Tensor *soft = scaled_dot_product_attention(q, k, v, (Masks){0}, 0, NULL); // (1,1)
    Tensor *unscaled = op_matmul(op_softmax(scores), v);                       // (1,1)
    printf("  softmax, then times the values 10, 5, 2: %.4f; with / sqrt(3): %.4f\n",
           (double)unscaled->data[0], (double)soft->data[0]);
}

static void softmaxes(Comparison *comparison) {
    compare_row(comparison, "softmax(4, -1, 2.1)", (double[]){.8648, .0058, .1294},
                softmax_of((real[]){4, -1, (real)2.1}, 3)->data, 3, 4, 5.1e-5);
    compare_row(comparison, "softmax(3, 2, 1)", (double[]){.665, .2447, .09},
                softmax_of((real[]){3, 2, 1}, 3)->data, 3, 4, 3.1e-4);
    compare_row(comparison, "softmax(30, 20, 10)",
                (double[]){.9999546, 4.53978686e-05, 2.06106005e-09},
                softmax_of((real[]){30, 20, 10}, 3)->data, 3, 9, 1e-7);
}

/* The published print, the truth for the published input, and the input the print belongs to. */
static void wrong_print(Comparison *comparison) {
    const double published[4] = {.00034, .99966, .26894, .73106};
    Tensor *truth = op_softmax(TENSOR_FROM(((real[]){2, 100, -5, 0}), 2, 2));
    Tensor *meant = op_softmax(TENSOR_FROM(((real[]){2, 10, -1, 0}), 2, 2));
    printf("  the post prints softmax([[2, 100], [-5, 0]]) as\n");
    printf("    %.5f %.5f\n    %.5f %.5f\n", published[0], published[1], published[2],
           published[3]);
    print_matrix("  but it is", truth->data, 2, 2, 6);
    printf("  (e^-98 is 2.7e-43, below the smallest normal float.) The print belongs to\n"
           "  [[2, 10], [-1, 0]]:\n");
    compare_row(comparison, "softmax([[2, 10], [-1, 0]])", published, meant->data, 4, 5, 5.1e-6);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Jay Mody's dictionary: hard, soft, of vectors, as matrices.",
                         "build/03_self_attention/dict_lookup"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    lesson_step(&lesson, "A dictionary, hard and soft");
    hard_and_soft(&comparison);
    lesson_step(&lesson, "Keys and queries are vectors: a dot product says how well they match");
    vectors_as_keys(&comparison);
    lesson_step(&lesson, "Softmax turns scores into shares");
    softmaxes(&comparison);
    printf("Ten times the scores, and the softmax is all but a hard choice.\n");
    lesson_step(&lesson, "A softmax printed wrong (in \"GPT in 60 Lines of NumPy\")");
    wrong_print(&comparison);
    return lesson_end(&lesson, compare_end(&comparison));
}
