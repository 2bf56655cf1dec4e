/* patterns.h - the sentence patterns of the built-in corpus: a row each, in grammar.h's notation.
 */
#ifndef EMBEDDINGS_PATTERNS_H
#define EMBEDDINGS_PATTERNS_H

#include <stddef.h>

/* slots says what can stand in each slot, in the order in which they are filled, as "A=animal
 * B=food/A X=merit/B": a word tagged "animal"; a word tagged "food" that goes with A's; a word
 * tagged "merit" that goes with B's. "animal,person": either. Two slots never get the same word.
 * "often" before them makes the pattern come up more often than others. */
typedef struct {
    const char *english, *french, *slots;
} Pattern;

extern const Pattern patterns[];
extern const size_t pattern_count;

#endif
