#include "04_multihead/fused_attention.h"
#include "common/kernels.h"
#include "tests/exercise.h"

/* q has rows of its own; keys and values lie side by side in rows that are wider than both, and
 * there are more rows than keys, as in a cache that is not full. */
enum { B = 2, H = 2, T = 3, S = 4, D = 2, E = H * D, WIDE = 2 * E + 3, ROWS = S + 2 };
enum { QUERIES = B * T * E, KEYS = B * ROWS * WIDE, WEIGHTS = B * H * T * S };

typedef struct {
    real q[QUERIES], kv[KEYS];
    FusedArrays arrays; // points into q and kv
} Heads;

static void make_heads(Heads *heads, int sentences) {
    exercise_fill(heads->q, QUERIES, 1);
    exercise_fill(heads->kv, KEYS, 2);
    heads->arrays = (FusedArrays){.B = sentences,
                                  .H = H,
                                  .T = T,
                                  .S = S,
                                  .D = D,
                                  .q = {heads->q, E, T * E},
                                  .k = {heads->kv, WIDE, ROWS * WIDE},
                                  .v = {heads->kv + E, WIDE, ROWS * WIDE}};
}

/* ---- Forward --------------------------------------------------------------------------------- */

/* One sentence, one query, two keys; two heads of one column each. The first head's query finds its
 * key in the first place, the second's in the second. */
static void two_small_heads(void) {
    const real q[] = {2, 2}, k[] = {1, 0, 0, 1}, v[] = {10, 30, 20, 40};
    real y[2], p[4];
    const FusedArrays arrays = {
        .B = 1, .H = 2, .T = 1, .S = 2, .D = 1, .q = {q, 2, 2}, .k = {k, 2, 4}, .v = {v, 2, 4}};
    fused_attention_forward(y, p, NULL, &arrays, (Masks){0});
    SHOW("weights", p, 1, 2, 1, 2);
    SHOW("y", y, 1, 1, 2);
}

static void forward(int sentences, Masks masks, bool drops) {
    Heads heads;
    real y[QUERIES] = {0}, p[WEIGHTS] = {0}, scratch[T * S];
    make_heads(&heads, sentences);
    heads.arrays.drops = drops;
    if (drops) heads.arrays.dropout = dropout_new(5, (real)0.5);
    fused_attention_forward(y, p, scratch, &heads.arrays, masks);
    SHOW("weights", p, sentences, H, T, S);
    SHOW("y", y, sentences, T, E);
}

static void forward_one(void) {
    forward(1, (Masks){0}, false);
}

static void forward_two(void) {
    forward(B, (Masks){0}, false);
}

static void forward_masked(void) {
    static const unsigned char padding[B * S] = {0, 0, 0, 1, 0, 1, 1, 1};
    forward(B, (Masks){.key_padding_mask = padding, .causal = true}, false);
}

static void forward_dropped(void) {
    forward(B, (Masks){0}, true);
}

/* ---- Back ------------------------------------------------------------------------------------ */

/* p <- rows of positive numbers that sum to 1. */
static void make_weights(real *p) {
    exercise_fill(p, WEIGHTS, 3);
    for (int row = 0; row < WEIGHTS / S; row++) {
        double sum = 0;
        for (int s = 0; s < S; s++) sum += exp((double)p[row * S + s]);
        for (int s = 0; s < S; s++) p[row * S + s] = (real)(exp((double)p[row * S + s]) / sum);
    }
}

typedef struct {
    int sentences;
    bool without_dq, without_dkv, with_dp, drops;
} Wanted;

static void back(Wanted wanted) {
    Heads heads;
    real p[WEIGHTS], dp[WEIGHTS], dy[QUERIES], dq[QUERIES], dkv[KEYS], scratch[T * S];
    make_heads(&heads, wanted.sentences);
    make_weights(p);
    exercise_fill(dp, WEIGHTS, 4);
    exercise_fill(dy, QUERIES, 5);
    exercise_fill(dq, QUERIES, 6);
    exercise_fill(dkv, KEYS, 7);
    heads.arrays.drops = wanted.drops;
    if (wanted.drops) heads.arrays.dropout = dropout_new(5, (real)0.5);
    fused_attention_backward(wanted.without_dq ? NULL : dq, wanted.without_dkv ? NULL : dkv,
                             wanted.without_dkv ? NULL : dkv + E, dy, wanted.with_dp ? dp : NULL, p,
                             scratch, &heads.arrays);
    SHOW("dq", dq, B, T, E);
    SHOW("dk and dv, side by side", dkv, B, ROWS, WIDE);
}

static void back_one(void) {
    back((Wanted){.sentences = 1});
}

static void back_two(void) {
    back((Wanted){.sentences = B});
}

static void back_query(void) {
    back((Wanted){.sentences = B, .without_dkv = true});
}

static void back_keys(void) {
    back((Wanted){.sentences = B, .without_dq = true});
}

static void back_weights(void) {
    back((Wanted){.sentences = B, .with_dp = true});
}

static void back_dropped(void) {
    back((Wanted){.sentences = B, .with_dp = true, .drops = true});
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"fused_attention_forward", "two heads of one column", two_small_heads, VALUES},
        {"fused_attention_forward", "one sentence", forward_one, VALUES},
        {"fused_attention_forward", "two sentences", forward_two, VALUES},
        {"fused_attention_forward", "two sentences, padded and causal", forward_masked, VALUES},
        {"fused_attention_forward", "half of the weights dropped", forward_dropped, VALUES},
        {"fused_attention_backward", "one sentence, into numbers that are there", back_one,
         GRADIENTS},
        {"fused_attention_backward", "two sentences", back_two, GRADIENTS},
        {"fused_attention_backward", "dq alone", back_query, GRADIENTS},
        {"fused_attention_backward", "dk and dv alone", back_keys, GRADIENTS},
        {"fused_attention_backward", "a loss on the weights", back_weights, GRADIENTS},
        {"fused_attention_backward", "half of the weights dropped", back_dropped, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
