#include "03_self_attention/attention_backward.h"

#include "common/softmax.h"

/* The forward pass, step by step, and what each step's gradient is now:
 *     scores = q k^T / sqrt(D)    dq += dscores k / sqrt(D)     dk += dscores^T q / sqrt(D)
 *     p      = softmax(scores)    dscores = p (dp - sum_s p dp), the sum over each row
 *     w      = drop(p)            dp += drop(dw): the same factors, since w = factor p
 *     y      = w v                dw = dy v^T                   dv += w^T dy
 * It goes from the last line to the first, and one matrix (T,S) holds w, dw, dp and dscores in
 * turn. */
void attention_backward(real *dq, real *dk, real *dv, const real *dy, const real *dp, const real *p,
                        real *scratch, const AttentionHeadArrays *head) {
    const int T = head->T, S = head->S, D = head->D;
    const real scale = 1 / (real)sqrt(D);
    const real *w = p; // (T,S)
    if (head->dropout && dv) {
        dropout_apply(head->dropout, scratch, p, head->first, (size_t)(T * S));
        w = scratch;
    }
    if (dv) // (S,D): each value hears from every query, by how much it was looked at
        gemm(true, false, S, D, T, 1, w, S, dy, head->y_stride, 1, dv, head->v_stride);
    real *ds = scratch; // (T,S): dw, then dp, then dscores
    gemm(false, true, T, S, D, 1, dy, head->y_stride, head->v, head->v_stride, 0, ds, S);
    if (head->dropout) dropout_apply(head->dropout, ds, ds, head->first, (size_t)(T * S));
    for (int i = 0; i < T * S && dp; i++) ds[i] += dp[i];
    for (int t = 0; t < T; t++) {
        const real *row = p + t * S;
        const real dot = softmax_row_dot(ds + t * S, row, (size_t)S);
        for (int s = 0; s < S; s++) ds[t * S + s] = row[s] * (ds[t * S + s] - dot);
    }
    if (dq)
        gemm(false, false, T, D, S, scale, ds, S, head->k, head->k_stride, 1, dq, head->q_stride);
    if (dk)
        gemm(true, false, S, D, T, scale, ds, S, head->q, head->q_stride, 1, dk, head->k_stride);
}
