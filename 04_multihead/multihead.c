#include "04_multihead/multihead.h"

#include "04_multihead/fused_attention.h"
#include "common/init.h"

#include <stdio.h>

MultiheadAttention multihead_new(Parameters *parameters, const char *prefix, int d_model, int nhead,
                                 real dropout, Random *random) {
    REQUIRE(nhead > 0 && d_model % nhead == 0, "%d heads do not divide d_model %d", nhead, d_model);
    const int E = d_model;
    char out_prefix[256];
    snprintf(out_prefix, sizeof out_prefix, "%sout_proj.", prefix);
    MultiheadAttention m = {.d_model = E, .nhead = nhead, .dropout = dropout};
    m.in_proj_weight = PARAMETER(parameters, prefix, "in_proj_weight", 3 * E, E);
    m.in_proj_bias = PARAMETER(parameters, prefix, "in_proj_bias", 3 * E);
    // PyTorch's order: out_proj is drawn when it is constructed, its bias cleared afterwards.
    m.out_proj = linear_new(parameters, out_prefix, E, E, true, random);
    init_xavier_uniform(random, m.in_proj_weight->data, (size_t)(3 * E), (size_t)E, 1);
    init_constant(m.out_proj.bias->data, (size_t)E, 0);
    return m;
}

/* Copies the new rows kv (B,T,2E) behind the filled ones. */
static void cache_append(KeyValueCache *cache, const Tensor *kv) {
    const size_t row = (size_t)kv->shape[2], T = (size_t)kv->shape[1];
    const size_t capacity = (size_t)cache->kv->shape[1], length = (size_t)cache->length;
    REQUIRE(length + T <= capacity, "a cache of %zu rows is full", capacity);
    for (size_t b = 0; b < (size_t)kv->shape[0]; b++)
        memcpy(cache->kv->data + (b * capacity + length) * row, kv->data + b * T * row,
               T * row * sizeof(real));
    cache->length += kv->shape[1];
}

Tensor *multihead_forward(const MultiheadAttention *m, Tensor *query, Tensor *memory,
                          const unsigned char *key_padding_mask, const unsigned char *attn_mask,
                          KeyValueCache *cache, Tensor **weights) {
    const int E = m->d_model;
    Tensor *w = m->in_proj_weight, *b = m->in_proj_bias, *heads;
    if (query == memory && !cache) {          // self-attention: one product makes all three
        Tensor *qkv = op_linear(query, w, b); // (B,T,3E)
        heads = fused_attention((Columns){qkv, 0}, (Columns){qkv, E}, (Columns){qkv, 2 * E}, E,
                                m->nhead, query->shape[1], key_padding_mask, attn_mask, m->dropout,
                                weights);
    } else {
        Tensor *q = op_linear_rows(query, w, b, 0, E); // (B,T,E)
        Tensor *kv = NULL;                             // (B,S,2E)
        if (!cache || !cache->complete) kv = op_linear_rows(memory, w, b, E, 2 * E);
        if (cache && kv) cache_append(cache, kv);
        if (cache) kv = cache->kv;
        heads = fused_attention((Columns){q, 0}, (Columns){kv, 0}, (Columns){kv, E}, E, m->nhead,
                                cache ? cache->length : kv->shape[1], key_padding_mask, attn_mask,
                                m->dropout, weights);
    }
    return linear_forward(&m->out_proj, heads);
}
