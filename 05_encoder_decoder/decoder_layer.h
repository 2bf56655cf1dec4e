/* decoder_layer.h - one layer of the decoder, the right side of the paper's figure 1. */
#ifndef DECODER_LAYER_H
#define DECODER_LAYER_H

#include "05_encoder_decoder/sublayer.h"

/* The members are named as in torch.nn.TransformerDecoderLayer. */
typedef struct {
    LayerConfig config;
    MultiheadAttention self_attn, multihead_attn; // to what was said so far; to the source
    Linear linear1, linear2;                      // the feed-forward: weights (F,E) and (E,F)
    LayerNorm norm1, norm2, norm3;                // one for each sub-layer
} DecoderLayer;

/* What a decoder layer remembers between two tokens, for decoding step by step. */
typedef struct {
    KeyValueCache self, cross; // of what was said so far; of the source, complete
} DecoderCache;

/* A decoder layer's attention: to what was said so far (B,nhead,T,keys), to the source
 * (B,nhead,T,S). */
typedef struct {
    Tensor *self, *cross;
} DecoderWeights;

/* Adds the parameters of torch.nn.TransformerDecoderLayer, drawn in its order. */
DecoderLayer decoder_layer_new(Parameters *parameters, const char *prefix, LayerConfig config,
                               Random *random);

/* tgt (B,T,E), memory (B,S,E), masks for (B,T,keys so far) and (B,T,S) -> (B,T,E). Three
 * sub-layers, each with its norm between sublayer_enter and sublayer_leave: attention to what was
 * said so far, attention to the source's memory, feed-forward.
 * cache carries keys and values from call to call; NULL: tgt is the whole sentence.
 * weights, if not NULL, receives the attention. The result is reported as the layer's (trace.h),
 * under norm1.weight's name less two parts. */
Tensor *decoder_layer_forward(const DecoderLayer *layer, Tensor *tgt, Tensor *memory,
                              Masks tgt_masks, Masks memory_masks, DecoderCache *cache,
                              DecoderWeights *weights);

#endif
