/* eight_heads.c - Alammar, "The Illustrated Transformer", "The Beast With Many Heads": "Thinking
 * Machines" through eight heads, every matrix with its shape.
 *
 * Beside: alammar The Beast With Many Heads - Z0 to Z7 and W^O, every matrix with its shape; what
 *     eight heads cost, counted
 * Beside: paper 3.2.2 - "the total computational cost is similar": multiplied out
 * Beside: karpathy EX1 - 24 small products, and the one large one that equals them
 */
#include "03_self_attention/attention.h"
#include "04_multihead/multihead.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>

enum { T = 2, E = 512, H = 8, D = 64 }; // two words; the sizes the post gives

/* Head h as the post has it: its own W^Q, W^K, W^V, here copied out of the one matrix. */
static Tensor *head_alone(const MultiheadAttention *m, Tensor *x, int h) {
    Tensor *q = op_linear_rows(x, m->in_proj_weight, m->in_proj_bias, h * D, D);         // (2,64)
    Tensor *k = op_linear_rows(x, m->in_proj_weight, m->in_proj_bias, E + h * D, D);     // (2,64)
    Tensor *v = op_linear_rows(x, m->in_proj_weight, m->in_proj_bias, 2 * E + h * D, D); // (2,64)
    return scaled_dot_product_attention(q, k, v, (Masks){0}, 0, NULL);
}

/* What one head adds to the result: Z_h (2,64) times its 64 columns of W^O (512,512). */
static Tensor *share_of_head(const MultiheadAttention *m, Tensor *z, int h) {
    Tensor *w = op_slice(m->out_proj.weight, 1, h * D, D); // (512,64)
    return op_matmul(z, op_transpose(w, 0, 1));            // (2,512)
}

/* What a layer of `heads` heads, each `width` columns wide, multiplies and keeps. */
typedef struct {
    int heads, width;
    long projections, attention, weights;
} Cost;

static void count_products(Cost *cost, long words) {
    for (int h = 0; h < cost->heads; h++) {
        cost->projections +=
            3 * words * E * cost->width;                // x (words,E) times W^Q, W^K, W^V (E,width)
        cost->projections += words * cost->width * E;   // z (words,width) times its part of W^O
        cost->attention += words * words * cost->width; // q k, a score for every pair of words
        cost->attention += words * words * cost->width; // weights times values
        cost->weights += words * words;                 // the softmax's exponentials
    }
}

static void show_cost(Comparison *comparison) {
    enum { CASES = 3, WORDS = 100 };
    Cost costs[CASES] = {
        {.heads = 1, .width = E}, {.heads = H, .width = D}, {.heads = H, .width = E}};
    for (int i = 0; i < CASES; i++) count_products(&costs[i], WORDS);
    printf("A sentence of %d words, multiplications:\n\n  heads x width%14s", WORDS, "");
    for (int i = 0; i < CASES; i++) printf("   %4d x %3d", costs[i].heads, costs[i].width);
    printf("\n  W^Q, W^K, W^V, W^O%9s", "");
    for (int i = 0; i < CASES; i++) printf(" %11ld", costs[i].projections);
    printf("\n  q k, and weights v%9s", "");
    for (int i = 0; i < CASES; i++) printf(" %11ld", costs[i].attention);
    printf("\n  together%19s", "");
    for (int i = 0; i < CASES; i++) printf(" %11ld", costs[i].projections + costs[i].attention);
    printf("\n  exponentials, weights kept ");
    for (int i = 0; i < CASES; i++) printf(" %11ld", costs[i].weights);
    puts("\n\n\"To make the computation (mostly) constant\", says the post. The softmax is the\n"
         "\"mostly\": eight maps of weights have to be normalised, kept and passed back. Eight\n"
         "heads of 512 are what key_dim=d_model means (make 04/key_dim).\n");
    compare_claim(comparison, "one head of 512 and eight of 64 multiply equally often",
                  costs[0].projections == costs[1].projections &&
                      costs[0].attention == costs[1].attention);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Alammar's eight heads: Q, K, V and Z of each, concatenated, times W^O.",
                         "build/04_multihead/eight_heads"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Parameters parameters = {0};
    const MultiheadAttention m =
        multihead_new(&parameters, "", (MultiheadConfig){.d_model = E, .nhead = H}, &random);
    Tensor *x = TENSOR(T, E);
    random_fill_normal(&random, x->data, x->size, 0, 1);

    lesson_step(&lesson, "X: one row for \"Thinking\", one for \"Machines\"");
    COMPARE_SHAPE(&comparison, "X, \"a vector of size 512\"", x, 2, 512);

    lesson_step(&lesson, "Eight heads, each with its own W^Q, W^K, W^V");
    Tensor *w = op_slice(m.in_proj_weight, 0, 0, D);
    COMPARE_SHAPE(&comparison, "W0^Q (stored as output x input)", w, 64, 512);
    Tensor *z[H], *concatenated = NULL;
    for (int h = 0; h < H; h++) {
        z[h] = head_alone(&m, x, h);
        char label[16];
        snprintf(label, sizeof label, "Z%d", h);
        COMPARE_SHAPE(&comparison, label, z[h], 2, 64);
        concatenated = h ? op_concat(concatenated, z[h], 1) : z[h]; // after the last head (2,512)
    }

    lesson_step(&lesson, "Concatenate Z0 ... Z7, multiply by W^O");
    COMPARE_SHAPE(&comparison, "Z0 ... Z7 side by side", concatenated, 2, 512);
    COMPARE_SHAPE(&comparison, "W^O", m.out_proj.weight, 512, 512);
    Tensor *result = linear_forward(&m.out_proj, concatenated);
    COMPARE_SHAPE(&comparison, "Z", result, 2, 512);

    lesson_step(&lesson, "Two other ways to compute the same");
    Tensor *batch = RESHAPE(x, 1, T, E);
    Tensor *together = multihead_forward(&m, batch, batch, (Masks){0}, NULL, NULL);
    Tensor *sum = share_of_head(&m, z[0], 0);
    // Concatenating before one product is adding up after eight: a block matrix, read by columns.
    for (int h = 1; h < H; h++) sum = op_add(sum, share_of_head(&m, z[h], h));
    sum = op_add(sum, m.out_proj.bias);
    const double by_one = vector_max_difference(result->data, together->data, result->size);
    const double by_sum = vector_max_difference(result->data, sum->data, result->size);
    compare_claim(&comparison, "24 small products equal one by a (1536,512) matrix", by_one < 1e-5);
    compare_claim(&comparison, "concatenating, then W^O, equals the sum of Zh WO_h", by_sum < 1e-5);
    puts("\nZh WO_h: the Z of head h times the 64 columns of W^O that meet it. The heads\n"
         "never mix before W^O, and there they are added up: each head writes what it\n"
         "found into all 512 columns, in its own 64 directions.");

    lesson_step(&lesson, "What the post leaves out");
    puts("Its drawings have 4 boxes for 512 and 3 for 64; eight times 3 is not 4, so count\n"
         "with the real sizes, where 8 x 64 = 512. And why eight:");
    show_cost(&comparison);
    parameters_free(&parameters);
    return lesson_end(&lesson, compare_end(&comparison));
}
