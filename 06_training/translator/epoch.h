/* epoch.h - the order in which training visits all pairs once. */
#ifndef EPOCH_H
#define EPOCH_H

#include "06_training/translator/encoded_pairs.h"
#include "common/random.h"

/* Batches of pairs of nearly the same length (length_batches.h), each with at most batch_tokens
 * tokens on either side, padding included, but at least one pair. */
typedef struct {
    size_t *order; // (pairs): places in EncodedPairs, one batch after the other
    size_t *start; // (count + 1): batch i is order[start[i] .. start[i + 1])
    size_t count;  // batches
    struct EpochScratch *scratch;
} Epoch;

/* Room for epochs over so many pairs; no batches yet. Caller frees with epoch_free. */
Epoch epoch_new(size_t pairs);
void epoch_free(Epoch *epoch);

/* Makes the batches anew: pairs of equal lengths in random order, then the batches in random
 * order. With random NULL: the same order always, longest last, for validation. */
void epoch_shuffle(Epoch *epoch, const EncodedPairs *pairs, int batch_tokens, Random *random);

/* The pairs of batch i: *count places in EncodedPairs. */
const size_t *epoch_batch(const Epoch *epoch, size_t i, size_t *count);

#endif
