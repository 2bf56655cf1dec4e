/* bpe_learn.h - learning the merges of a byte-pair encoding from text.
 *
 * Philip Gage's compression trick of 1994, turned into a vocabulary: count which two symbols stand
 * side by side most often, make them one symbol, and again, until the vocabulary is full. Frequent
 * words end up as one piece, rare ones as a few, and no list of words is needed.
 *
 * The rule is subword-nmt's: the pair with the highest count is next; of equal counts, the greatest
 * pair, left piece first, compared as text. A pair seen only once is not worth a piece. The result
 * therefore depends on the text alone, not on the order of its lines or on the machine.
 */
#ifndef EMBEDDINGS_BPE_LEARN_H
#define EMBEDDINGS_BPE_LEARN_H

#include "01_embeddings/bpe.h"
#include "common/files/lines.h"

/* Called after each merge, to watch: `rank` counts from 0, and the pair stood side by side `count`
 * times in the text. */
typedef void BpeWatcher(void *context, const Bpe *bpe, int rank, long count);

/* Learns one vocabulary from all lines of all texts (two languages that share it: two texts). It
 * has vocab_size tokens, or fewer when no pair is left that occurs twice; ask bpe_vocab_size. If
 * the characters beyond ASCII alone are too many, the most frequent get a symbol. Returns NULL with
 * err set when vocab_size is below BPE_FIRST_CHARACTER. watcher may be NULL. The caller frees the
 * result with bpe_free. */
Bpe *bpe_learn(const Lines *texts, size_t text_count, int vocab_size, BpeWatcher *watcher,
               void *context, Error *err);

#endif
