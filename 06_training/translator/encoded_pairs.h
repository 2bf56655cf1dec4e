/* encoded_pairs.h - sentence pairs as token ids, and some of them as a batch for the model. */
#ifndef ENCODED_PAIRS_H
#define ENCODED_PAIRS_H

#include "01_embeddings/bpe.h"
#include "05_encoder_decoder/transformer.h"
#include "common/files/pairs.h"

/* One pair, somewhere in the ids of all:
 *     source  piece ... piece </s>            target  <s> piece ... piece </s> */
typedef struct {
    size_t place;               // among the Pairs
    size_t src, tgt;            // where each side begins
    int src_length, tgt_length; // the target's includes <s> and </s>
} EncodedPair;

typedef struct {
    int *ids; // of all pairs, one after the other
    EncodedPair *pair;
    size_t count;
    size_t skipped; // pairs left out because a side is longer than the model's maximum
} EncodedPairs;

/* Encodes all pairs of which neither side is longer than max_length tokens, end mark included.
 * Caller frees with encoded_pairs_free. */
EncodedPairs encoded_pairs_new(const Bpe *bpe, const Pairs *pairs, int max_length);
void encoded_pairs_free(EncodedPairs *pairs);

/* The pairs indices[0 .. count) as a Batch, padded to the longest; its ids live in arena. */
Batch encoded_pairs_batch(const EncodedPairs *pairs, const size_t *indices, size_t count,
                          Arena *arena);

/* What is to be predicted in that batch: its target tokens without the start marks. */
long encoded_pairs_targets(const EncodedPairs *pairs, const size_t *indices, size_t count);

/* The least whole number, from 2, of tokens for each of the source that, with ten more, leave room
 * for all targets but one in a thousand: the length_factor of a Translator. */
int encoded_pairs_length_factor(const EncodedPairs *pairs);

/* The tokens of the side that has more of them. */
size_t encoded_pairs_longer_side(const EncodedPairs *pairs);

#endif
