/* small_run.h - a training so small that it takes seconds, and what one can measure of it: for
 * "Find the fault" and for taking ingredients away.
 *
 * The short sentences of the built-in corpus, one layer a side, ten epochs of 65 steps. It is
 * neither saved nor resumed and follows no clock: every number is that of the seed.
 */
#ifndef SMALL_RUN_H
#define SMALL_RUN_H

#include "01_embeddings/corpus/corpus.h"
#include "06_training/lab/symptoms.h"
#include "06_training/run/run.h"
#include "06_training/run/settings.h"

/* What it learns from. */
typedef enum {
    SMALL_RUN_SHORT,    // short sentences of the built-in corpus
    SMALL_RUN_MULTI30K, // English to German, as `make data` fetches it: minutes, not seconds, with
                        // the preset made for it, three epochs
} SmallRunCorpus;

/* Without smoothed targets, so that the loss in training and in validation are of one kind. */
Settings small_run_settings(SmallRunCorpus corpus);

/* For runs that are looked at on their way and stopped long before they are good: one layer a side,
 * neither dropout nor smoothed targets, at the paper's rate, which knows of no end. */
Settings small_run_unfinished(void);

/* The pairs that it learns from, or is judged by. Caller frees with pairs_free. */
bool small_run_pairs(SmallRunCorpus corpus, CorpusSplit split, Pairs *pairs, Error *err);

/* Begins a run with those, *settings <-, and takes so many steps, all within its first epoch. An
 * error ends the program. Caller frees with run_free. */
void small_run_begin(Run *run, Settings *settings, const CommonOptions *common, const Pairs *train,
                     const Pairs *valid, long steps);

/* Trains with the settings on the first `pairs` of the training sentences (0: all), examines
 * the result, and leaves its symptoms and the model in common->out. */
bool small_run(const Settings *settings, const CommonOptions *common, SmallRunCorpus corpus,
               size_t pairs, Error *err);

#endif
