/* decoder_caches.h - decoding step by step: what the decoder remembers between two tokens.
 *
 * A token's keys and values never change once it is said, since no earlier place sees a later one.
 * Kept, each new token costs one row of every matrix product instead of the whole prefix.
 */
#ifndef DECODER_CACHES_H
#define DECODER_CACHES_H

#include "05_encoder_decoder/transformer.h"

/* Room for the keys and values of B sentences of up to `capacity` target tokens: 2 caches a layer,
 * self- then cross-attention. Constants of the current graph, which therefore must not be reset
 * while decoding goes on. memory (B,S,E) fills those of cross-attention. */
KeyValueCache *decoder_caches_new(const Transformer *model, Tensor *memory, int capacity);

/* Makes row b of every cache that of former row from[b]: beam search keeps some and drops others.
 * B: rows afterwards, at most those before. */
void decoder_caches_reorder(const Transformer *model, KeyValueCache *caches, const int *from,
                            int B);

#endif
