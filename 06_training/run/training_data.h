/* training_data.h - the sentence pairs that a run learns from, and those it is judged by. */
#ifndef TRAINING_DATA_H
#define TRAINING_DATA_H

#include "06_training/run/settings.h"
#include "common/files/pairs.h"

typedef struct {
    Pairs train, valid;
    bool valid_is_part; // of train: its lines belong to it
} TrainingData;

/* The files that settings names, or the built-in corpus; says on stdout how many pairs there are
 * and what was left out. Without validation files the last pairs of the training files are held
 * out. On success the caller frees with training_data_free. */
bool training_data_read(const Settings *settings, TrainingData *data, Error *err);

/* The built-in corpus (corpus.h), without a word. */
bool training_data_builtin(TrainingData *data, Error *err);
void training_data_free(TrainingData *data);

#endif
