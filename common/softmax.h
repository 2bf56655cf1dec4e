/* softmax.h - the softmax of one row, shared by every operation that has one inside. */
#ifndef COMMON_SOFTMAX_H
#define COMMON_SOFTMAX_H

#include "common/real.h"

/* row (n) <- e^(row - shift), in place; returns the sum. */
static inline real exp_row(real *row, size_t n, real shift) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) {
        const real e = real_exp(row[i] - shift);
        row[i] = e;
        sum += e;
    }
    return sum;
}

/* row (n) <- softmax(row), in place; returns ln sum_j e^row[j]. The largest entry is subtracted
 * first, so no entry overflows. If all entries are -infinity (all keys masked) the row becomes
 * zeros and the result is -infinity: such a query attends to nothing. NaN spreads, as it should. */
static inline real softmax_row(real *row, size_t n) {
    real max = -INFINITY;
#pragma omp simd reduction(max : max)
    for (size_t i = 0; i < n; i++) max = row[i] > max ? row[i] : max;
    const real shift = max == -INFINITY ? 0 : max; // -inf - -inf would be NaN
    const real sum = exp_row(row, n, shift);
    const real scale = sum == 0 ? 0 : 1 / sum;
    for (size_t i = 0; i < n; i++) row[i] *= scale;
    return shift + (real)log(sum);
}

/* sum_j dp_j p_j, the part of a softmax's way back that all entries of a row share. */
static inline real softmax_row_dot(const real *dp, const real *p, size_t n) {
    real dot = 0;
#pragma omp simd reduction(+ : dot)
    for (size_t i = 0; i < n; i++) dot += dp[i] * p[i];
    return dot;
}

/* forward was p = softmax(x), so now dx_i += p_i (dp_i - sum_j dp_j p_j). A row of zeros, that of a
 * fully masked query, passes nothing back. */
static inline void softmax_row_backward(real *dx, const real *dp, const real *p, size_t n) {
    const real dot = softmax_row_dot(dp, p, n);
    for (size_t i = 0; i < n; i++) dx[i] += p[i] * (dp[i] - dot);
}

#endif
