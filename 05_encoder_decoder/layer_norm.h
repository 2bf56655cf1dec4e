/* layer_norm.h - layer normalisation, torch.nn.LayerNorm. */
#ifndef LAYER_NORM_H
#define LAYER_NORM_H

#include "common/ops.h"
#include "common/parameters.h"

typedef struct {
    Tensor *weight, *bias; // (E): the learned scale (from 1) and shift (from 0)
} LayerNorm;

/* Adds PREFIXweight and PREFIXbias. Draws nothing. */
LayerNorm layer_norm_new(Parameters *parameters, const char *prefix, int E);

/* x (...,E): each row is brought to mean 0 and variance 1, then scaled and shifted (Ba et al.
 * 2016): y = weight (x - mean) / sqrt(var + 1e-5) + bias with the biased variance (divided by E)
 * and epsilon inside the root, as in PyTorch. */
Tensor *layer_norm(const LayerNorm *norm, Tensor *x);

#endif
