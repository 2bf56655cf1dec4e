/* attention.h - scaled dot-product attention for one head, composed of primitives in full view. */
#ifndef ATTENTION_H
#define ATTENTION_H

#include "03_self_attention/masks.h"

/* Attention(Q,K,V) = softmax(Q K^T / sqrt(D)) V (Vaswani et al. 2017, equation 1).
 * q (...,T,D), k (...,S,D), v (...,S,Dv) -> (...,T,Dv), up to two leading dimensions, equal in all;
 * the first of them counts the sentences of masks. A query whose keys are all ignored gets zeros.
 * dropout in [0,1) acts on softmax(...) while training.
 * weights, if not NULL, receives softmax(...) (...,T,S), before dropout. */
Tensor *scaled_dot_product_attention(Tensor *q, Tensor *k, Tensor *v, Masks masks, real dropout,
                                     Tensor **weights);

#endif
