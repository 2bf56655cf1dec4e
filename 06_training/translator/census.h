/* census.h - counts of a text and of sentence pairs: what one should know before training. */
#ifndef CENSUS_H
#define CENSUS_H

#include "common/files/pairs.h"

/* What a text is made of. */
typedef struct {
    size_t words;      // between white space
    size_t characters; // white space not counted
    size_t distinct;   // different characters that are not ASCII and occur more than once
} CensusText;

/* Of both sides together, as one vocabulary sees them. */
CensusText census_text(const Pairs *pairs);

/* Which characters both sides of a text have, and whether a line has another one. The caller frees
 * it with free. */
typedef struct {
    bool has[0x110000]; // by code point
} CensusCharacters;
CensusCharacters *census_characters(const Pairs *pairs);
bool census_is_new(const CensusCharacters *seen, const char *line);

/* Whether a line has anything to translate: a letter or a number. Marks (accents, what makes an
 * emoji colourful) are nothing by themselves. translate lets other lines be as they are. */
bool census_has_words(const char *line);

/* What the numbers in digits of both sides of a pair say about each other. */
typedef enum {
    CENSUS_NUMBERS_NONE, // a side has none: "12" is "twelve" there
    CENSUS_NUMBERS_SAME, // in whichever order and script
    CENSUS_NUMBERS_DIFFER
} CensusNumbers;
CensusNumbers census_numbers(const char *src, const char *tgt);

/* Words of a line: what white space is between. */
size_t census_words(const char *line);

/* The line that comes most often, and the place where it comes first. */
typedef struct {
    size_t times, place;
} CensusMost;
CensusMost census_most(const Lines *lines);

/* Pairs that teach or tell less than they seem to. */
typedef struct {
    size_t repeated;    // training pairs that were there before, word for word
    size_t equal;       // training pairs whose sides are the same
    size_t equal_valid; // and validation pairs
    size_t seen;        // validation pairs that are training pairs, but for capitals and spaces
    size_t seen_src;    // and sources
} Census;

Census census_of(const Pairs *train, const Pairs *valid);

#endif
