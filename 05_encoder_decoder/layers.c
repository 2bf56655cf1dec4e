#include "05_encoder_decoder/layers.h"

#include <stdio.h>

#include "05_encoder_decoder/trace.h"

/* "PREFIXname." in a buffer of the caller's. */
static const char *join(char buffer[256], const char *prefix, const char *name) {
    snprintf(buffer, 256, "%s%s.", prefix, name);
    return buffer;
}

EncoderLayer encoder_layer_new(Parameters *parameters, const char *prefix, LayerConfig config,
                               Random *random) {
    const int E = config.d_model, F = config.dim_feedforward;
    char name[256];
    EncoderLayer layer = {.config = config};
    layer.self_attn = multihead_new(parameters, join(name, prefix, "self_attn"), E, config.nhead,
                                    config.dropout, random);
    layer.linear1 = linear_new(parameters, join(name, prefix, "linear1"), E, F, true, random);
    layer.linear2 = linear_new(parameters, join(name, prefix, "linear2"), F, E, true, random);
    layer.norm1 = layer_norm_new(parameters, join(name, prefix, "norm1"), E);
    layer.norm2 = layer_norm_new(parameters, join(name, prefix, "norm2"), E);
    return layer;
}

DecoderLayer decoder_layer_new(Parameters *parameters, const char *prefix, LayerConfig config,
                               Random *random) {
    const int E = config.d_model, F = config.dim_feedforward;
    char name[256];
    DecoderLayer layer = {.config = config};
    layer.self_attn = multihead_new(parameters, join(name, prefix, "self_attn"), E, config.nhead,
                                    config.dropout, random);
    layer.multihead_attn = multihead_new(parameters, join(name, prefix, "multihead_attn"), E,
                                         config.nhead, config.dropout, random);
    layer.linear1 = linear_new(parameters, join(name, prefix, "linear1"), E, F, true, random);
    layer.linear2 = linear_new(parameters, join(name, prefix, "linear2"), F, E, true, random);
    layer.norm1 = layer_norm_new(parameters, join(name, prefix, "norm1"), E);
    layer.norm2 = layer_norm_new(parameters, join(name, prefix, "norm2"), E);
    layer.norm3 = layer_norm_new(parameters, join(name, prefix, "norm3"), E);
    return layer;
}

/* FFN(x) = linear2(relu(linear1(x))): the same two layers for every token on its own (section 3.3).
 * x (B,T,E) -> (B,T,E) */
static Tensor *feed_forward(const Linear *linear1, const Linear *linear2, Tensor *x, real dropout) {
    Tensor *hidden = traced(linear1->weight->name, 1, linear_forward(linear1, x)); // (B,T,F)
    hidden = op_dropout(op_relu(hidden), dropout);
    return traced(linear2->weight->name, 1, linear_forward(linear2, hidden));
}

/* Every sub-layer f stands between these two: its input is enter(x), its result goes to leave.
 *     pre-norm:  x + f(norm(x))     post-norm:  norm(x + f(x))     (dropout on f's result) */
static Tensor *enter(Tensor *x, const LayerNorm *norm, const LayerConfig *config) {
    return config->norm_first ? layer_norm(norm, x) : x;
}

static Tensor *leave(Tensor *x, Tensor *f, const LayerNorm *norm, const LayerConfig *config) {
    Tensor *sum = op_add(x, op_dropout(f, config->dropout));
    return config->norm_first ? sum : layer_norm(norm, sum);
}

Tensor *encoder_layer_forward(const EncoderLayer *l, Tensor *src,
                              const unsigned char *src_key_padding_mask, Tensor **weights) {
    const LayerConfig *c = &l->config;
    Tensor *x = src, *in, *out; // (B,S,E), all of them
    in = enter(x, &l->norm1, c);
    out = multihead_forward(&l->self_attn, in, in, src_key_padding_mask, NULL, NULL, weights);
    traced(l->self_attn.in_proj_weight->name, 1, out);
    x = leave(x, out, &l->norm1, c);

    in = enter(x, &l->norm2, c);
    out = feed_forward(&l->linear1, &l->linear2, in, c->dropout);
    x = leave(x, out, &l->norm2, c);
    return traced(l->norm1.weight->name, 2, x);
}

Tensor *decoder_layer_forward(const DecoderLayer *l, Tensor *tgt, Tensor *memory,
                              const unsigned char *tgt_mask,
                              const unsigned char *memory_key_padding_mask,
                              KeyValueCache *self_cache, KeyValueCache *cross_cache,
                              Tensor **self_weights, Tensor **cross_weights) {
    const LayerConfig *c = &l->config;
    Tensor *x = tgt, *in, *out;  // (B,T,E), all of them
    in = enter(x, &l->norm1, c); // what has been said so far, to itself
    out = multihead_forward(&l->self_attn, in, in, NULL, tgt_mask, self_cache, self_weights);
    traced(l->self_attn.in_proj_weight->name, 1, out);
    x = leave(x, out, &l->norm1, c);

    in = enter(x, &l->norm2, c); // what has been said so far, to the source sentence
    out = multihead_forward(&l->multihead_attn, in, memory, memory_key_padding_mask, NULL,
                            cross_cache, cross_weights);
    traced(l->multihead_attn.in_proj_weight->name, 1, out);
    x = leave(x, out, &l->norm2, c);

    in = enter(x, &l->norm3, c); // every token on its own
    out = feed_forward(&l->linear1, &l->linear2, in, c->dropout);
    x = leave(x, out, &l->norm3, c);
    return traced(l->norm1.weight->name, 2, x);
}
