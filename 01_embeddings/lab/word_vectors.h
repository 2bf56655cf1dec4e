/* word_vectors.h - skip-gram vectors of two texts, and questions to ask them.
 *
 * The text decides what can be learned. The English side of the built-in corpus (corpus.h) tells
 * what is eaten, worn, sat on and crossed, and conjugates; its king repairs bikes and eats bread
 * like everyone else. Rank and gender, the dimensions of "king - man + woman", need a text that
 * tells of them, and so does a word with two senses: that is little_world.h.
 */
#ifndef EMBEDDINGS_WORD_VECTORS_H
#define EMBEDDINGS_WORD_VECTORS_H

#include "01_embeddings/lab/word_text.h"
#include "common/real.h"
#include "common/screen/plot.h"

enum { WORD_VECTORS_DIM = 16 }; // E, of the vectors of both texts

typedef struct {
    WordText text; // V words
    real *rows;    // (V,E)
    double loss;   // what skipgram_train returned
} WordVectors;

/* Draw sentences, lower-cased and without punctuation, and train on them for about a second. Call
 * word_vectors_free. */
WordVectors word_vectors_of_corpus(uint64_t seed);
WordVectors word_vectors_of_little_world(uint64_t seed);
void word_vectors_free(WordVectors *words);

/* The row (E) of a word that the text has. */
const real *word_vectors_row(const WordVectors *words, const char *word);

/* The cosine of two words that the text has. */
double word_vectors_cosine(const WordVectors *words, const char *a, const char *b);

/* The id of the word nearest to a - b + c; never one of the three if `strict`. */
int word_vectors_analogy(const WordVectors *words, const char *a, const char *b, const char *c,
                         bool strict);

/* Print a line: the word, or the question, then its `count` (at most 8) nearest words with their
 * cosines. */
void word_vectors_print_neighbours(const WordVectors *words, const char *word, int count);
void word_vectors_print_analogy(const WordVectors *words, const char *a, const char *b,
                                const char *c, bool strict, int count);

/* Draws `groups` groups of per_group words, one after the other in `word`, on the plane in which
 * they spread most. Returns the share of their variance that lies in it. */
double word_vectors_draw(const Picture *picture, const WordVectors *words, const char *const *word,
                         const char *const *group_name, int groups, int per_group);

#endif
