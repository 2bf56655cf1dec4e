/* wrong_heads.h - heads cut and put together without the transpose, for those who show what it
 * leads to. */
#ifndef WRONG_HEADS_H
#define WRONG_HEADS_H

#include "common/ops.h"

/* x (B,T,E) -> (B,H,T,D), E = H D, at one blow, without changing T and H as split_heads does. The
 * shape is right and the numbers are not: a head holds all columns of T / H tokens, in pieces of D,
 * instead of D columns of all T. */
Tensor *wrong_split(Tensor *x, int nhead);

/* x (B,H,T,D) -> (B,T,H D) without changing T and H back, as merge_heads does: the mistake of
 * CodeEmporium's notebook. The shape is right and the numbers are not: rows mix tokens, and a
 * causal mask leaks. */
Tensor *wrong_merge(Tensor *x);

#endif
