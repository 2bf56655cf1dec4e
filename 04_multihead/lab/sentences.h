/* sentences.h - the words of the sentences in pronoun.h, and a few more: as in a real vocabulary,
 * training never meets them, and their rows of the embedding stay as they were drawn.
 */
#ifndef SENTENCES_H
#define SENTENCES_H

#include "04_multihead/lab/question_model.h"

/* What a word is to the families. The ids of a kind follow one another. */
typedef enum {
    FUNCTION_WORD, // the, because, it, ...
    GIVER,         // who may give and receive: in no sentence of pronoun.h
    PRESENT,       // what is given: likewise
    ANIMAL,        // can be tired and hungry
    PLACE,         // can be crossed, and be wide
    DRINK,         // can be drunk, and be sweet
    TIRED,         // why an animal does not cross
    WIDE,          // why a place is not crossed
    HUNGRY,        // why an animal drinks
    SWEET,         // why something is drunk
    SENTENCE_KINDS,
} SentenceKind;

/* Ids count from 1 (0 is padding) and are below sentence_word_count(). */
int sentence_word_count(void);
const char *sentence_word(int id);
SentenceKind sentence_kind(int id);
bool sentence_feminine(int id); // whether a noun is feminine in French: la rue, la vache

/* The first id of a kind, and how many there are. */
int sentence_first(SentenceKind kind);
int sentence_count(SentenceKind kind);

/* Writes the words of a sentence, separated by spaces, into a buffer of `size` bytes. */
void sentence_text(const Question *question, char *text, size_t size);

/* Reads a sentence, its words separated by single spaces, and sets ids, length and asked (the place
 * of "gave" or "it"); the answers are left alone. False: an unknown word, or too many words. */
bool sentence_parse(const char *text, Question *question);

#endif
