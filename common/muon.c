#include "common/muon.h"

#include <math.h>

#include "common/matmul.h"

enum { ITERATIONS = 5 };

size_t muon_scratch(int rows, int cols) {
    return 2 * (size_t)rows * (size_t)(rows + cols); // u and product, gram and polynomial
}

/* A singular value s becomes s (a + b s^2 + c s^4): small ones grow fastest, and near 1 it stays.
 * Divided by the norm, none begins above 1. */
void muon_orthogonalize(real *x, int rows, int cols, real *scratch) {
    const real a = (real)3.4445, b = (real)-4.7750, c = (real)2.0315;
    const size_t size = (size_t)rows * (size_t)cols, square = (size_t)rows * (size_t)rows;
    real *gram = scratch, *polynomial = scratch + square; // (rows,rows)
    real *product = scratch + 2 * square;                 // (rows,cols)
    double squares = 0;
    for (size_t i = 0; i < size; i++) squares += (double)x[i] * (double)x[i];
    // Of a gradient that has stayed 0 a trace is left, smaller than a float can be divided by.
    const real normed = squares > 1e-60 ? (real)(1 / sqrt(squares)) : 0;
    for (size_t i = 0; i < size; i++) x[i] *= normed;
    for (int step = 0; step < ITERATIONS; step++) {
        matmul_transpose_b(gram, 0, x, x, rows, cols, rows); // X X^T
        matmul(polynomial, 0, gram, gram, rows, rows, rows);
        for (size_t i = 0; i < square; i++) polynomial[i] = b * gram[i] + c * polynomial[i];
        matmul(product, 0, polynomial, x, rows, rows, cols);
        for (size_t i = 0; i < size; i++) x[i] = a * x[i] + product[i];
    }
}

/* The step looks ahead (Nesterov): the newest gradient counts once more than in m alone. */
void muon_step(real *w, real *g, real *m, int rows, int cols, double lr, double scale,
               real *scratch) {
    const real keep = (real)0.95, add = (real)(0.05 * scale);
    const size_t size = (size_t)rows * (size_t)cols;
    real *u = scratch; // (rows,cols)
    for (size_t i = 0; i < size; i++) {
        m[i] = keep * m[i] + add * g[i];
        u[i] = keep * m[i] + add * g[i];
        g[i] = 0;
    }
    muon_orthogonalize(u, rows, cols, scratch + size);
    const real rate = (real)(lr * 0.2 * sqrt((double)(rows > cols ? rows : cols)));
    for (size_t i = 0; i < size; i++) w[i] -= rate * u[i];
}
