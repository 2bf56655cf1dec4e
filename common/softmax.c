#include "common/softmax.h"

real softmax_exp_row(real *row, size_t n, real shift) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) {
        const real e = real_exp(row[i] - shift);
        row[i] = e;
        sum += e;
    }
    return sum;
}

void softmax_row(real *row, size_t n) {
    real max = -INFINITY;
#pragma omp simd reduction(max : max)
    for (size_t i = 0; i < n; i++) max = row[i] > max ? row[i] : max;
    const real shift = max == -INFINITY ? 0 : max; // -inf - -inf would be NaN
    const real sum = softmax_exp_row(row, n, shift);
    const real scale = sum == 0 ? 0 : 1 / sum;
    for (size_t i = 0; i < n; i++) row[i] *= scale;
}

real softmax_row_dot(const real *dp, const real *p, size_t n) {
    real dot = 0;
#pragma omp simd reduction(+ : dot)
    for (size_t i = 0; i < n; i++) dot += dp[i] * p[i];
    return dot;
}

void softmax_row_backward(real *dx, const real *dp, const real *p, size_t n) {
    const real dot = softmax_row_dot(dp, p, n);
    for (size_t i = 0; i < n; i++) dx[i] += p[i] * (dp[i] - dot);
}
