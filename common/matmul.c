#include "common/matmul.h"

/* BLAS does it: the triple loop is some hundred times slower, since it neither keeps blocks of the
 * matrices in the cache nor uses the whole width of the processor. */
void matmul(real *y, real beta, const real *a, const real *b, int M, int K, int N) {
    gemm(false, false, M, N, K, 1, a, K, b, N, beta, y, N);
}

void matmul_transpose_b(real *y, real beta, const real *a, const real *b, int M, int K, int N) {
    gemm(false, true, M, N, K, 1, a, K, b, K, beta, y, N);
}

void matmul_transpose_a(real *y, real beta, const real *a, const real *b, int M, int K, int N) {
    gemm(true, false, M, N, K, 1, a, M, b, N, beta, y, N);
}

void matmul_backward(real *da, real *db, const real *dy, const real *a, const real *b, int M, int K,
                     int N) {
    if (da) matmul_transpose_b(da, 1, dy, b, M, N, K);
    if (db) matmul_transpose_a(db, 1, a, dy, K, M, N);
}
