/* encoder_layer.h - one layer of the encoder, the left side of the paper's figure 1. */
#ifndef ENCODER_LAYER_H
#define ENCODER_LAYER_H

#include "05_encoder_decoder/sublayer.h"

/* The members are named as in torch.nn.TransformerEncoderLayer. */
typedef struct {
    LayerConfig config;
    MultiheadAttention self_attn; // the sentence to itself
    Linear linear1, linear2;      // the feed-forward: weights (F,E) and (E,F)
    LayerNorm norm1, norm2;       // one for each sub-layer, in the order above
} EncoderLayer;

/* Adds the parameters of torch.nn.TransformerEncoderLayer, drawn in its order. */
EncoderLayer encoder_layer_new(Parameters *parameters, const char *prefix, LayerConfig config,
                               Random *random);

/* src (B,S,E), masks for (B,S,S) -> (B,S,E). Two sub-layers, the sentence's attention to itself and
 * then the feed-forward, each with its norm between sublayer_enter and sublayer_leave. weights, if
 * not NULL, receives the attention (B,nhead,S,S). The result is reported as the layer's (trace.h),
 * under norm1.weight's name less two parts. */
Tensor *encoder_layer_forward(const EncoderLayer *layer, Tensor *src, Masks src_masks,
                              Tensor **weights);

#endif
