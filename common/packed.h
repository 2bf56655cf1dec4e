/* packed.h - a weight matrix laid out once for many products with few rows.
 *
 * BLAS copies the weight into an order of its own in every call, since it cannot know that it has
 * seen it before. For the hundreds of rows of a training batch that is little beside the product;
 * for the few rows of a decoding step it is most of it. A model that only translates keeps its
 * weights in that order, and the product reads them as they lie.
 */
#ifndef COMMON_PACKED_H
#define COMMON_PACKED_H

#include "common/real.h"

typedef struct PackedMatrix PackedMatrix;

/* A packed copy of w (N,K). Later changes of w are not seen. Caller frees with packed_free. */
PackedMatrix *packed_new(const real *w, int N, int K);
void packed_free(PackedMatrix *packed); // NULL is allowed

/* Whether the rows from `first` on can be had apart from those before. */
bool packed_begins_at(const PackedMatrix *packed, int first);

/* y (M,count) <- x (M,K) times rows [first, first + count) of w, transposed, plus those of bias (N)
 * (NULL: none). Each number of y is one sum, from k = 0 up: what a row of x gives does not depend
 * on the other rows. */
void packed_product(real *y, const real *x, int M, const PackedMatrix *packed, const real *bias,
                    int first, int count);

#endif
