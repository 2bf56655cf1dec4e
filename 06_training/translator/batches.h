/* batches.h - sentence pairs as ids, and the batches an epoch is made of. */
#ifndef BATCHES_H
#define BATCHES_H

#include "01_embeddings/bpe.h"
#include "05_encoder_decoder/transformer.h"
#include "common/files/pairs.h"

/* Pairs as token ids, one after the other:
 *     source  piece ... piece </s>            target  <s> piece ... piece </s> */
typedef struct {
    int *ids;
    struct EncodedPair {
        size_t src, tgt;            // where each side begins in ids
        int src_length, tgt_length; // the target's includes <s> and </s>
    } * pair;
    size_t count;
    size_t skipped; // pairs left out because a side is longer than the model's maximum
} EncodedPairs;

/* Encodes all pairs of which neither side is longer than max_length tokens, end mark included.
 * Caller frees with encoded_pairs_free. */
EncodedPairs encode_pairs(const Bpe *bpe, const Pairs *pairs, int max_length);
void encoded_pairs_free(EncodedPairs *pairs);

/* The order in which an epoch visits the pairs: batches of sentences of nearly the same length, so
 * that little is padding, each batch with at most batch_tokens tokens on either side, padding
 * included (but at least one pair). Batch i is order[start[i] .. start[i+1]). */
typedef struct {
    size_t *order; // (pairs)
    size_t *start; // (count + 1)
    size_t count;
    struct SortKey *keys; // scratch
} Epoch;

/* Room for epochs over these pairs. Caller frees with epoch_free. */
Epoch epoch_new(const EncodedPairs *pairs);
void epoch_free(Epoch *epoch);

/* Makes the batches anew: equal lengths in random order, then the batches in random order. With
 * random NULL: the same order always, longest last, for validation. */
void epoch_shuffle(Epoch *epoch, const EncodedPairs *pairs, int batch_tokens, Random *random);

/* The pairs indices[0 .. count) as a Batch, padded to the longest; its ids live in arena. */
Batch batch_make(const EncodedPairs *pairs, const size_t *indices, size_t count, Arena *arena);

/* The part of a batch's count pairs that shard i of n takes. */
void shard_range(size_t count, int i, int n, size_t *first, size_t *size);

#endif
