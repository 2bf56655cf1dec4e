/* linked_corpus.h - the built-in corpus word by word, with the links that its grammar knows.
 *
 *     The black cat is old .            English 0 1 2 3 4 5
 *     Le chat noir est vieux .          0-0 2-1 1-2 4-4: each French word and what it is made of
 *
 * A pattern's slots are filled by a word of the lexicon in both languages, so what a slot became
 * here is the translation of what it became there; a determiner goes with its noun's. Words that
 * stand in the pattern itself ("because", "parce que") have no slot and no link.
 */
#ifndef LINKED_CORPUS_H
#define LINKED_CORPUS_H

#include "01_embeddings/corpus/corpus.h"
#include "01_embeddings/interner.h"
#include "05_encoder_decoder/lab/teacher.h"

typedef struct {
    SentencePair pair;              // ids: TOKEN_TEXT + the word's number
    uint64_t links[TEACHER_LENGTH]; // of target word t: bit s is source word s; 0: none is known
} LinkedPair;

typedef struct {
    Interner english, french; // the words; number n has the id TOKEN_TEXT + n
    LinkedPair *pairs;
    size_t count;
} LinkedCorpus;

/* Adds count pairs of the split, cut into words: marks are words of their own, and so is what
 * stands before an apostrophe in French ("l'", "animal") or with one in English ("man", "'s").
 * Words are numbered as they come. Start from all zeros; caller frees. */
void linked_corpus_add(LinkedCorpus *corpus, CorpusSplit split, uint64_t seed, size_t count);
void linked_corpus_free(LinkedCorpus *corpus);

/* The word of an id, or the mark's name, in a buffer of the caller's. */
const char *linked_corpus_word(const Interner *words, int id, char text[GRAMMAR_FORM_BYTES]);

/* The words of ids (length) with spaces between them; caller frees. */
char *linked_corpus_text(const Interner *words, const int *ids, int length);

#endif
