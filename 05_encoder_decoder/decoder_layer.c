#include "05_encoder_decoder/decoder_layer.h"

#include "05_encoder_decoder/feed_forward.h"
#include "05_encoder_decoder/trace.h"

/* Given. */
DecoderLayer decoder_layer_new(Parameters *parameters, const char *prefix, LayerConfig config,
                               Random *random) {
    const int E = config.d_model, F = config.dim_feedforward;
    char name[256];
    DecoderLayer layer = {.config = config};
    layer.self_attn =
        sublayer_attention_new(parameters, prefix, "self_attn", &config, true, random);
    layer.multihead_attn =
        sublayer_attention_new(parameters, prefix, "multihead_attn", &config, false, random);
    layer.linear1 =
        linear_new(parameters, sublayer_name(name, prefix, "linear1"), E, F, true, random);
    layer.linear2 =
        linear_new(parameters, sublayer_name(name, prefix, "linear2"), F, E, true, random);
    layer.norm1 = layer_norm_new(parameters, sublayer_name(name, prefix, "norm1"), E);
    layer.norm2 = layer_norm_new(parameters, sublayer_name(name, prefix, "norm2"), E);
    layer.norm3 = layer_norm_new(parameters, sublayer_name(name, prefix, "norm3"), E);
    return layer;
}

/* From the bottom of the figure up. */
Tensor *decoder_layer_forward(const DecoderLayer *l, Tensor *tgt, Tensor *memory, Masks tgt_masks,
                              Masks memory_masks, DecoderCache *cache, DecoderWeights *weights) {
    const LayerConfig *c = &l->config;
    Tensor *x = tgt, *in, *f; // (B,T,E), all of them

    // Masked multi-head attention: every word looks at those before it, never at one to come.
    in = sublayer_enter(x, &l->norm1, c);
    f = sublayer_attend(&l->self_attn, in, in, tgt_masks, cache ? &cache->self : NULL,
                        weights ? &weights->self : NULL);
    x = sublayer_leave(x, f, &l->norm1, c);

    // Multi-head attention: it asks the source sentence. Queries from here, (B,T,E), keys and
    // values from the encoder, (B,S,E).
    in = sublayer_enter(x, &l->norm2, c);
    f = sublayer_attend(&l->multihead_attn, in, memory, memory_masks, cache ? &cache->cross : NULL,
                        weights ? &weights->cross : NULL);
    x = sublayer_leave(x, f, &l->norm2, c);

    // Feed forward: every word on its own.
    in = sublayer_enter(x, &l->norm3, c);
    f = feed_forward(&l->linear1, &l->linear2, in, sublayer_inner_dropout(c));
    x = sublayer_leave(x, f, &l->norm3, c);
    return traced(l->norm1.weight->name, 2, x);
}
