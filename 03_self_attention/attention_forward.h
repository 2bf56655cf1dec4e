/* attention_forward.h - one head of one sentence on plain arrays: what attention.h composes of
 * operations, in three steps, for those who need only the result and the weights.
 */
#ifndef ATTENTION_FORWARD_H
#define ATTENTION_FORWARD_H

#include "03_self_attention/masks.h"
#include "common/dropout.h"

/* One head of one sentence. Its matrices may be columns of wider ones: row t of q is
 * q + t q_stride, D numbers. p and the masks are contiguous. */
typedef struct {
    int T, S, D; // queries, keys, numbers in each
    const real *q, *k, *v;
    int q_stride, k_stride, v_stride, y_stride;
    const Dropout *dropout; // of the weights; NULL: none
    size_t first;           // place of p[0] among all weights that this dropout sees
} AttentionHeadArrays;

/* p (T,S) <- softmax(q k^T / sqrt(D)), a key's weight 0 where it is ignored; y (T,D) <- p v, the
 * weights dropped. masks are the sentence's own: key_padding_mask (S), attn_mask (T,S).
 * scratch (T,S) is used only with dropout, else it may be NULL. */
void attention_forward(real *y, real *p, real *scratch, const AttentionHeadArrays *head,
                       Masks masks);

#endif
