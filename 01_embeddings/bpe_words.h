/* bpe_words.h - a text as its distinct words and how often each occurs: all that learning needs.
 *
 * 58,000 sentences have a few ten thousand different words, so what is learned from counts needs to
 * look at each word once and not at each of its places. A word is a chunk of bpe_chunk.h: it brings
 * its space along.
 */
#ifndef EMBEDDINGS_BPE_WORDS_H
#define EMBEDDINGS_BPE_WORDS_H

#include "01_embeddings/interner.h"
#include "common/files/lines.h"

/* Empty when all zeros. */
typedef struct {
    Interner words; // word n is key n, in order of first appearance
    long *times;    // (words.count): how often word n occurs
    size_t capacity;
} BpeWords;

/* Adds the words of all lines, each with a space put before it as encoding does. */
void bpe_words_add(BpeWords *words, const Lines *text);
void bpe_words_free(BpeWords *words);

/* The characters beyond ASCII in the words, at most `room` of them: the most frequent, in code
 * point order, as bpe_new wants them. NUL-terminated; the caller frees it. */
char *bpe_words_characters(const BpeWords *words, size_t room);

#endif
