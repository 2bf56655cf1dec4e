/* sublayer.h - what every layer is made of: a sub-layer, and the way around it.
 *
 * A sub-layer f, attention or feed-forward, stands between sublayer_enter, which gives it its
 * input, and sublayer_leave, which is "Add & Norm" in the paper's figure 1. Only here do the two
 * orders of residual and norm differ:
 *     post-norm:  norm(x + f(x))
 *     pre-norm:   x + f(norm(x))
 */
#ifndef SUBLAYER_H
#define SUBLAYER_H

#include "02_positional_encoding/positions.h"
#include "04_multihead/multihead.h"
#include "05_encoder_decoder/layer_norm.h"

/* What every layer of a model has in common. Zeros in the last three are the paper's choices. */
typedef struct {
    int d_model, nhead, dim_feedforward;
    real dropout;          // on what every sub-layer adds, and on the embeddings
    bool residual_dropout; // true: nowhere else (Vaswani et al. 2017, section 5.4); false: also
                           // inside the feed-forward and on attention probabilities, as PyTorch's
    bool norm_first; // true: x + f(norm(x)), "pre-norm"; false: norm(x + f(x)), as in the paper
    AttentionKind attention; // how all heads are computed
    PositionsKind positions; // rotary: self-attention turns its queries and keys; the others are
                             // added to the words before the first layer
} LayerConfig;

/* The share dropped inside a sub-layer. */
real sublayer_inner_dropout(const LayerConfig *config);

/* "PREFIXname." in a buffer of the caller's. */
const char *sublayer_name(char buffer[256], const char *prefix, const char *name);

/* The attention called PREFIXname of a layer: to itself, where positions may turn it, or to a
 * memory, whose places are another sentence's. */
MultiheadAttention sublayer_attention_new(Parameters *parameters, const char *prefix,
                                          const char *name, const LayerConfig *config,
                                          bool to_itself, Random *random);

/* multihead_forward, reported to a trace (trace.h): query (B,T,E) asks keys (B,S,E), from which the
 * values are made as well -> (B,T,E). */
Tensor *sublayer_attend(const MultiheadAttention *attention, Tensor *query, Tensor *keys,
                        Masks masks, KeyValueCache *cache, Tensor **weights);

/* x (...,E) -> what f is to be given: with pre-norm norm(x), else x. */
Tensor *sublayer_enter(Tensor *x, const LayerNorm *norm, const LayerConfig *config);

/* x as it was before sublayer_enter, and what f found, both (...,E) -> what goes on. While training
 * a share `dropout` of what f found is dropped before it meets x. */
Tensor *sublayer_leave(Tensor *x, Tensor *f, const LayerNorm *norm, const LayerConfig *config);

#endif
