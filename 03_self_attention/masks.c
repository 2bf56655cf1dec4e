#include "03_self_attention/masks.h"

void masks_causal(unsigned char *ignored, int T, int S) {
    for (int t = 0; t < T; t++)
        for (int s = 0; s < S; s++) ignored[t * S + s] = s > S - T + t;
}

void masks_key_padding(unsigned char *ignored, const int *ids, int B, int S, int pad) {
    for (int i = 0; i < B * S; i++) ignored[i] = ids[i] == pad;
}

void masks_merge(unsigned char *ignored, Masks masks, int B, int T, int S) {
    const unsigned char *padding = masks.key_padding_mask, *attn = masks.attn_mask;
    for (int b = 0; b < B; b++)
        for (int t = 0; t < T; t++)
            for (int s = 0; s < S; s++)
                ignored[(b * T + t) * S + s] = (padding && padding[b * S + s]) || // in no row
                                               (attn && attn[t * S + s]) ||       // in row t
                                               (masks.causal && s > S - T + t);   // right of row t
}

/* One pass for each mask there is, so that none costs nothing: with padding and causal masks alone,
 * as in a Transformer, no (T,S) array is read. */
void masks_fill(real *scores, Masks masks, int T, int S) {
    const unsigned char *padding = masks.key_padding_mask, *attn = masks.attn_mask;
    for (int i = 0; i < T * S && attn; i++)
        if (attn[i]) scores[i] = -INFINITY;
    for (int t = 0; t < T && padding; t++) // every row of the sentence alike
        for (int s = 0; s < S; s++)
            if (padding[s]) scores[t * S + s] = -INFINITY;
    for (int t = 0; t < T && masks.causal; t++) { // row t from the key behind its own
        const int own = S - T + t;
        for (int s = own < 0 ? 0 : own + 1; s < S; s++) scores[t * S + s] = -INFINITY;
    }
}

/* Given. Without padding one (T,S) serves all leading dimensions. With it each sentence has its
 * own, which its heads share: copied for each, since op_masked_fill takes one of the scores' size.
 */
Tensor *masks_apply(Tensor *scores, Masks masks) {
    if (!masks.key_padding_mask && !masks.attn_mask && !masks.causal) return scores;
    const int T = scores->shape[scores->ndim - 2], S = scores->shape[scores->ndim - 1];
    const size_t matrix = (size_t)T * (size_t)S;
    const int B = masks.key_padding_mask && scores->ndim > 2 ? scores->shape[0] : 1;
    unsigned char *ignored = graph_alloc((size_t)B * matrix); // (B,T,S)
    masks_merge(ignored, masks, B, T, S);
    if (!masks.key_padding_mask) return op_masked_fill(scores, ignored, matrix, -INFINITY);
    unsigned char *all = graph_alloc(scores->size); // (B,H,T,S)
    const size_t heads = scores->size / ((size_t)B * matrix);
    for (size_t i = 0; i < (size_t)B * heads; i++)
        memcpy(all + i * matrix, ignored + i / heads * matrix, matrix);
    return op_masked_fill(scores, all, scores->size, -INFINITY);
}
