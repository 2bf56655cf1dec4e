/* gradient_log.h - what Adam gets and what it makes of it, from step to step: as gradients.tsv and
 * as a picture.
 *
 * A row has the step, its rate, the norm of the whole gradient before clipping, then of one weight
 * its gradient as Adam gets it (clipped), m and v, the running means of that and of its square
 * (optimizer.h), and its value after the step, in a column of its name; then the norm of the
 * gradient of each layer, before clipping. The more steps there have been, the rarer are the rows:
 * each of the first 40 has one, and further on every twentieth part of the steps so far, or
 * somewhat less.
 */
#ifndef GRADIENT_LOG_H
#define GRADIENT_LOG_H

#include "06_training/trainer/trainer.h"

typedef struct {
    long step;
    double lr, norm, weight, grad, m, v;
    double *layers; // (log's layer_count)
} GradientLogRow;

typedef struct {
    Trainer *trainer;       // not owned
    const Tensor *followed; // the parameter whose first element is the weight
    size_t flat;            // that element's place in m and v
    size_t layer_count;
    GradientLogRow *rows;
    size_t count, capacity;
    GradientLogRow under_way; // of the step that is taken
} GradientLog;

/* Caller frees with gradient_log_free, before the trainer. */
void gradient_log_begin(GradientLog *log, Trainer *trainer);
void gradient_log_free(GradientLog *log); // all zeros are allowed

/* Around every step, whose number is `step`, counted from 1: where a row is due the trainer shows
 * its gradient, and afterwards, if the step has been taken, the row is added. */
void gradient_log_before(GradientLog *log, long step);
void gradient_log_after(GradientLog *log, long step, double lr, bool taken);

/* As in run_log.h: gradients.tsv is written anew, all or nothing; the rows up to a step are read
 * back; whether a folder's is one that a run has written. */
bool gradient_log_write(const GradientLog *log, const char *directory, Error *err);
bool gradient_log_read(GradientLog *log, const char *directory, long step, Error *err);
bool gradient_log_is_ours(const char *directory);

/* Draws gradients.png into a folder (NULL: build/figures) if there are two rows or more. */
void gradient_log_plot(const GradientLog *log, const char *directory);

#endif
