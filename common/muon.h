/* muon.h - the step of Muon on a plain matrix.
 *
 * Adam looks at every weight alone. The gradient of a matrix has directions, though, and a few of
 * them are so long that the others hardly count. Muon (K. Jordan et al. 2024, "Muon: An optimizer
 * for hidden layers in neural networks") averages the gradient, makes all its directions equally
 * long, and takes that as its step.
 */
#ifndef COMMON_MUON_H
#define COMMON_MUON_H

#include <stddef.h>

#include "common/real.h"

/* A matrix is stepped in bands of so many rows, each a matrix of its own: the work grows with the
 * square of the rows, and heads are bands of rows anyway. */
enum { MUON_BAND = 64 };

/* Numbers of working memory that a matrix (rows,cols) takes in muon_step. */
size_t muon_scratch(int rows, int cols);

/* x (rows,cols), U S V^T by its singular values S, becomes nearly U V^T: five steps of
 * a X + b (X X^T) X + c (X X^T)^2 X with Jordan's a = 3.4445, b = -4.7750, c = 2.0315. They bring
 * each singular value between 0.03 and 1 of the matrix's norm to between 0.68 and 1.14, without
 * ever computing one. All zeros, or a norm below 1e-30, become
 * zeros. scratch: 2 rows^2 + rows cols numbers. */
void muon_orthogonalize(real *x, int rows, int cols, real *scratch);

/* One step of the matrix w (rows,cols) along its gradient g; its momentum m is 0 at first:
 *     m = 0.95 m + 0.05 scale g        u = 0.95 m + 0.05 scale g        g = 0
 *     w = w - lr 0.2 sqrt(max(rows, cols)) orthogonal(u)
 * The factor makes the step as long as Adam's usual one, so that the same rate suits both (J. Liu
 * et al. 2025, "Muon is Scalable for LLM Training", section 2.2). scratch: muon_scratch numbers. */
void muon_step(real *w, real *g, real *m, int rows, int cols, double lr, double scale,
               real *scratch);

#endif
