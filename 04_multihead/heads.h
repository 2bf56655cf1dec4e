/* heads.h - cutting the columns of a token into heads, and putting them together again. */
#ifndef HEADS_H
#define HEADS_H

#include "common/ops.h"

/* x (B,T,E) -> (B,H,T,D), E = H D: column h D + d of a token becomes dimension d of head h. Two
 * moves: the last dimension is cut in two, (B,T,H,D), then T and H change places. */
Tensor *split_heads(Tensor *x, int nhead);

/* x (B,H,T,D) -> (B,T,H D): the two moves of split_heads, backwards. */
Tensor *merge_heads(Tensor *x);

#endif
