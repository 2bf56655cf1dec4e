/* layers.h - one layer of the encoder and one of the decoder (Vaswani et al. 2017, figure 1). */
#ifndef LAYERS_H
#define LAYERS_H

#include "04_multihead/multihead.h"
#include "05_encoder_decoder/layer_norm.h"

/* What every layer of a model has in common. */
typedef struct {
    int d_model, nhead, dim_feedforward;
    real dropout;    // after every sub-layer, inside the feed-forward, on attention probabilities
    bool norm_first; // true: x + f(norm(x)), "pre-norm"; false: norm(x + f(x)), as in the paper
} LayerConfig;

/* The members are named as in torch.nn.TransformerEncoderLayer and DecoderLayer. */
typedef struct {
    LayerConfig config;
    MultiheadAttention self_attn; // the sentence to itself
    Linear linear1, linear2;      // the feed-forward: weights (F,E) and (E,F)
    LayerNorm norm1, norm2;       // one for each sub-layer, in the order above
} EncoderLayer;

typedef struct {
    LayerConfig config;
    MultiheadAttention self_attn, multihead_attn; // to what was said so far; to the source
    Linear linear1, linear2;
    LayerNorm norm1, norm2, norm3;
} DecoderLayer;

/* Add the parameters of torch.nn.TransformerEncoderLayer or DecoderLayer, drawn in its order. */
EncoderLayer encoder_layer_new(Parameters *parameters, const char *prefix, LayerConfig config,
                               Random *random);
DecoderLayer decoder_layer_new(Parameters *parameters, const char *prefix, LayerConfig config,
                               Random *random);

/* src (B,S,E), src_key_padding_mask (B,S) -> (B,S,E).
 * weights, if not NULL, receives the attention (B,nhead,S,S). */
Tensor *encoder_layer_forward(const EncoderLayer *layer, Tensor *src,
                              const unsigned char *src_key_padding_mask, Tensor **weights);

/* tgt (B,T,E), memory (B,S,E), tgt_mask (T, all keys so far), memory_key_padding_mask (B,S) ->
 * (B,T,E). self_cache and cross_cache, both or neither NULL, carry keys and values from call to
 * call. self_weights and cross_weights, if not NULL, receive (B,nhead,T,keys) and (B,nhead,T,S). */
Tensor *decoder_layer_forward(const DecoderLayer *layer, Tensor *tgt, Tensor *memory,
                              const unsigned char *tgt_mask,
                              const unsigned char *memory_key_padding_mask,
                              KeyValueCache *self_cache, KeyValueCache *cross_cache,
                              Tensor **self_weights, Tensor **cross_weights);

#endif
