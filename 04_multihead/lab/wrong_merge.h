/* wrong_merge.h - the mistake of CodeEmporium's notebook, for those who show what it leads to. */
#ifndef WRONG_MERGE_H
#define WRONG_MERGE_H

#include "common/ops.h"

/* x (B,H,T,D) -> (B,T,H D) without changing T and H back, as merge_heads does. The shape is right
 * and the numbers are not: rows mix tokens, and a causal mask leaks. */
Tensor *wrong_merge(Tensor *x);

#endif
