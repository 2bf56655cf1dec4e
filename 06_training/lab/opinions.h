/* opinions.h - sentences with an opinion, good or bad, in which the order of the words matters.
 *
 *     we went there on monday , the soup was good , not bad     good
 *     we went there on monday , the soup was bad , not good     bad
 *
 * Most patterns come in such twins: the same words in another order, with the opposite label. So a
 * model that counts words cannot do better there than guess, whatever it has learned of each word.
 */
#ifndef OPINIONS_H
#define OPINIONS_H

#include "05_encoder_decoder/lab/teacher.h"

typedef enum {
    OPINION_PLAIN, // it was good
    OPINION_NOT,   // it was not good: Bloem's "not too terrible"; has no twin
    OPINION_BOTH,  // it was good , not bad
    OPINION_WHOSE, // everybody finds it bad , i find it good
    OPINION_WHEN,  // it used to be bad and now it is good
    OPINION_WHICH, // the food was bad but the view was good , and i go there for the view
    OPINION_PATTERNS
} OpinionPattern;

enum { OPINION_LENGTH = 32 }; // words of a sentence, at most

typedef struct {
    OpinionPattern pattern;
    int ids[OPINION_LENGTH], length; // without marks at the beginning and the end
    int label;                       // 1: good, 0: bad
} Opinion;

/* How many ids there are, the first TOKEN_TEXT of them marks; and the word of an id. */
int opinions_vocabulary(void);
const char *opinions_word(int id);

/* Draws count sentences with their labels; patterns and labels are equally likely. In one of eight
 * the thing never meets that adjective in the others: those are drawn where held_out is set, and
 * nowhere else. */
void opinions_draw(Opinion *opinions, int count, bool held_out, Random *random);

/* The same words with the good and the bad one in each other's place, which makes the opposite of
 * it. OPINION_PLAIN and OPINION_NOT have only one of them: false. */
bool opinions_twin(const Opinion *opinion, Opinion *twin);

/* The sentence's words with single spaces between them, into a buffer of the caller's. */
const char *opinions_text(const Opinion *opinion, char text[256]);

/* A sentence of one's own from the words that there are, without a label. */
Opinion opinions_of(const char *text);

#endif
