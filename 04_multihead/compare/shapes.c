/* shapes.c - Shapes through multi-head attention, step by step: Ketan Doshi, "Transformers
 * Explained Visually", part 3 ("You are welcome", width 6, 2 heads of 3), and what CodeEmporium's
 * notebook Mutlihead_Attention [sic] prints.
 *
 * Beside: doshi - his shapes for "You are welcome", and what is cut into heads and what is not
 * Beside: codeemporium Mutlihead_Attention - the nine shapes that he prints
 */
#include "03_self_attention/attention.h"
#include "04_multihead/composed_attention.h"
#include "04_multihead/heads.h"
#include "common/kernels.h"
#include "common/random.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/vector.h"

#include <stdio.h>

static Tensor *random_tensor(Random *random, Tensor *tensor) {
    random_fill_normal(random, tensor->data, tensor->size, 0, 1);
    return tensor;
}

static void follow_doshi(Comparison *comparison, Random *random) {
    Tensor *x = random_tensor(random, TENSOR(1, 3, 6));
    COMPARE_SHAPE(comparison, "embedding", x, 1, 3, 6);
    Tensor *q = op_linear(x, random_tensor(random, TENSOR(6, 6)), NULL);
    Tensor *k = op_linear(x, random_tensor(random, TENSOR(6, 6)), NULL);
    Tensor *v = op_linear(x, random_tensor(random, TENSOR(6, 6)), NULL);
    COMPARE_SHAPE(comparison, "Q = x WQ", q, 1, 3, 6);
    Tensor *heads = split_heads(q, 2);
    COMPARE_SHAPE(comparison, "Q split over 2 heads", heads, 1, 2, 3, 3);
    Tensor *weights;
    Tensor *z = scaled_dot_product_attention(heads, split_heads(k, 2), split_heads(v, 2),
                                             (Masks){0}, 0, &weights);
    COMPARE_SHAPE(comparison, "softmax(Q K^T / sqrt(3))", weights, 1, 2, 3, 3);
    COMPARE_SHAPE(comparison, "times V", z, 1, 2, 3, 3);
    COMPARE_SHAPE(comparison, "merged", merge_heads(z), 1, 3, 6);
}

/* Which of the six input columns the first head's query of the first word depends on. */
static void show_what_is_split(Random *random) {
    real values[3 * 6], weight[6 * 6];
    random_fill_normal(random, values, 3 * 6, 0, 1);
    random_fill_normal(random, weight, 6 * 6, 0, 1);
    Tensor *x = tensor_variable(values, 3, SHAPE(1, 3, 6));
    Tensor *q = op_linear(x, TENSOR_FROM(weight, 6, 6), NULL);
    Tensor *head = op_slice(split_heads(q, 2), 1, 0, 1); // (1,1,3,3)
    backward(op_sum(op_mul(head, head)));
    const real *dx = tensor_grad(x);
    printf("  input column            0     1     2     3     4     5\n  head 0 depends on it");
    for (int e = 0; e < 6; e++) printf("  %s", dx[e] != 0 ? " yes" : "  no");
    puts("");
}

static void follow_codeemporium(Comparison *comparison, Random *random) {
    enum { B = 30, T = 5, H = 8, D = 64 };
    Tensor *x = random_tensor(random, TENSOR(B, T, 1024));
    COMPARE_SHAPE(comparison, "x.size()", x, 30, 5, 1024);
    Tensor *qkv = op_linear(x, random_tensor(random, TENSOR(3 * H * D, 1024)), NULL);
    COMPARE_SHAPE(comparison, "qkv.size()", qkv, 30, 5, 1536);
    qkv = RESHAPE(qkv, B, T, H, 3 * D);
    COMPARE_SHAPE(comparison, "qkv.size(), reshaped", qkv, 30, 5, 8, 192);
    qkv = op_transpose(qkv, 1, 2);
    COMPARE_SHAPE(comparison, "qkv.size(), permuted", qkv, 30, 8, 5, 192);
    Tensor *q = op_slice(qkv, 3, 0, D), *k = op_slice(qkv, 3, D, D);
    Tensor *v = op_slice(qkv, 3, 2 * D, D), *weights;
    COMPARE_SHAPE(comparison, "q size", q, 30, 8, 5, 64);
    Tensor *z = scaled_dot_product_attention(q, k, v, (Masks){0}, 0, &weights);
    COMPARE_SHAPE(comparison, "values.size()", z, 30, 8, 5, 64);
    COMPARE_SHAPE(comparison, "attention.size", weights, 30, 8, 5, 5);
    Tensor *merged = merge_heads(z);
    COMPARE_SHAPE(comparison, "values.size(), reshaped", merged, 30, 5, 512);
    Tensor *out = op_linear(merged, random_tensor(random, TENSOR(512, 512)), NULL);
    COMPARE_SHAPE(comparison, "out.size()", out, 30, 5, 512);
}

/* Whether row h 3D + part D + d of his weights is row part H D + h D + d of ours: part 0, 1, 2 is
 * q, k, v. A small layer: 2 heads of 3, 4 words. */
static bool same_after_reordering(Random *random) {
    enum { T = 4, H = 2, D = 3, E = H * D };
    Tensor *x = random_tensor(random, TENSOR(1, T, E));
    Tensor *his = random_tensor(random, TENSOR(3 * E, E)), *ours = TENSOR(3 * E, E);
    for (int row = 0; row < 3 * E; row++) {
        // His rows go by head, then by q, k, v; ours by q, k, v, then by head.
        const int h = row / (3 * D), part = row / D % 3, d = row % D;
        memcpy(ours->data + (part * E + h * D + d) * E, his->data + row * E, E * sizeof(real));
    }
    Tensor *cut = op_transpose(RESHAPE(op_linear(x, his, NULL), 1, T, H, 3 * D), 1, 2);
    Tensor *a =
        merge_heads(scaled_dot_product_attention(op_slice(cut, 3, 0, D), op_slice(cut, 3, D, D),
                                                 op_slice(cut, 3, 2 * D, D), (Masks){0}, 0, NULL));
    Tensor *qkv = op_linear(x, ours, NULL);
    const HeadColumns heads = {
        .q = {qkv, 0}, .k = {qkv, E}, .v = {qkv, 2 * E}, .E = E, .nhead = H, .S = T};
    Tensor *b = composed_attention(heads, (Masks){0}, 0, NULL);
    return vector_max_difference(a->data, b->data, a->size) < 1e-5;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The shape of every tensor between the words and the result, beside two "
                         "resources' own.",
                         "build/04_multihead/shapes"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);

    lesson_step(&lesson, "Doshi: \"You are welcome\", width 6, 2 heads, query size 6 / 2 = 3");
    follow_doshi(&comparison, &random);

    lesson_step(&lesson, "What is split?");
    puts("\"Partitioning the input data as well as the Linear layer weights uniformly\n"
         "across the Attention heads\", says the article. What has head 0 seen? Its\n"
         "gradient with respect to the input knows:\n");
    show_what_is_split(&random);
    puts("\nThe input is not cut. Each head sees all of every word, through its own rows of\n"
         "the weights; only the result is cut. (A layer that does cut its input:\n"
         "make 04/shared_projection.) Nor is what comes out an attention \"score\":\n"
         "scores are Q K, before the softmax; this is the weighted sum of values.");

    lesson_step(&lesson, "CodeEmporium: 30 sentences of 5 words, 1024 wide, 8 heads of 64");
    follow_codeemporium(&comparison, &random);
    puts("\nHis 192 columns per head are q, k and v of that head; PyTorch's in_proj_weight\n"
         "(and ours) has all heads' q first, then all k, then all v. The same function\n"
         "with its rows in another order: weights cannot simply be carried over.\n");
    compare_claim(&comparison, "his layout with its rows reordered gives ours",
                  same_after_reordering(&random));
    return lesson_end(&lesson, compare_end(&comparison));
}
