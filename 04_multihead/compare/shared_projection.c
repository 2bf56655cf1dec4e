/* shared_projection.c - Aladdin Persson, "Pytorch Transformers from Scratch", his class
 * SelfAttention: one 64 x 64 matrix for the queries of all heads, one for the keys, one for the
 * values; and the scale 1/sqrt(512).
 *
 * Beside: aladdin - one matrix of 64 x 64 for all heads: 14,316,544 parameters in his encoder; the
 *     scale sqrt(512)
 * Beside: bloem 3) Multi-head attention - his cheap heads see a chunk each, as Aladdin's do here:
 *     64 of 512 columns
 */
#include "03_self_attention/attention.h"
#include "04_multihead/composed_attention.h"
#include "04_multihead/heads.h"
#include "04_multihead/multihead.h"
#include "common/init.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { E = 512, H = 8, D = E / H, B = 2, T = 9 };

/* His SelfAttention, line for line: cut the input in heads, project each head's columns with the
 * one small matrix of its kind, scores, softmax(scores / scale), weighted sum. x (B,T,E). */
static Tensor *his_heads(Tensor *x, Tensor *const small[3], real scale) {
    Tensor *cut = RESHAPE(x, B, T, H, D);
    Tensor *q = op_transpose(op_linear(cut, small[0], NULL), 1, 2); // (B,H,T,D)
    Tensor *k = op_transpose(op_linear(cut, small[1], NULL), 1, 2);
    Tensor *v = op_transpose(op_linear(cut, small[2], NULL), 1, 2);
    Tensor *energy = op_matmul(q, op_transpose(k, -2, -1)); // (B,H,T,T)
    return merge_heads(op_matmul(op_softmax(op_scale(energy, 1 / scale)), v));
}

/* The full matrix (512,512) that does what the small one (64,64) does to each head's columns: the
 * same block eight times along the diagonal, zeros elsewhere. */
static Tensor *block_diagonal(const Tensor *small) {
    Tensor *full = TENSOR(E, E);
    memset(full->data, 0, full->size * sizeof(real));
    for (int h = 0; h < H; h++)
        for (int d = 0; d < D; d++)
            memcpy(full->data + (h * D + d) * E + h * D, small->data + d * D, D * sizeof(real));
    return full;
}

/* How many of the 512 input columns the first head of a result (B,T,E) depends on. */
static int columns_seen(Tensor *x, Tensor *result) {
    Tensor *head = op_slice(result, 2, 0, D);
    backward(op_sum(op_mul(head, head)));
    const real *dx = tensor_grad(x);
    int seen = 0;
    for (int e = 0; e < E; e++) {
        bool any = false;
        // A column counts if any word's entry in it has a gradient.
        for (int t = 0; t < B * T; t++) any = any || dx[t * E + e] != 0;
        seen += any;
    }
    return seen;
}

static void count_parameters(Comparison *comparison) {
    Random random;
    random_seed(&random, 1);
    Parameters ours = {0}, his = {0};
    multihead_new(&ours, "", (MultiheadConfig){.d_model = E, .nhead = H}, &random);
    linear_new(&his, "values.", D, D, false, &random);
    linear_new(&his, "keys.", D, D, false, &random);
    linear_new(&his, "queries.", D, D, false, &random);
    linear_new(&his, "fc_out.", E, E, true, &random);
    const size_t norms = 2 * 2 * E, feed_forward = E * 4 * E + 4 * E + 4 * E * E + E;
    printf("  the paper's layer  %7zu\n  his layer          %7zu\n\n", parameters_size(&ours),
           parameters_size(&his));
    // His example has 10 words, 100 learned positions and 6 encoder layers.
    compare_value(comparison, "his encoder in PyTorch", 14316544,
                  (double)(110 * E + 6 * (parameters_size(&his) + norms + feed_forward)), 0, 0);
    parameters_free(&ours);
    parameters_free(&his);
}

/* The mean over queries of the largest weight, for scores divided by scale. */
static double sharpness(Tensor *x, Tensor *const small[3], real scale) {
    Tensor *cut = RESHAPE(x, B, T, H, D);
    Tensor *q = op_transpose(op_linear(cut, small[0], NULL), 1, 2);
    Tensor *k = op_transpose(op_linear(cut, small[1], NULL), 1, 2);
    const Tensor *p =
        op_softmax(op_scale(op_matmul(q, op_transpose(k, -2, -1)), 1 / scale)); // (B,H,T,T)
    double mean = 0;
    for (int row = 0; row < B * H * T; row++) {
        real most = 0;
        for (int s = 0; s < T; s++)
            most = p->data[row * T + s] > most ? p->data[row * T + s] : most;
        // 1/T where nothing is preferred, 1 where one word takes all.
        mean += (double)most / (B * H * T);
    }
    return mean;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Aladdin Persson's layer, whose heads share one small projection, against "
                         "the paper's.",
                         "build/04_multihead/shared_projection"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    real *values = memory_alloc(B * T * E * sizeof *values);
    random_fill_normal(&random, values, B * T * E, 0, 1);
    Tensor *x = tensor_variable(values, 3, SHAPE(B, T, E)), *small[3], *full[3];
    for (int i = 0; i < 3; i++) {
        small[i] = TENSOR(D, D);
        // Unit variance out of unit variance in, so that the scores are of the size that 1/sqrt(D)
        // is meant for.
        random_fill_normal(&random, small[i]->data, small[i]->size, 0, 1 / sqrt(D));
        full[i] = block_diagonal(small[i]);
    }

    lesson_step(&lesson, "Parameters: 512 wide, 8 heads");
    count_parameters(&comparison);
    puts("\n3 x 64 x 64 instead of 3 x 512 x 512: one matrix serves all eight heads.");

    lesson_step(&lesson, "It is the paper's layer with most of its weights nailed to zero");
    Tensor *his = his_heads(x, small, (real)sqrt(E)); // (2,9,512)
    Tensor *q = op_scale(op_linear(x, full[0], NULL), (real)sqrt((double)D / E));
    Tensor *k = op_linear(x, full[1], NULL), *v = op_linear(x, full[2], NULL); // (2,9,512)
    Tensor *ours = composed_attention(head_columns(q, k, v, H), (Masks){0}, 0, NULL);
    compare_claim(&comparison, "his result = ours with eight equal blocks on the diagonal",
                  vector_max_difference(his->data, ours->data, his->size) < 1e-5);
    COMPARE_SHAPE(&comparison, "and the shape", his, 2, 9, 512);

    lesson_step(&lesson, "What a head can see");
    Tensor *free_weight = TENSOR(E, E);
    init_xavier_uniform(&random, free_weight->data, E, E, 1);
    Tensor *same = op_linear(x, free_weight, NULL); // (2,9,512): query, key and value alike
    Tensor *paper = composed_attention(head_columns(same, same, same, H), (Masks){0}, 0, NULL);
    // Each gradient is asked for in a graph of its own: backward runs once.
    const int all = columns_seen(x, paper);
    graph_reset(graph_current());
    x = tensor_variable(values, 3, SHAPE(B, T, E));
    for (int i = 0; i < 3; i++) small[i] = TENSOR(D, D);
    for (int i = 0; i < 3; i++)
        random_fill_normal(&random, small[i]->data, small[i]->size, 0, 1 / sqrt(D));
    const int own = columns_seen(x, his_heads(x, small, (real)sqrt(E)));
    printf("  the paper's head 0 depends on %3d of the 512 input columns\n"
           "  his head 0 depends on         %3d of them\n\n"
           "In the paper each head looks at the whole word through glasses of its own. Here\n"
           "all wear the same glasses, and each is shown another eighth of the word.\n",
           all, own);
    compare_claim(&comparison, "his heads see 64 columns each, the paper's all 512",
                  own == D && all == E);

    lesson_step(&lesson, "His scale");
    printf("  scores / sqrt(64)   the largest of 9 weights is on average %.2f\n"
           "  scores / sqrt(512)                                         %.2f\n"
           "  no preference at all                                       %.2f\n\n"
           "The dot products are sums of 64 terms, so 64 is the number to take the root of.\n"
           "Dividing by sqrt(512) leaves the untrained heads closer to a plain average;\n"
           "training can make up for it with larger weights.\n",
           sharpness(x, small, (real)sqrt(D)), sharpness(x, small, (real)sqrt(E)), 1.0 / T);
    free(values);
    return lesson_end(&lesson, compare_end(&comparison));
}
