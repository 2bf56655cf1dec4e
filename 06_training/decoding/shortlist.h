/* shortlist.h - the few target tokens that a source may be translated with.
 *
 * For every token that a translation gets, the generator makes a logit of every token there is,
 * which is most of the arithmetic; of the thousands, dozens could be meant. Which tokens come with
 * which is known from the training pairs (lexicon.h): a shortlist has for each source token the
 * likeliest of the target, and for </s>, which every source ends with, what may always be said: the
 * marks and the most frequent tokens. Only what the tokens of a batch have in their lists gets a
 * logit. Translations can change: what is on no list is never said.
 */
#ifndef SHORTLIST_H
#define SHORTLIST_H

#include <stdint.h>

#include "06_training/translator/encoded_pairs.h"
#include "06_training/translator/translator.h"

typedef struct {
    int V;         // tokens of the vocabulary
    size_t *begin; // (V+1): where the list of each source token begins, and the last one ends
    int *token;    // (begin[V]): all lists, one behind the other, the likeliest first
} Shortlist;

/* Of some ten thousand of the pairs, evenly spaced: at most `each` tokens for a source token, and
 * the `always` most frequent. A source token that the pairs do not have gets no list. Caller frees
 * with shortlist_free. */
Shortlist shortlist_of(const EncodedPairs *pairs, int V, int each, int always);
void shortlist_free(Shortlist *shortlist);

/* tokens (V) <- the union of the lists of ids (count), TOKEN_PAD aside, in ascending order, so that
 * the marks come first; returns how many they are. 0, and all are to be asked: an id has no list,
 * or no </s> is among them, or they are more than half of all. */
int shortlist_union(const Shortlist *shortlist, const int *ids, size_t count, int *tokens);

/* A text file of a line for each list: source token, its piece, the list, its pieces, separated by
 * tabs. The first line tells for which model it is: by its vocabulary and, since that is the same
 * for the other direction, by what it was trained on. All or nothing; a file at path that is no
 * shortlist is an error and stays. */
bool shortlist_save(const Shortlist *shortlist, const Translator *translator, const char *path,
                    Error *err);

/* Reads one that was made for this model, or another of the same training. */
bool shortlist_load(const char *path, const Translator *translator, Shortlist *shortlist,
                    Error *err);

#endif
