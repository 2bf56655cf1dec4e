/* onehot.c - Alammar, "The Illustrated Transformer", "Recap Of Training": "am" as one number in a
 * row of six. Here, what every program does instead, a lookup, with the same gradients; and the
 * multiplication by sqrt(d_model) of the paper's section 3.4, as the Annotated Transformer has it
 * under "Embeddings and Softmax".
 *
 * Beside: alammar Bringing The Tensors Into The Picture - a product with a one-hot row and a
 *     lookup: equal, forward and back
 * Beside: alammar Recap Of Training - "am" as 0 1 0 0 0 0
 * Beside: annotated Embeddings and Softmax; paper 3.4; tensorflow The embedding and positional
 *     encoding layer - why times sqrt(512): how large words are beside their places, for four ways
 *     to draw them
 */
#include "01_embeddings/embedding.h"
#include "common/init.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { V = 6, E = 3, WORDS = 4 };

static const char *const vocabulary[V] = {"a", "am", "i", "thanks", "student", "<eos>"};

/* "am" of the post's six words, as its figure shows it. */
static void one_hot_figure(Comparison *comparison) {
    const double published[V] = {0, 1, 0, 0, 0, 0};
    real am[V] = {0};
    for (int v = 0; v < V; v++) am[v] = strcmp(vocabulary[v], "am") == 0;
    puts("The Illustrated Transformer numbers a six-word vocabulary and shows \"am\":\n");
    compare_row(comparison, "one-hot of \"am\"", published, am, V, 0, 0);
    puts("\n  (An earlier figure, of the last softmax, has \"am\" at index 5. Ids are names: any\n"
         "  numbering will do, as long as there is only one.)");
}

/* one-hot (4,6) times W (6,3) and the lookup: the same rows, and the same gradients for W. */
static void product_and_lookup(Comparison *comparison) {
    const int ids[WORDS] = {2, 1, 0, 2}; // i am a i
    const real slope[WORDS * E] = {1, 2, 3, 10, 20, 30, 100, 200, 300, 1000, 2000, 3000};
    Random random;
    random_seed(&random, 1);
    Parameters parameters = {0};
    const Embedding table = embedding_new(&parameters, "", V, E, &random);
    Tensor *w = tensor_variable(table.weight->data, 2, SHAPE(V, E)); // (6,3)
    Tensor *hot = TENSOR(WORDS, V);                                  // (4,6)
    memset(hot->data, 0, hot->size * sizeof *hot->data);
    for (int n = 0; n < WORDS; n++) hot->data[n * V + ids[n]] = 1;

    Tensor *product = op_matmul(hot, w),
           *looked_up = EMBEDDING_FORWARD(&table, ids, WORDS); // (4,3)
    Tensor *scale = TENSOR_FROM(slope, WORDS, E);              // (4,3)
    // Any weighted sum will do as a loss; with other weights at every place no two gradients can
    // stand in for each other.
    backward(op_add(op_sum(op_mul(product, scale)), op_sum(op_mul(looked_up, scale))));

    puts("\nA row of zeros with a single 1, times a matrix, is one row of the matrix.\n"
         "So nobody multiplies: \"i am a i\" is four rows copied.\n");
    print_matrix("one-hot", hot->data, WORDS, V, 0);
    print_matrix("times W", w->data, V, E, 3);
    print_matrix("looked up", looked_up->data, WORDS, E, 3);
    const double forward = vector_max_difference(product->data, looked_up->data, product->size);
    const double back = vector_max_difference(tensor_grad(w), tensor_grad(table.weight), w->size);
    puts("");
    compare_claim(comparison, "the product and the lookup are equal, entry for entry",
                  forward == 0);
    puts("\nBackward: each row used collects the gradients of its places (\"i\" of two);\n"
         "\"thanks\", \"student\" and \"<eos>\" were not in the sentence and stay as they are.\n");
    print_matrix("dL/dW", tensor_grad(table.weight), V, E, 0);
    puts("");
    compare_claim(comparison, "and so are the two gradients of W", back == 0);
    parameters_free(&parameters);
}

/* The root of the mean square of x. */
static double size_of(const real *x, size_t n) {
    double square = 0;
    for (size_t i = 0; i < n; i++) square += (double)(x[i] * x[i]) / (double)n;
    return sqrt(square);
}

/* One line: how large a table's entries are as drawn, and times sqrt(512). */
static void print_sizes(const char *name, const real *table, size_t n) {
    const double size = size_of(table, n);
    printf("  %-44s %8.4f %10.4f\n", name, size, size * sqrt(512));
}

static void why_sqrt(Comparison *comparison) {
    enum { D_MODEL = 512, LARGE = 10000 };
    Random random;
    random_seed(&random, 1);
    real *table = memory_alloc((size_t)LARGE * D_MODEL * sizeof *table);
    printf("\nThe Annotated Transformer's lookup ends in  * math.sqrt(d_model).  Why? Next, a\n"
           "place is added whose entries are sines, of size %.4f. How large is the word?\n\n",
           sqrt(0.5));
    compare_value(comparison, "sqrt(512)", 22.6274, sqrt(D_MODEL), 4, 0.00005);
    puts("\n                                                 as drawn  * sqrt(512)");
    random_fill_normal(&random, table, 11 * D_MODEL, 0, 1);
    print_sizes("N(0, 1), PyTorch's nn.Embedding", table, 11 * D_MODEL);
    random_fill_normal(&random, table, 11 * D_MODEL, 0, 1 / sqrt(D_MODEL));
    print_sizes("N(0, 1/512), as tensor2tensor", table, 11 * D_MODEL);
    init_xavier_uniform(&random, table, 11, D_MODEL, 1);
    print_sizes("Xavier, 11 words (Annotated's copy task)", table, 11 * D_MODEL);
    init_xavier_uniform(&random, table, LARGE, D_MODEL, 1);
    print_sizes("Xavier, 10000 words", table, (size_t)LARGE * D_MODEL);
    puts("\nThe factor is for small entries. A table shared with the output layer is drawn\n"
         "with deviation 1/sqrt(512), or its first scores would be huge; without the\n"
         "factor such a word whispers beside its place. On nn.Embedding's N(0,1) the\n"
         "factor makes the word 32 times louder than its place, and Xavier's sizes shrink\n"
         "with the vocabulary: no post of the path warns of either.");
    free(table);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {
        "One-hot times matrix is a lookup, both ways; and why times sqrt(d_model).",
        "build/01_embeddings/onehot"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    one_hot_figure(&comparison);
    product_and_lookup(&comparison);
    why_sqrt(&comparison);
    return lesson_end(&lesson, compare_end(&comparison));
}
