/* run_state.h - where a run stands: what it counts, and the random numbers of its order. Together
 * with model, optimizer and settings it is everything that going on needs. */
#ifndef RUN_STATE_H
#define RUN_STATE_H

#include "common/files/safetensors.h"
#include "common/random.h"

/* Where the present budget began (budget.h): all zeros, unless a resumed run was given another. */
typedef struct {
    double steps, epochs, seconds;
    double
        rate; // the learning rate from which it falls; 0: the schedule's own peak, with its climb
} RunBudget;

typedef struct {
    long seed;                   // of weights, order and dropout
    long threads;                // of all ranks, in this process; 0: an older file does not say
    long step, epoch;            // finished ones
    long batch;                  // of the epoch under way, the next one
    double loss_sum;             // over this epoch's targets so far
    long loss_count;             // how many those are
    double recent_loss;          // of the last steps, a running mean
    double best_bleu, best_loss; // of the model that is kept
    long best_step;              // 0: none that was validated is kept yet
    long model_crc;              // of the file that holds it, by which it is known again
    long last_crc;               // of the last.safetensors that this run has written; 0: of none
    double seconds;              // trained so far, in all processes
    double rate, spent;          // of the last step: its learning rate, its share of the budget
    RunBudget budget;
    long train_pairs, valid_pairs; // the data's size and checksums (pairs_crc32): going on with
    long train_crc, valid_crc;     // other data is refused
    // The order's generator as it was before this epoch's shuffle, as random_save writes it.
    uint8_t epoch_random[RANDOM_STATE_BYTES];
} RunState;

/* Whether the numbers can be those of a run, so that none that cannot is ever written, nor believed
 * when it is read: err says in the name of the file at path which one is not. */
bool run_state_check(const RunState *state, const char *path, Error *err);

/* Adds it to a file being written: metadata "run.NAME" and a tensor "run.random". state must stay
 * until the file is saved. */
void run_state_describe(const RunState *state, SafetensorsWriter *writer);

/* Takes it out of a file. What is absent, no number, none of a run, or no generator is an error
 * that names it. */
bool run_state_restore(RunState *state, const Safetensors *file, Error *err);

#endif
