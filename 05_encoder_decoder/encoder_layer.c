#include "05_encoder_decoder/encoder_layer.h"

#include "05_encoder_decoder/feed_forward.h"
#include "05_encoder_decoder/trace.h"

/* Given. */
EncoderLayer encoder_layer_new(Parameters *parameters, const char *prefix, LayerConfig config,
                               Random *random) {
    const int E = config.d_model, F = config.dim_feedforward;
    char name[256];
    EncoderLayer layer = {.config = config};
    layer.self_attn =
        sublayer_attention_new(parameters, prefix, "self_attn", &config, true, random);
    layer.linear1 =
        linear_new(parameters, sublayer_name(name, prefix, "linear1"), E, F, true, random);
    layer.linear2 =
        linear_new(parameters, sublayer_name(name, prefix, "linear2"), F, E, true, random);
    layer.norm1 = layer_norm_new(parameters, sublayer_name(name, prefix, "norm1"), E);
    layer.norm2 = layer_norm_new(parameters, sublayer_name(name, prefix, "norm2"), E);
    return layer;
}

/* From the bottom of the figure up. */
Tensor *encoder_layer_forward(const EncoderLayer *l, Tensor *src, Masks src_masks,
                              Tensor **weights) {
    const LayerConfig *c = &l->config;
    Tensor *x = src, *in, *f; // (B,S,E), all of them

    // Multi-head attention: every word looks at every word of its sentence, itself included.
    in = sublayer_enter(x, &l->norm1, c);
    f = sublayer_attend(&l->self_attn, in, in, src_masks, NULL, weights);
    x = sublayer_leave(x, f, &l->norm1, c);

    // Feed forward: every word on its own.
    in = sublayer_enter(x, &l->norm2, c);
    f = feed_forward(&l->linear1, &l->linear2, in, sublayer_inner_dropout(c));
    x = sublayer_leave(x, f, &l->norm2, c);
    return traced(l->norm1.weight->name, 2, x);
}
