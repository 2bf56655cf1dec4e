/* shared_caches.h - decoder_caches.h for a search: keys and values are kept once, whatever becomes
 * of the rows, and nothing of them is copied. */
#ifndef SHARED_CACHES_H
#define SHARED_CACHES_H

#include "05_encoder_decoder/transformer.h"

typedef struct {
    DecoderCache *layers;    // one for each, as transformer_decode takes them
    CachePlaces self, cross; // of all of them
    int capacity;            // tokens that a row may have
    // (rows,capacity): token t of row r was said in row said[r * capacity + t] of those days, and
    // there its keys and values are. next_said is the same, for the next step.
    int *said, *next_said;
    int *sentence, *next_sentence; // (rows): whose memory a row asks
} SharedCaches;

/* Whether a model can have them: it attends the fused way, and no piece that has a part in decoding
 * is a learner's (common/mine.h), which then shall run. */
bool shared_caches_fit(const Transformer *model);

/* For up to `rows` rows of up to `capacity` tokens; at first there are B, one for each sentence of
 * memory (B,S,E), of which the first length[b] places count. They live in the current graph, which
 * must not be reset while decoding goes on. */
SharedCaches *shared_caches_new(const Transformer *model, Tensor *memory, const int *length,
                                int rows, int capacity);

/* Makes row r what former row from[r] was; `rows` of them, perhaps more than before. To be called
 * after every step, which has given each row a token. */
void shared_caches_reorder(SharedCaches *caches, const int *from, int rows);

#endif
