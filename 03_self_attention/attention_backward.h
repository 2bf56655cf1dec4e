/* attention_backward.h - the way back through one head of one sentence, on plain arrays. */
#ifndef ATTENTION_BACKWARD_H
#define ATTENTION_BACKWARD_H

#include "03_self_attention/attention_forward.h"

/* In the forward pass, attention_forward's, with w = p where nothing was dropped:
 *     scores = q k^T / sqrt(D)    p = softmax(scores), row by row    w = drop(p)    y = w v
 * Now, from dy (T,D), strided as y, this adds to dq (T,D), dk and dv (S,D), strided as q, k and v;
 * any of the three may be NULL. p (T,S) are the weights before dropout. dp (T,S), if not NULL, is
 * what comes back to p besides, from a loss that looks at the weights. scratch (T,S) need not be
 * initialised.
 *
 * A weight of 0, that of an ignored key, passes nothing back: the masks are not needed any more. A
 * dropout drops again what it dropped (dropout_apply), and p[0] is its element number `first`. */
void attention_backward(real *dq, real *dk, real *dv, const real *dy, const real *dp, const real *p,
                        real *scratch, const AttentionHeadArrays *head);

#endif
