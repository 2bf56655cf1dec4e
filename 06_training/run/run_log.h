/* run_log.h - the rows of a run: what each validation found, as log.tsv and as a picture. */
#ifndef RUN_LOG_H
#define RUN_LOG_H

#include "common/error.h"

#include <stddef.h>

typedef struct {
    long epoch, step;
    double lr;
    double train_loss, valid_loss; // per target token, nats
    double valid_bleu;             // 0 to 100
    double seconds;                // trained until then, in all processes
} RunLogRow;

typedef struct {
    RunLogRow *rows;
    size_t count, capacity;
} RunLog;

/* Adds a row; one of the same step as the last takes its place. */
void run_log_add(RunLog *log, RunLogRow row);
void run_log_free(RunLog *log);

/* The last row; NULL if there is none. */
const RunLogRow *run_log_last(const RunLog *log);

/* Writes DIRECTORY/log.tsv anew, all rows, all or nothing. */
bool run_log_write(const RunLog *log, const char *directory, Error *err);

/* log <- its rows up to that step; later ones are of a future that is run anew. Without a file
 * there are none; a file that cannot be read, or is no log of a run, is an error. */
bool run_log_read(RunLog *log, const char *directory, long step, Error *err);

/* Whether the log.tsv of a folder is one that a run has written. */
bool run_log_is_ours(const char *directory);

/* Draws loss.png, the losses, BLEU and the rate, into a folder (NULL: build/figures) if there are
 * two rows or more; live: beside the training (plot_live_ready). */
void run_log_plot(const RunLog *log, const char *directory, bool live);

#endif
