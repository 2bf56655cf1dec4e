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
    AttentionKind attention; // how all its heads are computed
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

/* What a decoder layer remembers between two tokens, for decoding step by step. */
typedef struct {
    KeyValueCache self, cross; // of what was said so far; of the source, complete
} DecoderCache;

/* A decoder layer's attention: to what was said so far (B,nhead,T,keys), to the source
 * (B,nhead,T,S). */
typedef struct {
    Tensor *self, *cross;
} DecoderWeights;

/* src (B,S,E), masks for (B,S,S) -> (B,S,E).
 * weights, if not NULL, receives the attention (B,nhead,S,S). */
Tensor *encoder_layer_forward(const EncoderLayer *layer, Tensor *src, Masks src_masks,
                              Tensor **weights);

/* tgt (B,T,E), memory (B,S,E), masks for (B,T,keys so far) and (B,T,S) -> (B,T,E).
 * cache carries keys and values from call to call; NULL: tgt is the whole sentence.
 * weights, if not NULL, receives the attention. */
Tensor *decoder_layer_forward(const DecoderLayer *layer, Tensor *tgt, Tensor *memory,
                              Masks tgt_masks, Masks memory_masks, DecoderCache *cache,
                              DecoderWeights *weights);

#endif
