/* layer_norm.h - layer normalisation, torch.nn.LayerNorm. */
#ifndef LAYER_NORM_H
#define LAYER_NORM_H

#include "common/ops.h"
#include "common/parameters.h"

typedef struct {
    Tensor *weight, *bias; // (E): the learned scale (from 1) and shift (from 0)
} LayerNorm;

/* x (N,E), w, b (E) -> y (N,E): each row is brought to mean 0 and variance 1, then scaled and
 * shifted (Ba et al. 2016):
 *     y = w (x - mean) / sqrt(var + 1e-5) + b
 * with the biased variance (divided by E) and epsilon inside the root, as in PyTorch. mean and
 * rstd = 1 / sqrt(var + 1e-5), both (N), are kept for the way back. */
void layer_norm_forward(real *y, real *mean, real *rstd, const real *x, const real *w,
                        const real *b, size_t N, size_t E);

/* Adds to dx (N,E), dw and db (E) what comes back from dy (N,E); any of the three may be NULL. mean
 * and rstd are those of the forward pass. */
void layer_norm_backward(real *dx, real *dw, real *db, const real *dy, const real *x, const real *w,
                         const real *mean, const real *rstd, size_t N, size_t E);

/* Adds PREFIXweight and PREFIXbias. Draws nothing. */
LayerNorm layer_norm_new(Parameters *parameters, const char *prefix, int E);

/* The same recorded on the tape: x (...,E) -> (...,E). */
Tensor *layer_norm(const LayerNorm *norm, Tensor *x);

#endif
