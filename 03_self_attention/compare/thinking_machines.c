/* thinking_machines.c - Alammar, "The Illustrated Transformer", "Self-Attention in Detail":
 * "Thinking Machines", steps 1 to 6.
 *
 * The post draws its vectors as boxes and gives five numbers: the scores 112 and 96, the divisor 8
 * (the square root of 64), and the weights .88 and .12. The vectors here are ours, integers of 64
 * entries whose products are the post's.
 *
 * Beside: alammar Self-Attention in Detail - his six steps: 112 96, 14 12, 0.88 0.12, z1; and a
 *     word that prefers another to itself
 */
#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { T = 2, D = 64 };

/* k1 holds 48 twos, k2 32 twos, the rest ones: q1 = (1,...,1) scores 48*2+16 and 32*2+32. The
 * second query looks at every other entry and finds more of k1 than of its own key. */
static void fill_vectors(Tensor *q, Tensor *k, Tensor *v) {
    for (int i = 0; i < D; i++) {
        q->data[i] = 1;
        q->data[D + i] = i % 2;
        k->data[i] = i < 48 ? 2 : 1;
        k->data[D + i] = i < 32 ? 2 : 1;
        v->data[i] = i % 4;
        v->data[D + i] = 3 - i % 4;
    }
}

/* The softmax of the first query's two scores, each divided by divisor. */
static void first_row(Tensor *scores, double divisor, real *weights) {
    Tensor *row = op_scale(op_slice(scores, 0, 0, 1), (real)(1 / divisor)); // (1,2)
    memcpy(weights, op_softmax(row)->data, T * sizeof *weights);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Alammar's two words: scores, division by 8, softmax, weighted sum.",
                         "build/03_self_attention/thinking_machines"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    Tensor *q = TENSOR(T, D), *k = TENSOR(T, D), *v = TENSOR(T, D); // (2,64)

    lesson_step(&lesson, "A query, a key and a value for each word: (2,64) each");
    fill_vectors(q, k, v);
    puts("In the post each is x (1,512) times a W (512,64), drawn as 4 boxes times 4 x 3.\n"
         "Its vectors have no numbers; these are chosen to give its scores:\n"
         "  q1  64 ones                 q2  0 1 0 1 ...\n"
         "  k1  48 twos, then 16 ones   k2  32 twos, then 32 ones\n"
         "  v1  0 1 2 3, repeated       v2  3 2 1 0, repeated\n"
         "q1 k1 = 48*2 + 16 = 112, and q1 k2 = 32*2 + 32 = 96.");

    lesson_step(&lesson, "Score both words against the query of \"Thinking\"");
    Tensor *scores = op_matmul(q, op_transpose(k, 0, 1)); // (2,2)
    compare_row(&comparison, "q1 k1, q1 k2", (double[]){112, 96}, scores->data, T, 0, 0);

    lesson_step(&lesson, "Divide by 8, the square root of 64");
    Tensor *scaled = op_scale(scores, (real)(1 / sqrt(D))); // (2,2)
    compare_row(&comparison, "scores / 8", (double[]){14, 12}, scaled->data, T, 0, 0);

    lesson_step(&lesson, "Softmax");
    Tensor *weights = op_softmax(scaled); // (2,2)
    compare_row(&comparison, "weights", (double[]){.88, .12}, weights->data, T, 2, .005);
    printf("  to four places: %.4f %.4f\n", (double)weights->data[0], (double)weights->data[1]);

    lesson_step(&lesson, "Multiply each value by its weight and add them up: z1");
    Tensor *z = scaled_dot_product_attention(q, k, v, (Masks){0}, 0, NULL); // (2,64)
    print_vector("z1, the first 8 entries", z->data, 8, 4);
    printf("The first: %.4f * 0 + %.4f * 3 = %.4f.\n", (double)weights->data[0],
           (double)weights->data[1], 3 * (double)weights->data[1]);

    lesson_step(&lesson, "What the post does not show");
    real raw[T], boxes[T];
    first_row(scores, 1, raw);
    first_row(scores, sqrt(3), boxes);
    printf("  not divided:                         weights %.7f %.7f\n", (double)raw[0],
           (double)raw[1]);
    printf("  divided by sqrt(3), the boxes drawn: weights %.7f %.7f\n", (double)boxes[0],
           (double)boxes[1]);
    printf("\"Clearly the word at this position will have the highest softmax score\", it\n"
           "says. Not clearly: nothing ties a word's query to its own key. Here \"Machines\"\n"
           "gives itself %.4f and \"Thinking\" %.4f.\n",
           (double)weights->data[T + 1], (double)weights->data[T]);
    return lesson_end(&lesson, compare_end(&comparison));
}
