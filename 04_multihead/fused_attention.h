/* fused_attention.h - attention over all heads as one operation: chapter 3's numbers, less memory.
 *
 * Composed of primitives, attention makes and keeps five tensors of the size of the scores and
 * copies the heads apart and together again. Here heads are read where they lie, as columns of the
 * projections, and of all that was computed only the probabilities are kept for the way back.
 */
#ifndef FUSED_ATTENTION_H
#define FUSED_ATTENTION_H

#include "common/ops.h"

/* Columns [first, first + E) of a tensor (B,L,W): where the projected queries, keys or values lie.
 */
typedef struct {
    Tensor *tensor;
    int first;
} Columns;

/* q (B,T,E), k and v (B,S,E) -> (B,T,E). Head h uses columns [h D, (h+1) D), D = E / nhead, of
 * each, and makes the same columns of the result: softmax(q_h k_h^T / sqrt(D)) v_h. S keys are
 * used, at most as many as k and v have rows (a cache has more than it has filled).
 * key_padding_mask (B,S) and attn_mask (T,S) name with nonzero entries the keys to ignore; NULL:
 * none. They are not copied and must outlive the way back. A query with no key left gets zeros.
 * dropout in [0,1) acts on the probabilities while training.
 * weights, if not NULL, receives the probabilities (B,nhead,T,S) as a constant, before dropout. */
Tensor *fused_attention(Columns q, Columns k, Columns v, int E, int nhead, int S,
                        const unsigned char *key_padding_mask, const unsigned char *attn_mask,
                        real dropout, Tensor **weights);

#endif
