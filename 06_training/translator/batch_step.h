/* batch_step.h - one step of a translator's training on one batch of sentence pairs.
 *
 * With several ranks (ranks.h) all of them take it. Rank 0, on which the run is, gives the others
 * once what every step needs, and then of each step the places of its pairs, a few hundred numbers.
 */
#ifndef BATCH_STEP_H
#define BATCH_STEP_H

#include "06_training/trainer/trainer.h"
#include "06_training/translator/encoded_pairs.h"

/* What every step needs. */
typedef struct {
    Transformer *model;  // whose parameters are the trainer's
    Trainer *trainer;    // its threads, Adam, seed
    EncodedPairs *pairs; // the training data
    double label_smoothing;
    double consistency; // R-Drop's weight; 0: each sentence is read once
} BatchStep;

/* Rank 0: gives all that, the weights and Adam's moments as they are, to the other ranks, which
 * take each step from now on. Does nothing if there are none. */
void batch_step_share(const BatchStep *batch_step);

/* The whole program of another rank: takes steps until rank 0 ends. Returns main's status. */
int batch_step_follow(void);

/* One optimizer step of size lr, along the gradient of the mean loss of the pairs' target tokens.
 * result->loss is the sum over them; given_up as in trainer.h. */
bool batch_step_take(const BatchStep *batch_step, const size_t *indices, size_t count, double lr,
                     TrainerResult *result, Error *err);

#endif
