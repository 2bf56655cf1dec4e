#include "05_encoder_decoder/layers.h"

#include <stdio.h>

#include "05_encoder_decoder/trace.h"

/* "PREFIXname." in a buffer of the caller's. */
static const char *join(char buffer[256], const char *prefix, const char *name) {
    snprintf(buffer, 256, "%s%s.", prefix, name);
    return buffer;
}

static MultiheadAttention attention_new(Parameters *parameters, const char *prefix,
                                        const LayerConfig *c, Random *random) {
    const MultiheadConfig config = {
        .d_model = c->d_model, .nhead = c->nhead, .dropout = c->dropout, .attention = c->attention};
    return multihead_new(parameters, prefix, config, random);
}

EncoderLayer encoder_layer_new(Parameters *parameters, const char *prefix, LayerConfig config,
                               Random *random) {
    const int E = config.d_model, F = config.dim_feedforward;
    char name[256];
    EncoderLayer layer = {.config = config};
    layer.self_attn = attention_new(parameters, join(name, prefix, "self_attn"), &config, random);
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
    layer.self_attn = attention_new(parameters, join(name, prefix, "self_attn"), &config, random);
    layer.multihead_attn =
        attention_new(parameters, join(name, prefix, "multihead_attn"), &config, random);
    layer.linear1 = linear_new(parameters, join(name, prefix, "linear1"), E, F, true, random);
    layer.linear2 = linear_new(parameters, join(name, prefix, "linear2"), F, E, true, random);
    layer.norm1 = layer_norm_new(parameters, join(name, prefix, "norm1"), E);
    layer.norm2 = layer_norm_new(parameters, join(name, prefix, "norm2"), E);
    layer.norm3 = layer_norm_new(parameters, join(name, prefix, "norm3"), E);
    return layer;
}

/* ---- The parts of a layer -------------------------------------------------------------------- */

/* Each part reports what it makes to a trace under PyTorch's name of the module (trace.h). */

/* query (B,T,E) asks keys (B,S,E), from which the values are made as well -> (B,T,E).
 * The rest as in multihead.h. */
static Tensor *attend(const MultiheadAttention *attention, Tensor *query, Tensor *keys, Masks masks,
                      KeyValueCache *cache, Tensor **weights) {
    return traced(attention->in_proj_weight->name, 1,
                  multihead_forward(attention, query, keys, masks, cache, weights));
}

/* FFN(x) = linear2(relu(linear1(x))): the same two layers for every token on its own (section 3.3).
 * x (B,T,E) -> (B,T,E) */
static Tensor *feed_forward(const Linear *linear1, const Linear *linear2, Tensor *x, real dropout) {
    Tensor *hidden = traced(linear1->weight->name, 1, linear_forward(linear1, x)); // (B,T,F)
    hidden = op_dropout(op_relu(hidden), dropout);
    return traced(linear2->weight->name, 1, linear_forward(linear2, hidden));
}

/* Every sub-layer f stands between these two: its input is enter(x), its result goes to leave,
 * which is "Add & Norm" in the paper's figure (dropout on f's result).
 *     post-norm:  norm(x + f(x))
 *     pre-norm:   x + f(norm(x)) */
static Tensor *enter(Tensor *x, const LayerNorm *norm, const LayerConfig *config) {
    return config->norm_first ? layer_norm(norm, x) : x;
}

static Tensor *leave(Tensor *x, Tensor *f, const LayerNorm *norm, const LayerConfig *config) {
    Tensor *sum = op_add(x, op_dropout(f, config->dropout));
    return config->norm_first ? sum : layer_norm(norm, sum);
}

/* ---- The layers, as figure 1 has them from the bottom up ------------------------------------- */

Tensor *encoder_layer_forward(const EncoderLayer *l, Tensor *src, Masks src_masks,
                              Tensor **weights) {
    const LayerConfig *c = &l->config;
    Tensor *x = src, *in, *f; // (B,S,E), all of them

    // Multi-head attention: every word looks at every word of its sentence, itself included.
    in = enter(x, &l->norm1, c);
    f = attend(&l->self_attn, in, in, src_masks, NULL, weights);
    x = leave(x, f, &l->norm1, c);

    // Feed forward: every word on its own.
    in = enter(x, &l->norm2, c);
    f = feed_forward(&l->linear1, &l->linear2, in, c->dropout);
    x = leave(x, f, &l->norm2, c);
    return traced(l->norm1.weight->name, 2, x);
}

Tensor *decoder_layer_forward(const DecoderLayer *l, Tensor *tgt, Tensor *memory, Masks tgt_masks,
                              Masks memory_masks, DecoderCache *cache, DecoderWeights *weights) {
    const LayerConfig *c = &l->config;
    Tensor *x = tgt, *in, *f; // (B,T,E), all of them

    // Masked multi-head attention: every word looks at those before it, never at one to come.
    in = enter(x, &l->norm1, c);
    f = attend(&l->self_attn, in, in, tgt_masks, cache ? &cache->self : NULL,
               weights ? &weights->self : NULL);
    x = leave(x, f, &l->norm1, c);

    // Multi-head attention: it asks the source sentence. Queries from here, (B,T,E), keys and
    // values from the encoder, (B,S,E).
    in = enter(x, &l->norm2, c);
    f = attend(&l->multihead_attn, in, memory, memory_masks, cache ? &cache->cross : NULL,
               weights ? &weights->cross : NULL);
    x = leave(x, f, &l->norm2, c);

    // Feed forward: every word on its own.
    in = enter(x, &l->norm3, c);
    f = feed_forward(&l->linear1, &l->linear2, in, c->dropout);
    x = leave(x, f, &l->norm3, c);
    return traced(l->norm1.weight->name, 2, x);
}
