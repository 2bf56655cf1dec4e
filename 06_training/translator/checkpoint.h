/* checkpoint.h - what a run writes down so that it can go on, and how it goes on. */
#ifndef CHECKPOINT_H
#define CHECKPOINT_H

#include "06_training/translator/run.h"

typedef struct {
    Safetensors file;
    bool open;
    char path[4096];
} Checkpoint;

/* Writes state.safetensors: model, Adam's moments, the order's generator, settings, counters. A
 * weight that is not finite is an error, and the file keeps the last good state. */
bool checkpoint_save(const Run *run, Error *err);

/* Opens state.safetensors, takes back the settings that were not given anew, and builds
 * run->translator from it. Call checkpoint_close in any case. */
bool checkpoint_open(Run *run, Settings *settings, Checkpoint *checkpoint, Error *err);

/* Fills the rest of run, whose trainer exists by now; *batch is where its epoch stood. */
bool checkpoint_restore(Run *run, const Checkpoint *checkpoint, size_t *batch, Error *err);
void checkpoint_close(Checkpoint *checkpoint);

/* Writes log.tsv anew, all rows. */
bool checkpoint_write_log(const Run *run, Error *err);

/* Writes epoch-N.safetensors and removes the one that is no longer among the last
 * settings->average. */
bool checkpoint_save_epoch(const Run *run, Error *err);

/* Sets the model's weights to the mean of the last settings->average epoch files there are, if more
 * than one; *averaged tells how many. */
bool checkpoint_average(Run *run, int *averaged, Error *err);

#endif
