/* run.h - a training run: the model, where it stands in its data, and what it leaves in its folder.
 *
 *     model.safetensors   the best model so far, judged by BLEU on the validation pairs
 *     state.safetensors   everything needed to go on as if nothing had happened (checkpoint.h)
 *     epoch-N.safetensors the weights after the last few epochs (averaging.h)
 *     average.safetensors the mean of those, and
 *     last.safetensors    the weights after the last step, both written at the end
 *     log.tsv, loss.png   one row, one point per validation (run_log.h)
 *     learning.tsv        what it makes of three sentences, step by step (learning.h)
 *     gradients.tsv, .png the gradient of each layer, and one weight's (gradient_log.h)
 *
 * All are replaced atomically: at any moment, each of them is a whole file.
 *
 *     run_begin                                  tokenizer, model, data; or all of it resumed
 *     run_watch                                  from here on it keeps the last two of them
 *     while there is time:
 *         run_step                               a batch
 *         if (run_epoch_done) run_end_epoch      validates, and begins the next epoch
 *         run_save                               now and then, so that it can be resumed
 *     run_average                                at the end
 *
 * What run_begin and run_step call of a learner's pieces counts as used in training (mine.h).
 */
#ifndef RUN_H
#define RUN_H

#include "06_training/run/run_log.h"
#include "06_training/run/run_state.h"
#include "06_training/run/settings.h"
#include "06_training/run/validation.h"
#include "06_training/run/watching.h"
#include "06_training/trainer/trainer.h"
#include "common/files/lock.h"

typedef struct {
    const Settings *settings;
    const char *directory;
    Translator translator;
    Trainer *trainer;
    EncodedPairs train;
    Epoch epoch;   // the batches of the epoch under way
    Random random; // draws the order of the epochs
    Validation validation;
    RunState state;
    RunLog log;
    Watching watching;
    long threads_before; // of a resumed run: how many the process before had; 0: not known
    double started;      // by the clock, this process
    const Lock *lock;    // of the directory; NULL: nobody else can be in it
    long tokens_done;    // target tokens, of this process
} Run;

/* Starts a run, or with settings->resume takes up the one in common->out. settings, common, train
 * and valid must outlive it. On success the caller frees with run_free. */
bool run_begin(Run *run, Settings *settings, const CommonOptions *common, const Pairs *train,
               const Pairs *valid, Error *err);
void run_free(Run *run);

/* Prints what is trained: the model's sizes, the epoch's, where a resumed run stands. */
void run_print(const Run *run);

/* Gives the other ranks, if there are any, what they need for their part of all further steps. */
void run_share(Run *run);

/* Lets the run keep learning.tsv and gradients.tsv (watching.h); a resumed one goes on with those
 * that are there. */
bool run_watch(Run *run, Error *err);

/* One optimizer step on the next batch of the epoch, which must not be done. With several ranks an
 * interrupt ends it: then it has not been taken. */
bool run_step(Run *run, Error *err);

/* Whether the last batch of the epoch has been taken. */
bool run_epoch_done(const Run *run);

/* Ends the epoch: counts it, validates, keeps its weights for the average, and begins the next. */
bool run_end_epoch(Run *run, Error *err);

/* Loss and greedy BLEU of the model as it is now into a new row of the log; keeps the model if it
 * is the best so far. A model that is no longer of finite numbers is an error, and what was good
 * stays. */
bool run_validate(Run *run, Error *err);

/* Writes state.safetensors. A weight that is not finite is an error, and the file keeps the last
 * good state. */
bool run_save(Run *run, Error *err);

/* Writes the model as it is now to model.safetensors, which does not count as the best (best.h). */
bool run_keep_model(Run *run, Error *err);

/* Writes the weights as they are to last.safetensors. Averages those of the last epochs into
 * average.safetensors, and into model.safetensors if
 * it validates better than the best so far; prints how good both are, and which file is which. */
bool run_average(Run *run, Error *err);

/* The time of this process counts from here. */
void run_start_clock(Run *run);

/* The share of the run's budget that is spent, from 0 to 1 (budget.h). */
double run_spent(const Run *run);

/* Seconds trained by all processes; by this one, and target tokens it did in each of them. */
double run_total_seconds(const Run *run);
double run_seconds(const Run *run);
double run_tokens_per_second(const Run *run);

#endif
