/* decoder_caches.h - decoding step by step: what the decoder remembers between two tokens. */
#ifndef DECODER_CACHES_H
#define DECODER_CACHES_H

#include "05_encoder_decoder/transformer.h"

/* Room for the keys and values of B sentences of up to `capacity` target tokens, one cache for each
 * layer. Constants of the current graph, which therefore must not be reset while decoding goes on.
 * memory (B,S,E) fills those of cross-attention. */
DecoderCache *decoder_caches_new(const Transformer *model, Tensor *memory, int capacity);

/* Makes row b of every cache that of former row from[b]: beam search keeps some and drops others.
 * B: rows afterwards, at most those before. */
void decoder_caches_reorder(const Transformer *model, DecoderCache *caches, const int *from, int B);

#endif
