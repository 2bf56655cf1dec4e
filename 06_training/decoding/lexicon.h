/* lexicon.h - which tokens of one language come with which of another, learned from sentence pairs
 * alone.
 *
 * Each token of a target is taken to come from one of its source's tokens; from which, is not
 * known. At first all are as likely. In each round every target token is shared out among its
 * source's tokens as the chances of the round before say, and the shares, added up over all pairs,
 * are the new chances: "Hund" comes with "the", too, but "the" comes with everything. This is IBM's
 * model 1 (Brown et al. 1993, "The Mathematics of Statistical Machine Translation", section 4.1).
 *
 *     Lexicon *lexicon = lexicon_new(V);
 *     for (int round = 0; round < LEXICON_ROUNDS; round++) {
 *         for (each pair) lexicon_take(lexicon, src, S, tgt, T);
 *         lexicon_end_round(lexicon);
 *     }
 */
#ifndef LEXICON_H
#define LEXICON_H

#include <stddef.h>

/* As many rounds are enough to tell what belongs together. Of a long side only the first tokens
 * count: the work grows with the product of both lengths. */
enum { LEXICON_ROUNDS = 3, LEXICON_SIDE = 40 };

typedef struct Lexicon Lexicon;

/* An empty one for tokens 0 .. V - 1 on both sides. Caller frees with lexicon_free. */
Lexicon *lexicon_new(int V);
void lexicon_free(Lexicon *lexicon); // NULL is allowed

/* One pair of the present round: src (S), tgt (T). All rounds are to have the same pairs. */
void lexicon_take(Lexicon *lexicon, const int *src, int S, const int *tgt, int T);
void lexicon_end_round(Lexicon *lexicon);

/* The chance of target token t where the source has s, by the last round; 0 if they never came
 * together. */
double lexicon_chance(const Lexicon *lexicon, int s, int t);

/* The share of t among all target tokens, whatever the source, one of each added: never 0. */
double lexicon_frequency(const Lexicon *lexicon, int t);

typedef struct {
    int src, tgt;
    double chance;
} LexiconEntry;

/* All pairs of tokens that came together, by source, of a source the likeliest first, of equal ones
 * the smaller token: the same for the same pairs. Caller frees. */
LexiconEntry *lexicon_entries(const Lexicon *lexicon, size_t *count);

#endif
