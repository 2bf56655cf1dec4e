/* attention.h - scaled dot-product attention for one head, composed of primitives in full view. */
#ifndef ATTENTION_H
#define ATTENTION_H

#include "common/ops.h"

/* Attention(Q,K,V) = softmax(Q K^T / sqrt(D)) V (Vaswani et al. 2017, equation 1).
 * q (...,T,D), k (...,S,D), v (...,S,Dv) -> (...,T,Dv), up to two leading dimensions, equal in all.
 * attn_mask says with nonzero entries which keys a query ignores (as in
 * torch.nn.MultiheadAttention; torch's F.scaled_dot_product_attention means the opposite). It is
 * (T,S) for all of the batch, or
 * (...,T,S); NULL: nothing is ignored. A query whose keys are all ignored gets zeros.
 * weights, if not NULL, receives softmax(...) (...,T,S). */
Tensor *scaled_dot_product_attention(Tensor *q, Tensor *k, Tensor *v,
                                     const unsigned char *attn_mask, size_t attn_mask_size,
                                     Tensor **weights);

/* mask (T,S) <- 1 where key s lies after query t. first_query is the place of query 0 among the
 * keys: 0 for a whole sequence, S-1 when one new token looks back at S-1 earlier ones and itself.
 */
void causal_mask(unsigned char *mask, int T, int S, int first_query);

/* mask (B,S) <- 1 where ids is pad. */
void key_padding_mask(unsigned char *mask, const int *ids, int B, int S, int pad);

/* mask (B,T,S) <- 1 where attn_mask (T,S) or key_padding_mask (B,S) says so; either may be NULL. */
void merge_masks(unsigned char *mask, const unsigned char *attn_mask,
                 const unsigned char *padding_mask, int B, int T, int S);

#endif
