/* fused_attention.h - attention over all heads as one operation: chapter 3's numbers, less memory.
 *
 * Composed of primitives, attention makes and keeps five tensors of the size of the scores and
 * copies the heads apart and together again. Here heads are read where they lie, as columns of the
 * projections, and of all that was computed only the probabilities are kept for the way back.
 */
#ifndef FUSED_ATTENTION_H
#define FUSED_ATTENTION_H

#include "03_self_attention/masks.h"
#include "04_multihead/head_columns.h"

/* Head h makes columns [h D, (h+1) D) of the result (B,T,E) out of the same columns of q, k and v:
 * softmax(q_h k_h^T / sqrt(D)) v_h, D = E / nhead. A query with no key left gets zeros.
 * dropout in [0,1) acts on the probabilities while training.
 * weights, if not NULL, receives the probabilities (B,nhead,T,S) as a constant, before dropout. */
Tensor *fused_attention(HeadColumns heads, Masks masks, real dropout, Tensor **weights);

#endif
