#include "05_encoder_decoder/sublayer.h"

#include "05_encoder_decoder/trace.h"

#include <stdio.h>

/* Given. */
const char *sublayer_name(char buffer[256], const char *prefix, const char *name) {
    snprintf(buffer, 256, "%s%s.", prefix, name);
    return buffer;
}

/* Given. */
real sublayer_inner_dropout(const LayerConfig *config) {
    return config->residual_dropout ? 0 : config->dropout;
}

/* Given. */
MultiheadAttention sublayer_attention_new(Parameters *parameters, const char *prefix,
                                          const char *name, const LayerConfig *config,
                                          bool to_itself, Random *random) {
    char full[256];
    const MultiheadConfig attention = {.d_model = config->d_model,
                                       .nhead = config->nhead,
                                       .dropout = sublayer_inner_dropout(config),
                                       .attention = config->attention,
                                       .rotary =
                                           to_itself && config->positions == POSITIONS_ROTARY};
    return multihead_new(parameters, sublayer_name(full, prefix, name), attention, random);
}

/* Given. */
Tensor *sublayer_attend(const MultiheadAttention *attention, Tensor *query, Tensor *keys,
                        Masks masks, KeyValueCache *cache, Tensor **weights) {
    return traced(attention->in_proj_weight->name, 1,
                  multihead_forward(attention, query, keys, masks, cache, weights));
}

Tensor *sublayer_enter(Tensor *x, const LayerNorm *norm, const LayerConfig *config) {
    return config->norm_first ? layer_norm(norm, x) : x;
}

Tensor *sublayer_leave(Tensor *x, Tensor *f, const LayerNorm *norm, const LayerConfig *config) {
    // x itself is in the sum: what f finds is a correction, and the gradient has a way past f.
    Tensor *sum = op_add(x, op_dropout(f, config->dropout)); // (...,E)
    return config->norm_first ? sum : layer_norm(norm, sum);
}
