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

/* Words of one side. */
size_t census_words(const Lines *lines);

/* Pairs that teach or tell less than they seem to. */
typedef struct {
    size_t repeated; // training pairs that were there before, word for word
    size_t equal;    // training pairs whose sides are the same
    size_t seen;     // validation pairs that are training pairs as well
    size_t seen_src; // validation sources that are training sources
} Census;

Census census_of(const Pairs *train, const Pairs *valid);

#endif
