/* word_text.h - a text as sentences of whole words, each word with a number. */
#ifndef EMBEDDINGS_WORD_TEXT_H
#define EMBEDDINGS_WORD_TEXT_H

#include "01_embeddings/interner.h"
#include "common/array.h"

/* Sentences as word ids, and the words. Empty when all zeros. */
typedef struct {
    Interner words;
    IntArray ids;  // of all sentences, one after the other
    IntArray ends; // where each sentence ends in ids
} WordText;

/* Adds a sentence of words with single spaces between them. */
void word_text_add(WordText *text, const char *sentence);
void word_text_free(WordText *text);

/* The id of a word, or -1; and the word (NUL-terminated, cut at `size`) of an id. */
int word_text_id(const WordText *text, const char *word);
const char *word_text_word(const WordText *text, int id, char *name, size_t size);

#endif
