/* lexicon.h - the words of the built-in English-French corpus, and what goes with what.
 *
 * A word is one row of the table in lexicon.c. Its tags say what it is ("animal", "food"); its fits
 * say which tags it goes with: the verb "eat" fits "food", the adjective "deep" fits "deepish".
 * That is how "the milk reads the door" is kept out: a pattern asks for a noun that fits its verb.
 *
 * Forms stand beside each other with '|' between them; those that a rule gives are left out.
 *   noun       English singular|plural, French likewise
 *   adjective  English plain|comparative, French masculine|feminine|masculine before a vowel
 *   verb       English base|he-form|past|ing-form, French infinitive|je|tu|il|nous|ils|participle
 *              and, where "nous" does not give it, the stem of the imparfait; just the infinitive
 *              for a regular verb in -er
 *   phrase     English, French and, for the weather, the same in the past
 * "*" before a French word is an aspirated h or its like: nothing is elided before it.
 */
#ifndef EMBEDDINGS_LEXICON_H
#define EMBEDDINGS_LEXICON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef enum {
    NOUN,
    ADJECTIVE,
    VERB,
    PREPOSITION,
    PRONOUN,
    NAME,
    OWNER, // my, your, ...
    NUMBER,
    PHRASE, // anything that is copied as it stands
} LexiconKind;

typedef enum { JE, TU, IL, NOUS, ILS, PERSONS } Person;

typedef struct {
    LexiconKind kind;
    const char *english, *french;
    const char *tags, *fits;
    bool feminine; // nouns, names, pronouns
    bool before;   // an adjective that stands before its noun in French
    Person person; // pronouns, owners; IL for whatever else can be a subject
} Word;

extern const Word lexicon[];
extern const size_t lexicon_size;

#endif
