/* bpe_encode.h - from text to token ids, with merges that have been learned.
 *
 * A chunk (bpe_chunk.h) starts as one symbol per character. Then, of all the pairs standing side by
 * side, the one whose merge was learned first is joined, and so on until no merge applies: the same
 * order in which learning joined them, so that a word of the training text comes out as it did
 * there.
 */
#ifndef EMBEDDINGS_BPE_ENCODE_H
#define EMBEDDINGS_BPE_ENCODE_H

#include "01_embeddings/bpe.h"

/* Joins symbols[0 .. count), count <= BPE_CHUNK_BYTES, until none of bpe's merges applies; of two
 * pairs of the same merge the left one goes first. Returns how many symbols remain. */
size_t bpe_encode_symbols(const Bpe *bpe, int *symbols, size_t count);

/* Appends the ids of text[0 .. bytes) to ids; at most bytes + 1, no special token among them. The
 * bytes should be UTF-8; others become byte tokens. */
void bpe_encode(const Bpe *bpe, const char *text, size_t bytes, IntArray *ids);

#endif
