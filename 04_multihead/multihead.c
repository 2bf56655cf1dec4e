#include "04_multihead/multihead.h"

#include "02_positional_encoding/rotary.h"
#include "04_multihead/shared_attention.h"
#include "common/init.h"

#include <stdio.h>

/* Given. */
MultiheadAttention multihead_new(Parameters *parameters, const char *prefix, MultiheadConfig config,
                                 Random *random) {
    const int E = config.d_model;
    REQUIRE(config.nhead > 0 && E % config.nhead == 0, "%d heads do not divide d_model %d",
            config.nhead, E);
    char out_prefix[256];
    snprintf(out_prefix, sizeof out_prefix, "%sout_proj.", prefix);
    MultiheadAttention m = {.config = config};
    m.in_proj_weight = PARAMETER(parameters, prefix, "in_proj_weight", 3 * E, E);
    m.in_proj_bias = PARAMETER(parameters, prefix, "in_proj_bias", 3 * E);
    // PyTorch's order: out_proj is drawn when it is constructed, its bias cleared afterwards.
    m.out_proj = linear_new(parameters, out_prefix, E, E, true, random);
    init_xavier_uniform(random, m.in_proj_weight->data, (size_t)(3 * E), (size_t)E, 1);
    init_constant(m.out_proj.bias->data, (size_t)E, 0);
    return m;
}

/* Rows of the big matrix are W^Q, W^K, W^V: the last two thirds make keys and values, side by side,
 * memory (B,S,E) -> (B,S,2E). */
static Tensor *keys_and_values(const MultiheadAttention *m, Tensor *memory) {
    const int E = m->config.d_model;
    return op_linear_rows(memory, m->in_proj_weight, m->in_proj_bias, E, 2 * E);
}

KeyValueCache multihead_cache_memory(const MultiheadAttention *m, Tensor *memory) {
    return (KeyValueCache){keys_and_values(m, memory), .length = memory->shape[1],
                           .complete = true};
}

/* Given. Keys, the first half of kv (B,T,2E), turned by their places; values never are. */
static Tensor *turn_keys(Tensor *kv, int head_dim, int first_position) {
    const int E = kv->shape[2] / 2;
    Tensor *k = rotary_turn(op_slice(kv, 2, 0, E), head_dim, first_position); // (B,T,E)
    return op_concat(k, op_slice(kv, 2, E, E), 2);                            // (B,T,2E)
}

/* Three products with x W^T become one where they share their x. Heads are not cut apart here: the
 * attention is told where the columns of all heads lie, and cuts or reads in place. */
Tensor *multihead_forward(const MultiheadAttention *m, Tensor *query, Tensor *memory, Masks masks,
                          KeyValueCache *cache, Tensor **weights) {
    const MultiheadConfig *c = &m->config;
    const int E = c->d_model;
    HeadColumns heads = {.E = E, .nhead = c->nhead, .S = query->shape[1]};
    if (query == memory && !cache && !c->rotary) { // self-attention: one product makes all three
        Tensor *qkv = op_linear(query, m->in_proj_weight, m->in_proj_bias); // (B,T,3E)
        heads.q = (Columns){qkv, 0}, heads.k = (Columns){qkv, E}, heads.v = (Columns){qkv, 2 * E};
    } else {
        // Two: the queries ask from here, keys and values are the memory's or what is kept of it.
        Tensor *q = op_linear_rows(query, m->in_proj_weight, m->in_proj_bias, 0, E); // (B,T,E)
        Tensor *kv = NULL;                                                           // (B,S,2E)
        if (!cache || !cache->complete) kv = keys_and_values(m, memory);
        if (c->rotary) { // before the cache: a place, once taken, is kept
            REQUIRE(kv, "rotary turns the keys of the sequence itself, not a memory's");
            const int first_position = cache ? cache->length : 0;
            q = rotary_turn(q, E / c->nhead, first_position);
            kv = turn_keys(kv, E / c->nhead, first_position);
        }
        if (cache && kv) key_value_cache_append(cache, kv);
        if (cache) kv = cache->kv; // (B,capacity,2E), of which length rows are filled
        heads.q = (Columns){q, 0}, heads.k = (Columns){kv, 0}, heads.v = (Columns){kv, E};
        heads.S = cache ? cache->length : kv->shape[1];
    }
    Tensor *found = // (B,T,E)
        cache && cache->places ? shared_attention(heads.q.tensor, cache, c->nhead)
                               : attention_of_kind(c->attention, heads, masks, c->dropout, weights);
    // W^O mixes what the heads found: until here none of them knows of the others.
    return linear_forward(&m->out_proj, found);
}
