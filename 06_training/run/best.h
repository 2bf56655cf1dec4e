/* best.h - the best model of a run: which it is, its scores in the run's state, and its file,
 * model.safetensors, change together or not at all. */
#ifndef BEST_H
#define BEST_H

#include "06_training/run/run_state.h"
#include "06_training/run/validation.h"
#include "common/files/lock.h"

/* Whose best it is: the run's folder and its lock (NULL: nobody else can be in it), the model as it
 * is now, and where the run stands. */
typedef struct {
    const char *directory;
    const Lock *lock;
    const Translator *translator;
    RunState *state;
} Best;

/* Writes the model as it is now to model.safetensors. It does not count as the best: the next one
 * that is validated takes its place, unless a best one is known already. */
bool best_keep(const Best *best, Error *err);

/* Whether a model of these validation scores takes the best one's place. */
bool best_beaten(const RunState *state, double bleu, double loss);

/* Keeps the model as it is, validated with these scores, if it is the best. */
bool best_judge(const Best *best, double bleu, double loss, Error *err);

/* When a run goes on: what is in the file is the best one, whatever the state remembers. A file
 * that is not the state's is validated again; one of another run is an error. */
bool best_recall(const Best *best, const Validation *validation, const Trainer *trainer,
                 Error *err);

#endif
