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

#include "common/profile.h"

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
    const ProfilePlace before = profile_enter_product(2.0 * m * n * k);
#ifdef REAL_IS_DOUBLE
    cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
#else
    cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, alpha, a, lda, b, ldb, beta, c, ldc);
#endif
    profile_leave(before);
}

/* a b + c: in one operation, rounded once, where the processor has one. */
static inline float real_fma(float a, float b, float c) {
#ifdef FP_FAST_FMAF
    return fmaf(a, b, c);
#else
    return a * b + c;
#endif
}

/* e^x, written so that a loop over it vectorises, which a call of expf does not.
 * Float: x = n ln2 + r with |r| <= ln2/2, a degree-6 polynomial for e^r (the Taylor series,
 * its coefficients adjusted as in Cephes' expf), and 2^n by adding n to the exponent's bits. From
 * -87.3, where the normal numbers end, to 88.7, where the numbers end, the error is <= 2 ulp; below
 * that 0, above it infinity, NaN stays NaN. */
static inline real real_exp(real x) {
#ifdef REAL_IS_DOUBLE
    return exp(x);
#else
    const float high = 88.72283f, low = -87.33654f; // ln(FLT_MAX), ln(FLT_MIN)
    const float magic = 12582912.0f; // 1.5 * 2^23: adding it rounds to the nearest integer
    union {
        float value;
        uint32_t bits;
    } whole = {real_fma(x, 1.44269504f, magic)}, y; // n stands in its lowest bits
    const float n = whole.value - magic;
    float r = real_fma(n, -0.693359375f, x); // ln2 in two parts
    r = real_fma(n, 2.12194440e-4f, r);
    float p = 1.9875691500e-4f;
    p = real_fma(p, r, 1.3981999507e-3f);
    p = real_fma(p, r, 8.3334519073e-3f);
    p = real_fma(p, r, 4.1665795894e-2f);
    p = real_fma(p, r, 1.6666665459e-1f);
    p = real_fma(p, r, 5.0000001201e-1f);
    y.value = real_fma(p * r, r, r) + 1.0f; // e^r, near 1
    y.bits += whole.bits << 23;             // 2^n times that, if 2^n exists
    const float result = x < low ? 0.0f : x > high ? INFINITY : y.value;
    return x == x ? result : x;
#endif
}

#endif
