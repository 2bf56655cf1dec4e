/* bpe_merge.h - one merge: a pair of symbols becomes one symbol, wherever it stands in a word.
 *
 * All of byte-pair encoding is this step, again and again (Sennrich, Haddow, Birch 2016, algorithm
 * 1). The word is an array of ids, and what is joined is two ids that stand side by side.
 */
#ifndef EMBEDDINGS_BPE_MERGE_H
#define EMBEDDINGS_BPE_MERGE_H

#include <stddef.h>

/* Replaces, from left to right, every "left right" in symbols[0 .. count) by piece and returns how
 * many symbols remain. Of three equal ones in a row the first two are a pair; the third stays. */
size_t bpe_merge_pair(int *symbols, size_t count, int left, int right, int piece);

#endif
