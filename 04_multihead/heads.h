/* heads.h - several heads composed of primitives in full view: what fused_attention computes in one
 * piece, step by step. Slow and obvious; the tests hold the fast one against it.
 */
#ifndef HEADS_H
#define HEADS_H

#include "04_multihead/multihead.h"

/* x (B,T,E) -> (B,H,T,D), E = H D: column h D + d of a token becomes dimension d of head h. Two
 * moves: the last dimension is cut in two, (B,T,H,D), then T and H change places. */
Tensor *split_heads(Tensor *x, int nhead);

/* x (B,H,T,D) -> (B,T,H D): the two moves of split_heads, backwards. */
Tensor *merge_heads(Tensor *x);

/* x (B,H,T,D) -> (B,T,H D) without changing T and H back: the mistake of CodeEmporium's notebook.
 * The shape is right and the numbers are not: rows mix tokens, and a causal mask leaks. */
Tensor *merge_heads_wrong(Tensor *x);

/* As fused_attention without dropout, on whole tensors: q (B,T,E), k, v (B,S,E) -> (B,T,E). */
Tensor *composed_attention(Tensor *q, Tensor *k, Tensor *v, int nhead,
                           const unsigned char *key_padding_mask, const unsigned char *attn_mask,
                           Tensor **weights);

/* As multihead_forward without cache and dropout: the same parameters, the same result. */
Tensor *composed_multihead(const MultiheadAttention *m, Tensor *query, Tensor *memory,
                           const unsigned char *key_padding_mask, const unsigned char *attn_mask,
                           Tensor **weights);

#endif
