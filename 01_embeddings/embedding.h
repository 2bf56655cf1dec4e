/* embedding.h - from token ids to vectors: a table with one row per token, learned. */
#ifndef EMBEDDING_H
#define EMBEDDING_H

#include "common/ops.h"
#include "common/parameters.h"
#include "common/random.h"

/* y (N,E) <- scale times the rows ids[0 .. N) of weight (V,E). */
void embedding_lookup_forward(real *y, const real *weight, const int *ids, int N, int E,
                              real scale);

/* Adds to dweight (V,E): row ids[n] receives scale times row n of dy (N,E). Only the rows that were
 * looked up receive anything, one looked up twice from both places. */
void embedding_lookup_backward(real *dweight, const real *dy, const int *ids, int N, int E,
                               real scale);

typedef struct {
    Tensor *weight; // (V,E): row i is the vector of token i
} Embedding;

/* Adds PREFIXweight (num_embeddings, embedding_dim), drawn from N(0,1) as nn.Embedding draws it. */
Embedding embedding_new(Parameters *parameters, const char *prefix, int num_embeddings,
                        int embedding_dim, Random *random);

/* ids: the product of shape's ndim entries, each in [0,V) -> the rows, shape (...,E). ids is kept,
 * not copied, until the way back. A lookup is one-hot(ids) times weight without the product. */
Tensor *embedding_forward(const Embedding *embedding, const int *ids, int ndim, const int *shape);
#define EMBEDDING_FORWARD(embedding, ids, ...)                                                     \
    embedding_forward(embedding, ids, NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))

/* The same times sqrt(E) (Vaswani et al. 2017, section 3.4): it brings rows whose entries have
 * deviation 1/sqrt(E) up to the size of the positional encoding added next. */
Tensor *embedding_forward_scaled(const Embedding *embedding, const int *ids, int ndim,
                                 const int *shape);

#endif
