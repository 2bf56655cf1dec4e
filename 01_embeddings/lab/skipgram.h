/* skipgram.h - word vectors from the company that words keep.
 *
 * Skip-gram (Mikolov et al. 2013, "Efficient Estimation of Word Representations in Vector Space",
 * section 3.2): from a word, predict the words around it. The word's vector is its row of an
 * embedding table; a second table scores every word of the vocabulary against it:
 *     p(o | c) = softmax_o(in_c . out_o)
 * This is the bigram of bigram.h with the table squeezed through few dimensions, so that words with
 * the same neighbours have to share directions. The vocabulary here is small enough for the softmax
 * over all of it; negative sampling is what one does when it is not.
 */
#ifndef EMBEDDINGS_SKIPGRAM_H
#define EMBEDDINGS_SKIPGRAM_H

#include "01_embeddings/lab/word_text.h"
#include "common/random.h"
#include "common/real.h"

typedef struct {
    int dim;    // E, of the vectors
    int window; // how many words to each side are predicted
    int batch;  // pairs of a step, drawn with replacement
    int steps;
    double lr; // of Adam, falling linearly to 0
} SkipGram;

/* Trains on all pairs of words at most `window` apart in a sentence. vectors (V,E), V the number of
 * words, receives the first table, its mean row subtracted: the mean only says what all words have
 * in common. Resets the current graph. Returns the mean cross-entropy of the last 100 steps, in
 * nats. */
double skipgram_train(const SkipGram *config, const WordText *text, Random *random, real *vectors);

#endif
