#include "04_multihead/char_heads.h"

#include "03_self_attention/attention.h"

#include <stdio.h>

/* One head after the other, each key, query, value: the video's generator draws in this order, and
 * another would give other losses. */
CharHeads char_heads_new(Parameters *parameters, const char *prefix, int n_embd, int count,
                         bool scale_of_video, Random *random) {
    REQUIRE(count > 0 && count <= CHAR_HEADS_MAX && n_embd % count == 0, "%d heads of %d", count,
            n_embd);
    const int head_size = n_embd / count;
    CharHeads heads = {.count = count};
    heads.scale = 1 / (real)sqrt(scale_of_video ? n_embd : head_size);
    for (int h = 0; h < count; h++) {
        char name[64];
        snprintf(name, sizeof name, "%sheads.%d.", prefix, h);
        heads.heads[h] = attention_head_new(parameters, name, n_embd, head_size, random);
    }
    return heads;
}

Tensor *char_heads_forward(const CharHeads *heads, Tensor *x, PositionsKind positions) {
    const Positions places = {.kind = positions};
    const int D = heads->heads[0].query.weight->shape[0];
    // Attention divides by sqrt(D) by itself; the rest of the scale goes to the queries.
    const real rest = heads->scale * (real)sqrt(D);
    // One head after the other, like the video's list of Heads: slower than fused_attention, and
    // easy to read beside it.
    Tensor *together = NULL;
    for (int h = 0; h < heads->count; h++) {
        const AttentionHead *head = &heads->heads[h];
        Tensor *q = linear_forward(&head->query, x), *k = linear_forward(&head->key, x); // (B,T,D)
        Tensor *v = linear_forward(&head->value, x);                                     // (B,T,D)
        if (rest != 1) q = op_scale(q, rest); // a factor on all queries is one on all scores
        q = positions_turn(&places, q, D, 0), k = positions_turn(&places, k, D, 0); // (B,T,D)
        Tensor *z = scaled_dot_product_attention(q, k, v, (Masks){.causal = true}, 0, NULL);
        // (B,T,(h+1) D): side by side, what one head found beside what the next did.
        together = h ? op_concat(together, z, 2) : z;
    }
    return together; // (B,T,C)
}

static Tensor *middle_forward(const void *state, Tensor *x, PositionsKind positions) {
    return char_heads_forward(state, x, positions);
}

CharMiddle char_middle_heads(const CharHeads *heads) {
    return (CharMiddle){middle_forward, heads,
                        heads->count * heads->heads[0].value.weight->shape[0]};
}
