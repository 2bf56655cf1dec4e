#include "03_self_attention/attention.h"

Tensor *scaled_dot_product_attention(Tensor *q, Tensor *k, Tensor *v, Masks masks, real dropout,
                                     Tensor **weights) {
    // Without the division the scores' variance would grow with D and the softmax would saturate.
    const real scale = 1 / (real)sqrt(q->shape[q->ndim - 1]);
    Tensor *scores = op_scale(op_matmul(q, op_transpose(k, -2, -1)), scale); // (...,T,S)
    scores = masks_apply(scores, masks);
    Tensor *probabilities = op_softmax(scores); // (...,T,S), each row sums to 1 (or is all 0)
    if (weights) *weights = probabilities;
    return op_matmul(op_dropout(probabilities, dropout), v); // (...,T,Dv)
}
