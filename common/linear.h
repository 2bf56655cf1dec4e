/* linear.h - the fully connected layer, torch.nn.Linear. */
#ifndef COMMON_LINEAR_H
#define COMMON_LINEAR_H

#include "common/ops.h"
#include "common/parameters.h"
#include "common/random.h"

typedef struct {
    Tensor *weight; // (out,in)
    Tensor *bias;   // (out), or NULL
} Linear;

/* Adds PREFIXweight and PREFIXbias to parameters, drawn as nn.Linear draws them: weight, then bias,
 * uniform in +-1/sqrt(in). */
Linear linear_new(Parameters *parameters, const char *prefix, int in, int out, bool with_bias,
                  Random *random);

/* x (...,in) -> x weight^T + bias (...,out) */
Tensor *linear_forward(const Linear *linear, Tensor *x);

#endif
