/* giving.h - "mary gave roses to susan": who gave, who received? Both are asked at "gave".
 *
 * The sentence is Peter Bloem's ("Transformers from scratch"): attention with one head adds up what
 * it finds, so that giver and receiver can both be in the sum and nothing says which is which.
 *
 * Everybody and everything here carries a number of GIVING_DIGITS binary digits, new in each
 * sentence, and the answer is the giver's number and the receiver's. Why not their names? With ten
 * names that never change, one head learns another weight for each name, so that the blur of two
 * betrays more about which two they were. Nobody can prepare for numbers never seen before.
 */
#ifndef GIVING_H
#define GIVING_H

#include "04_multihead/multihead.h"

enum {
    GIVING_WORDS = 5, // T: giver, gave, thing, to, receiver
    GIVING_VERB = 1,  // the place of "gave"
    GIVING_DIGITS = 8,
    GIVING_WIDTH = 32,                 // E: digits, kind of word, and room for positions
    GIVING_ANSWERS = 2 * GIVING_DIGITS // the giver's digits, then the receiver's
};

/* Sentences one after the other: x (B,T,E) and the digits to answer (B,GIVING_ANSWERS). */
typedef struct {
    int sentences;
    real *x;
    int *answers;
    int names; // so many people there are, each with a number that never changes; 0: see above
} GivingBatch;

/* One layer of attention and a linear readout at "gave". */
typedef struct {
    Parameters parameters;
    MultiheadAttention attention;
    Linear readout;    // (2*GIVING_ANSWERS,E): for each digit a score for 0 and one for 1
    bool no_positions; // a sentence is then a bag of words
    int names;         // of the sentences that it is trained on and asked about
} GivingModel;

/* Drawn from the seed; how many numbers it has does not depend on nhead. Call giving_free; the
 * address must not change while an optimizer uses the parameters. */
GivingModel *giving_new(int nhead, bool no_positions, uint64_t seed);
void giving_free(GivingModel *model);

/* Fills the batch, whose arrays the caller provides, with random numbers. */
void giving_sentences(GivingBatch *batch, Random *random);

/* Scores (B*GIVING_ANSWERS,2) in the current graph. weights, if not NULL, receives the attention
 * (B,H,T,T). */
Tensor *giving_forward(const GivingModel *model, const GivingBatch *batch, Tensor **weights);

/* Trains with Adam on fresh batches and returns the share of digits then answered right in fresh
 * sentences. accuracies (steps/every + 1) receives it every so many steps, starting untrained.
 * Resets the current graph. */
double giving_train(GivingModel *model, int steps, int every, uint64_t seed, real *accuracies);

#endif
