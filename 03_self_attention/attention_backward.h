/* attention_backward.h - the way back through one head of one sentence, on plain arrays. */
#ifndef ATTENTION_BACKWARD_H
#define ATTENTION_BACKWARD_H

#include "03_self_attention/attention_forward.h"

/* Adds to dq (T,D), dk and dv (S,D), strided as q, k and v, what comes back from dy (T,D), strided
 * as y; any of the three may be NULL. p (T,S) are the weights of the forward pass before dropout.
 * dp (T,S), if not NULL, is what comes back from the weights themselves, where a loss looks at
 * them. scratch (T,S) need not be initialised.
 *
 * A weight of 0, that of an ignored key, passes nothing back: the masks are not needed any more. */
void attention_backward(real *dq, real *dk, real *dv, const real *dy, const real *dp, const real *p,
                        real *scratch, const AttentionHeadArrays *head);

#endif
