/* matmul.h - the product of two matrices, on plain arrays, and its way back.
 *
 * All matrices are row-major and contiguous. Each product is made into y with beta 0, when y need
 * not be initialised, or added to it with beta 1. Where strides or a factor are needed, there is
 * gemm (real.h).
 */
#ifndef COMMON_MATMUL_H
#define COMMON_MATMUL_H

#include "common/real.h"

/* a (M,K), b (K,N): y (M,N) <- beta y + a b, y_mn = sum_k a_mk b_kn */
void matmul(real *y, real beta, const real *a, const real *b, int M, int K, int N);

/* a (M,K), b (N,K): y (M,N) <- beta y + a b^T */
void matmul_transpose_b(real *y, real beta, const real *a, const real *b, int M, int K, int N);

/* a (K,M), b (K,N): y (M,N) <- beta y + a^T b */
void matmul_transpose_a(real *y, real beta, const real *a, const real *b, int M, int K, int N);

/* In the forward pass y = a b, so now da += dy b^T and db += a^T dy: two products. a, da (M,K),
 * b, db (K,N), dy (M,N); da or db may be NULL. */
void matmul_backward(real *da, real *db, const real *dy, const real *a, const real *b, int M, int K,
                     int N);

#endif
