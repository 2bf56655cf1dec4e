#include "03_self_attention/attention_backward.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { T = 3, S = 4, D = 5, WIDE = 12 };

/* p (T,S) <- weights as a softmax makes them: rows that sum to 1. hidden (S), if not NULL: keys
 * whose weight is 0. */
static void make_weights(real *p, int rows, int keys, unsigned seed, const bool *hidden) {
    exercise_fill(p, (size_t)(rows * keys), seed);
    for (int t = 0; t < rows; t++) {
        double sum = 0;
        for (int s = 0; s < keys; s++) {
            const double e = hidden && hidden[s] ? 0 : exp((double)p[t * keys + s]);
            p[t * keys + s] = (real)e;
            sum += e;
        }
        for (int s = 0; s < keys; s++) p[t * keys + s] /= (real)sum;
    }
}

/* ---- Small enough to follow ------------------------------------------------------------------ */

/* A query that looked at two keys, .25 and .75; D = 1, so that 1 / sqrt(D) is 1. */
static void one_query(bool with_dq, bool with_dk, bool with_dv) {
    const real q[] = {2}, k[] = {1, 3}, v[] = {10, 20}, p[] = {(real)0.25, (real)0.75}, dy[] = {4};
    real dq[] = {0}, dk[] = {0, 0}, dv[] = {0, 0}, scratch[2];
    const AttentionHeadArrays head = {.T = 1,
                                      .S = 2,
                                      .D = 1,
                                      .q = q,
                                      .k = k,
                                      .v = v,
                                      .q_stride = 1,
                                      .k_stride = 1,
                                      .v_stride = 1,
                                      .y_stride = 1};
    attention_backward(with_dq ? dq : NULL, with_dk ? dk : NULL, with_dv ? dv : NULL, dy, NULL, p,
                       scratch, &head);
    if (with_dv) SHOW("dv", dv, 2, 1);
    if (with_dq) SHOW("dq", dq, 1, 1);
    if (with_dk) SHOW("dk", dk, 2, 1);
}

static void values_alone(void) {
    one_query(false, false, true);
}

static void query_alone(void) {
    one_query(true, false, false);
}

static void keys_alone(void) {
    one_query(false, true, false);
}

/* ---- In general ------------------------------------------------------------------------------ */

/* Three queries, four keys, into gradients that hold numbers already. stride: of all matrices. */
static void back(int stride, const real *p, const real *dp, const Dropout *dropout, size_t first) {
    real q[T * WIDE], k[S * WIDE], v[S * WIDE], dy[T * WIDE];
    real dq[T * WIDE], dk[S * WIDE], dv[S * WIDE], scratch[T * S];
    const size_t queries = (size_t)(T * stride), keys = (size_t)(S * stride);
    exercise_fill(q, queries, 1);
    exercise_fill(k, keys, 2);
    exercise_fill(v, keys, 3);
    exercise_fill(dy, queries, 4);
    exercise_fill(dq, queries, 5);
    exercise_fill(dk, keys, 6);
    exercise_fill(dv, keys, 7);
    for (int i = 0; i < T * S; i++) scratch[i] = (real)NAN;
    const AttentionHeadArrays head = {T,      S,      D,      q,      k,       v,
                                      stride, stride, stride, stride, dropout, first};
    attention_backward(dq, dk, dv, dy, dp, p, scratch, &head);
    SHOW("dv", dv, S, stride);
    SHOW("dq", dq, T, stride);
    SHOW("dk", dk, S, stride);
}

static void added(void) {
    real p[T * S];
    make_weights(p, T, S, 8, NULL);
    back(D, p, NULL, NULL, 0);
}

static void columns_of_wider(void) {
    real p[T * S];
    make_weights(p, T, S, 8, NULL);
    back(WIDE, p, NULL, NULL, 0);
}

static void with_masks(void) {
    static const bool hidden[S] = {false, true, false, true};
    real p[T * S];
    make_weights(p, T, S, 9, hidden);
    for (int s = 0; s < S; s++) p[s] = 0; // the first query had no key left
    back(D, p, NULL, NULL, 0);
}

static void loss_on_weights(void) {
    real p[T * S], dp[T * S];
    make_weights(p, T, S, 8, NULL);
    exercise_fill(dp, T * S, 10);
    back(D, p, dp, NULL, 0);
}

static void dropped(void) {
    const Dropout dropout = dropout_new(7, (real)0.5);
    real p[T * S];
    make_weights(p, T, S, 8, NULL);
    back(D, p, NULL, &dropout, 0);
}

static void dropped_further_on(void) {
    const Dropout dropout = dropout_new(7, (real)0.5);
    real p[T * S], dp[T * S];
    make_weights(p, T, S, 8, NULL);
    exercise_fill(dp, T * S, 10);
    back(D, p, dp, &dropout, 24);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"attention_backward", "one query, two keys: dv alone", values_alone, GRADIENTS},
        {"attention_backward", "one query, two keys: dq alone", query_alone, GRADIENTS},
        {"attention_backward", "one query, two keys: dk alone", keys_alone, GRADIENTS},
        {"attention_backward", "all three, into numbers that are there", added, GRADIENTS},
        {"attention_backward", "columns of wider matrices", columns_of_wider, GRADIENTS},
        {"attention_backward", "keys, and a whole row, masked", with_masks, GRADIENTS},
        {"attention_backward", "a loss on the weights", loss_on_weights, GRADIENTS},
        {"attention_backward", "half of the weights dropped", dropped, GRADIENTS},
        {"attention_backward", "dropped, not the first head", dropped_further_on, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
