/* checkpoint.h - state.safetensors: what a run writes down so that it can go on as if nothing had
 * happened. */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "06_training/run/run_state.h"
#include "06_training/run/settings.h"
#include "06_training/translator/translator.h"
#include "common/optimizer.h"

/* Writes model, Adam's moments, settings and state, all or nothing. */
bool checkpoint_save(const char *path, const Translator *translator, const Optimizer *optimizer,
                     const Settings *settings, const RunState *state, Error *err);

/* A checkpoint being read. In two parts, since the optimizer is made from the model. */
typedef struct {
    Safetensors file;
    char path[4096];
    bool open;
} Checkpoint;

/* Opens DIRECTORY/state.safetensors and takes back the settings that were not given anew, the state
 * and the translator, which the caller frees. Call checkpoint_close in any case. */
bool checkpoint_open(Checkpoint *checkpoint, const char *directory, Settings *settings,
                     RunState *state, Translator *translator, Error *err);

/* Fills the translator's optimizer with Adam's moments. */
bool checkpoint_restore_optimizer(const Checkpoint *checkpoint, Optimizer *optimizer, Error *err);

void checkpoint_close(Checkpoint *checkpoint);

#endif
