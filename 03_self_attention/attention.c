#include "03_self_attention/attention.h"

Tensor *scaled_dot_product_attention(Tensor *q, Tensor *k, Tensor *v,
                                     const unsigned char *attn_mask, size_t attn_mask_size,
                                     Tensor **weights) {
    // Without the division the scores' variance would grow with D and the softmax would saturate.
    const real scale = 1 / (real)sqrt(q->shape[q->ndim - 1]);
    Tensor *scores = op_scale(op_matmul(q, op_transpose(k, -2, -1)), scale); // (...,T,S)
    if (attn_mask) scores = op_masked_fill(scores, attn_mask, attn_mask_size, -INFINITY);
    Tensor *probabilities = op_softmax(scores); // (...,T,S), each row sums to 1 (or is all 0)
    if (weights) *weights = probabilities;
    return op_matmul(probabilities, v); // (...,T,Dv)
}

void causal_mask(unsigned char *mask, int T, int S, int first_query) {
    for (int t = 0; t < T; t++)
        for (int s = 0; s < S; s++) mask[t * S + s] = s > first_query + t;
}

void key_padding_mask(unsigned char *mask, const int *ids, int B, int S, int pad) {
    for (int i = 0; i < B * S; i++) mask[i] = ids[i] == pad;
}

void merge_masks(unsigned char *mask, const unsigned char *attn_mask,
                 const unsigned char *padding_mask, int B, int T, int S) {
    for (int b = 0; b < B; b++)
        for (int t = 0; t < T; t++)
            for (int s = 0; s < S; s++)
                mask[(b * T + t) * S + s] = (attn_mask && attn_mask[t * S + s]) ||
                                            (padding_mask && padding_mask[b * S + s]);
}
