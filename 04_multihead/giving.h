/* giving.h - "mary gave roses to susan": who gave, who received? Both are asked at "gave".
 *
 * The sentence is Peter Bloem's ("Transformers from scratch"): attention with one head adds up what
 * it finds, so that giver and receiver can both be in the sum and nothing says which is which.
 */
#ifndef GIVING_H
#define GIVING_H

#include "04_multihead/sentences.h"

enum { GIVING_NAMES = 10 };

/* A random sentence "[yesterday|today] NAME gave THING to NAME" with two different names; answers
 * are the giver and the receiver as numbers below GIVING_NAMES. */
Question giving_sentence(Random *random);
const char *giving_name(int answer);

/* A model for the task with one layer: 2 answers of GIVING_NAMES classes. The number of parameters
 * does not depend on nhead. */
QuestionModel *giving_model_new(int d_model, int nhead, uint64_t seed);

/* One step of training on a fresh batch of sentences; returns the loss. */
double giving_step(QuestionModel *model, Optimizer *optimizer, Random *random);

/* The share of fresh sentences with giver and receiver right. */
double giving_accuracy(const QuestionModel *model, Random *random);

#endif
