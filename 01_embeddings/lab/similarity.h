/* similarity.h - which vectors point the same way: nearness of meaning, as an angle. */
#ifndef EMBEDDINGS_SIMILARITY_H
#define EMBEDDINGS_SIMILARITY_H

#include "common/real.h"

/* a . b / (|a| |b|), for vectors of length E. */
double similarity_cosine(const real *a, const real *b, int E);

/* nearest (count) <- the ids of the rows of vectors (V,E) with the largest cosine to query (E),
 * leaving out those of the ids in `without` (an array ending with -1). count <= V. */
void similarity_nearest(const real *vectors, int V, int E, const real *query, const int *without,
                        int *nearest, int count);

/* result (E) <- a - b + c: "a is to b as what is to c?" */
void similarity_analogy(const real *a, const real *b, const real *c, int E, real *result);

#endif
