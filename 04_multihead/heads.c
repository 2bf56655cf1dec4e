#include "04_multihead/heads.h"

#include "03_self_attention/attention.h"

Tensor *split_heads(Tensor *x, int nhead) {
    const int B = x->shape[0], T = x->shape[1], E = x->shape[2];
    REQUIRE(x->ndim == 3 && nhead > 0 && E % nhead == 0, "%d heads do not divide %d", nhead, E);
    Tensor *apart = RESHAPE(x, B, T, nhead, E / nhead); // (B,T,H,D)
    return op_transpose(apart, 1, 2);                   // (B,H,T,D)
}

Tensor *merge_heads(Tensor *x) {
    REQUIRE(x->ndim == 4, "x must be (B,H,T,D), not %d-dimensional", x->ndim);
    Tensor *apart = op_transpose(x, 1, 2); // (B,T,H,D)
    return RESHAPE(apart, x->shape[0], x->shape[2], x->shape[1] * x->shape[3]);
}

Tensor *merge_heads_wrong(Tensor *x) {
    REQUIRE(x->ndim == 4, "x must be (B,H,T,D), not %d-dimensional", x->ndim);
    return RESHAPE(x, x->shape[0], x->shape[2], x->shape[1] * x->shape[3]);
}

/* The two masks in one (B,H,T,S), which lives as long as the graph's other tensors: every head of a
 * sentence ignores the same keys. */
static const unsigned char *mask_of_heads(const unsigned char *key_padding_mask,
                                          const unsigned char *attn_mask, int B, int H, int T,
                                          int S) {
    const size_t size = (size_t)T * (size_t)S;
    unsigned char *merged = graph_alloc((size_t)B * size);
    unsigned char *mask = graph_alloc((size_t)B * (size_t)H * size);
    merge_masks(merged, attn_mask, key_padding_mask, B, T, S);
    for (size_t i = 0; i < (size_t)B * (size_t)H; i++)
        memcpy(mask + i * size, merged + i / (size_t)H * size, size);
    return mask;
}

Tensor *composed_attention(Tensor *q, Tensor *k, Tensor *v, int nhead,
                           const unsigned char *key_padding_mask, const unsigned char *attn_mask,
                           Tensor **weights) {
    const int B = q->shape[0], T = q->shape[1], S = k->shape[1];
    const unsigned char *mask = NULL;
    if (key_padding_mask || attn_mask)
        mask = mask_of_heads(key_padding_mask, attn_mask, B, nhead, T, S);
    Tensor *heads = scaled_dot_product_attention( // (B,H,T,D)
        split_heads(q, nhead), split_heads(k, nhead), split_heads(v, nhead), mask,
        (size_t)B * (size_t)nhead * (size_t)T * (size_t)S, weights);
    return merge_heads(heads); // (B,T,E)
}

Tensor *composed_multihead(const MultiheadAttention *m, Tensor *query, Tensor *memory,
                           const unsigned char *key_padding_mask, const unsigned char *attn_mask,
                           Tensor **weights) {
    const int E = m->d_model;
    // Three products where multihead_forward makes one: rows 0..E-1 of the big matrix are W^Q, then
    // W^K, W^V.
    Tensor *q = op_linear_rows(query, m->in_proj_weight, m->in_proj_bias, 0, E);      // (B,T,E)
    Tensor *k = op_linear_rows(memory, m->in_proj_weight, m->in_proj_bias, E, E);     // (B,S,E)
    Tensor *v = op_linear_rows(memory, m->in_proj_weight, m->in_proj_bias, 2 * E, E); // (B,S,E)
    Tensor *heads =
        composed_attention(q, k, v, m->nhead, key_padding_mask, attn_mask, weights); // (B,T,E)
    return linear_forward(&m->out_proj, heads);
}
