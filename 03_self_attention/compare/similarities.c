/* similarities.c - Pascal Poupart, CS480/680 lecture 19: attention as retrieval from a database,
 * sum_i similarity(q, k_i) v_i, and the similarities one may choose.
 *
 * Beside: poupart - his four similarities: one query, four keys, scores and weights
 */
#include "03_self_attention/attention.h"
#include "common/init.h"
#include "common/kernels.h"
#include "common/random.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>

enum { KEYS = 4, D = 8, KINDS = 4 };

static const char *const NAME[KINDS] = {"dot product", "scaled", "general", "additive"};
static const char *const KEY[KEYS] = {"q itself", "2 q", "-q", "random"};

/* Random weights that the general and the additive similarity would learn. */
typedef struct {
    Tensor *w, *w_q, *w_k; // (D,D)
    Tensor *direction;     // (D,1)
} Weights;

static Weights weights_draw(Random *random) {
    const Weights w = {TENSOR(D, D), TENSOR(D, D), TENSOR(D, D), TENSOR(D, 1)};
    init_xavier_uniform(random, w.w->data, D, D, 1);
    init_xavier_uniform(random, w.w_q->data, D, D, 1);
    init_xavier_uniform(random, w.w_k->data, D, D, 1);
    random_fill_normal(random, w.direction->data, D, 0, 1);
    return w;
}

/* Scores (1,KEYS) of the query q (1,D) against the keys k (KEYS,D). */
static Tensor *similarity(int kind, const Weights *w, Tensor *q, Tensor *k) {
    Tensor *transposed = op_transpose(k, 0, 1);                                    // (D,KEYS)
    if (kind == 0) return op_matmul(q, transposed);                                // q k
    if (kind == 1) return op_scale(op_matmul(q, transposed), (real)(1 / sqrt(D))); // q k / sqrt(D)
    if (kind == 2) return op_matmul(op_matmul(q, w->w), transposed);               // q W k
    // direction . tanh(W_q q + W_k k): the query's row is broadcast over the keys.
    Tensor *hidden = op_tanh(op_add(op_matmul(q, w->w_q), op_matmul(k, w->w_k))); // (KEYS,D)
    return op_transpose(op_matmul(hidden, w->direction), 0, 1);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Poupart's four similarities on one query.",
                         "build/03_self_attention/similarities"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    const Weights w = weights_draw(&random);
    Tensor *q = TENSOR(1, D), *k = TENSOR(KEYS, D);
    random_fill_normal(&random, q->data, D, 0, 1);
    random_fill_normal(&random, k->data + 3 * D, D, 0, 1);
    for (int i = 0; i < D; i++) {
        k->data[i] = q->data[i];
        k->data[D + i] = 2 * q->data[i];
        k->data[2 * D + i] = -q->data[i];
    }

    lesson_step(&lesson, "One query, four keys: itself, twice itself, its opposite, a random one");
    real scores[KINDS * KEYS], weights[KINDS * KEYS];
    for (int kind = 0; kind < KINDS; kind++) {
        Tensor *row = similarity(kind, &w, q, k); // (1,KEYS)
        memcpy(scores + kind * KEYS, row->data, KEYS * sizeof(real));
        memcpy(weights + kind * KEYS, op_softmax(row)->data, KEYS * sizeof(real));
    }
    print_heatmap("scores", scores, KINDS, KEYS, NAME, KEY, 2);
    print_heatmap("weights", weights, KINDS, KEYS, NAME, KEY, 3);
    printf("The dot product asks \"how far along my direction?\", so twice the key wins over\n"
           "the key; scaled, it is less sure. A learned W may prefer anything. The additive\n"
           "score (Bahdanau's) cannot run away, thanks to its tanh, but wants D numbers for\n"
           "every pair (q,k). The others are one matrix product: the Transformer's reason.\n");

    lesson_step(&lesson, "What must hold");
    Comparison comparison = {0};
    Tensor *identity = TENSOR(D, D);
    for (int i = 0; i < D * D; i++) identity->data[i] = i % (D + 1) == 0;
    const Weights plain = {identity, identity, identity, w.direction};
    Tensor *general = similarity(2, &plain, q, k); // (1,KEYS)
    const double off = vector_max_difference(general->data, scores, KEYS);
    double bound = 0;
    for (int i = 0; i < D; i++) bound += fabs((double)w.direction->data[i]);
    compare_claim(&comparison, "general with W = identity is the dot product", off < 1e-6);
    compare_claim(&comparison, "scaled / dot product is 1/sqrt(8)",
                  fabs((double)(scores[KEYS] / scores[0]) - 1 / sqrt(D)) < 1e-6);
    bool bounded = true;
    for (int i = 0; i < KEYS; i++) bounded = bounded && fabs((double)scores[3 * KEYS + i]) <= bound;
    compare_claim(&comparison, "additive scores stay below the sum of |direction|", bounded);
    return lesson_end(&lesson, compare_end(&comparison));
}
