/* length_batches.h - sentences of nearly the same length together, so that little is padding. */
#ifndef LENGTH_BATCHES_H
#define LENGTH_BATCHES_H

#include <stddef.h>

/* Cuts a list of sentences into batches of neighbours. A batch is a rectangle, as many places for
 * each sentence as its longest one has tokens, and has at most batch_tokens places; a sentence
 * longer than that is a batch by itself. Each batch takes as many sentences as fit, so only a list
 * in order of length wastes little.
 *
 * lengths (count), count >= 1. start (count + 1): batch i is start[i] .. start[i + 1] of the list.
 * Returns how many batches there are. */
size_t length_batches_cut(const int *lengths, size_t count, int batch_tokens, size_t *start);

#endif
