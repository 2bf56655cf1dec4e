/* head.h - one head of self-attention: three projections of the same input, then attention.h. */
#ifndef HEAD_H
#define HEAD_H

#include "02_positional_encoding/positions.h"
#include "03_self_attention/masks.h"
#include "common/linear.h"

typedef struct {
    Linear key, query, value; // (D,E) each, without biases
    PositionsKind positions;  // rotary: queries and keys are turned; the others do nothing here
} AttentionHead;

/* Adds PREFIXkey.weight, query.weight, value.weight (head_size,d_model), drawn in this order as
 * Karpathy's Head draws them (nn.Linear's uniform +-1/sqrt(d_model)). */
AttentionHead attention_head_new(Parameters *parameters, const char *prefix, int d_model,
                                 int head_size, Random *random);

/* x (...,T,E) -> (...,T,D): softmax(Q K^T / sqrt(D)) V with Q, K, V = x W^T. masks and weights as
 * in scaled_dot_product_attention. */
Tensor *attention_head_forward(const AttentionHead *head, Tensor *x, Masks masks, Tensor **weights);

#endif
