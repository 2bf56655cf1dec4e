/* init.h - PyTorch's initialisers for weights.
 *
 * The same generator state gives the same weights as in PyTorch, to the last bit for the uniform
 * ones, provided that parameters are initialised in the order in which PyTorch constructs them.
 * Uniform and normal weights with given bounds are random_fill_uniform and random_fill_normal
 * themselves (nn.Embedding's weight is the latter with mean 0 and deviation 1).
 */
#ifndef COMMON_INIT_H
#define COMMON_INIT_H

#include "common/random.h"

/* x (n) <- value. Draws nothing. */
void init_constant(real *x, size_t n, double value);

/* w (fan_out,fan_in) <- uniform in +-gain sqrt(6 / (fan_in + fan_out)), as
 * nn.init.xavier_uniform_(w, gain): X. Glorot, Y. Bengio, AISTATS 2010, equation 16, which keeps
 * the variance of signals and gradients from layer to layer. */
void init_xavier_uniform(Random *random, real *w, size_t fan_out, size_t fan_in, double gain);

/* w (out_features,in_features), then bias (out_features) <- uniform in +-1/sqrt(in_features), as
 * the constructor of nn.Linear(in_features, out_features). bias may be NULL: nothing is drawn
 * for it, as with bias=False. */
void init_linear(Random *random, real *w, real *bias, size_t out_features, size_t in_features);

#endif
