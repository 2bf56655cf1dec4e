/* real.h - the number type of every tensor, and the few numeric primitives built on it.
 *
 * `real` is float. Compiled with -DREAL_IS_DOUBLE (make MODE=f64) the same sources compute in
 * double, so that analytic gradients can be checked against central differences to 1e-7, which
 * float cannot reach: there a layer norm's check stops near 1e-4.
 */
#ifndef COMMON_REAL_H
#define COMMON_REAL_H

#include <cblas.h>
#include <math.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#undef I // from <complex.h>, which cblas.h brings along: here I is a number of inputs

#ifdef REAL_IS_DOUBLE
typedef double real;
#else
typedef float real;
#endif

/* C (m,n) <- alpha op(A) op(B) + beta C, all row-major with row strides lda, ldb, ldc.
 * op(A) is (m,k): A itself, or its transpose when transpose_a; likewise op(B) (k,n).
 * With beta = 0, C need not be initialised. */
static inline void gemm(bool transpose_a, bool transpose_b, int m, int n, int k, real alpha,
                        const real *a, int lda, const real *b, int ldb, real beta, real *c,
                        int ldc) {
    if (m == 0 || n == 0) return;
    const enum CBLAS_TRANSPOSE ta = transpose_a ? CblasTrans : CblasNoTrans;
    const enum CBLAS_TRANSPOSE tb = transpose_b ? CblasTrans : CblasNoTrans;
#ifdef REAL_IS_DOUBLE
    cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
#else
    cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
#endif
}

/* e^x, written so that a loop over it vectorises, which a call of expf does not.
 * Float: x = n ln2 + r with |r| <= ln2/2, a degree-6 polynomial for e^r (the Taylor series,
 * its coefficients adjusted as in Cephes' expf), and 2^n put together from its bits in two
 * halves so that results down to the smallest normal number come out. Error <= 2 ulp over
 * [-87.3, 88.7]; below that 0, above it infinity, NaN stays NaN. */
static inline real real_exp(real x) {
#ifdef REAL_IS_DOUBLE
    return exp(x);
#else
    const float high = 88.72283f, low = -87.33654f; // ln(FLT_MAX), ln(FLT_MIN)
    const float clamped = x > high ? high : x < low ? low : x;
    const float magic = 12582912.0f; // 1.5 * 2^23: adding it rounds to the nearest integer
    const float n = (clamped * 1.44269504f + magic) - magic;
    const float r = (clamped - n * 0.693359375f) - n * -2.12194440e-4f; // ln2 in two parts
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    const int32_t whole = (int32_t)(clamped == clamped ? n : 0.0f);
    const int32_t half = whole >> 1;
    union {
        int32_t bits;
        float value;
    } first = {(half + 127) * (1 << 23)}, second = {(whole - half + 127) * (1 << 23)};
    float y = p * first.value * second.value;
    y = x < low ? 0.0f : y;
    y = x > high ? INFINITY : y;
    return x == x ? y : x;
#endif
}

#endif
