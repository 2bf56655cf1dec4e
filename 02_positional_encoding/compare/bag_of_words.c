/* bag_of_words.c - TensorFlow's tutorial, where it introduces the positional encoding: without it,
 * "how are you" and "you how are" cannot be told apart.
 *
 * Beside: tensorflow The embedding and positional encoding layer - "how are you" and "you how are",
 *     without places and with them
 * Beside: karpathy 1:12:46 - three words in another order: the same three rows
 */
#include "01_embeddings/embedding.h"
#include "02_positional_encoding/sinusoid.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>

enum { WORDS = 3, D_MODEL = 4 };

/* Every word becomes an average of all words, weighted by how alike they are: what chapter 3 calls
 * attention, before anything is learned. x (1,T,E) -> (1,T,E). */
static Tensor *mix(Tensor *x) {
    return op_matmul(op_softmax(op_matmul(x, op_transpose(x, -1, -2))), x);
}

/* The mixed vectors (3,4) of the words with these ids, with or without positions. */
static const real *mixed(const Embedding *table, const int ids[WORDS], bool positions) {
    Tensor *x = EMBEDDING_FORWARD(table, ids, 1, WORDS); // (1,3,4)
    return mix(positions ? sinusoid_add(x, 0) : x)->data;
}

/* The largest |a - b|, row order[i] of a against row i of b. */
static double difference_in_order(const real *a, const real *b, const int order[WORDS]) {
    real ordered[WORDS * D_MODEL];
    for (int i = 0; i < WORDS; i++)
        memcpy(ordered + i * D_MODEL, a + order[i] * D_MODEL, D_MODEL * sizeof *a);
    return vector_max_difference(ordered, b, WORDS * D_MODEL);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Shuffle the words: without positions the output is only shuffled too.",
                         "build/02_positional_encoding/bag_of_words"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Parameters parameters = {0};
    const Embedding table = embedding_new(&parameters, "", WORDS, D_MODEL, &random);

    // Word i of "you how are" is word shuffled[i] of "how are you".
    const int straight[WORDS] = {0, 1, 2}, shuffled[WORDS] = {2, 0, 1};
    puts("Each word's vector is mixed with all others by likeness, softmax(x x^T) x.\n");
    double off[2];
    for (int positions = 0; positions < 2; positions++) {
        const real *a = mixed(&table, straight, positions);
        const real *b = mixed(&table, shuffled, positions);
        printf("%s positions:\n", positions ? "With" : "Without");
        print_matrix("  how, are, you", a, WORDS, D_MODEL, 4);
        print_matrix("  you, how, are", b, WORDS, D_MODEL, 4);
        off[positions] = difference_in_order(a, b, shuffled);
        puts("");
    }
    puts("Without: the same three rows in another order, so nothing after this layer can\n"
         "ever know the order. With: every row has changed.\n");
    Comparison comparison = {0};
    compare_claim(&comparison, "without, put back in order: the same rows, to 1e-6", off[0] < 1e-6);
    compare_claim(&comparison, "with positions they are not", off[1] > 0.01);
    printf("    they differ by up to %.4f\n", off[1]);
    parameters_free(&parameters);
    return lesson_end(&lesson, compare_end(&comparison));
}
