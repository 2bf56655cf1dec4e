#include "06_training/run/run_log.h"

#include <stdio.h>
#include <stdlib.h>

#include "06_training/trainer/loss_plot.h"
#include "06_training/trainer/run_table.h"
#include "common/arena.h"
#include "common/array.h"

static const RunTable TABLE = {"log.tsv",
                               "epoch\tstep\tlr\ttrain_loss\tvalid_loss\tvalid_bleu\tseconds\n"};

/* The rows of a run are a few dozen: the array grows as it needs. */
static void append(RunLog *log, RunLogRow row) {
    log->rows = array_reserve(log->rows, &log->capacity, log->count + 1, sizeof *log->rows);
    log->rows[log->count++] = row;
}

/* A finished run that is resumed without more to do validates the same step again. */
void run_log_add(RunLog *log, RunLogRow row) {
    if (log->count && log->rows[log->count - 1].step == row.step) log->count--;
    append(log, row);
}

void run_log_free(RunLog *log) {
    free(log->rows);
    *log = (RunLog){0};
}

/* Valid until a row is added. */
const RunLogRow *run_log_last(const RunLog *log) {
    return log->count ? &log->rows[log->count - 1] : NULL;
}

bool run_log_write(const RunLog *log, const char *directory, Error *err) {
    ByteArray text = {0}; // the whole file
    run_table_append(&text, "%s", TABLE.start);
    for (size_t i = 0; i < log->count; i++) {
        // As many digits as tell two epochs apart; reading them back changes none of them.
        const RunLogRow *row = &log->rows[i];
        run_table_append(&text, "%ld\t%ld\t%.6g\t%.4f\t%.4f\t%.2f\t%.1f\n", row->epoch, row->step,
                         row->lr, row->train_loss, row->valid_loss, row->valid_bleu, row->seconds);
    }
    const bool written = run_table_write(TABLE, directory, &text, err);
    free(text.data);
    return written;
}

bool run_log_is_ours(const char *directory) {
    return run_table_is_ours(TABLE, directory);
}

/* Of the seven columns all must be there: half a row is none. */
bool run_log_read(RunLog *log, const char *directory, long step, Error *err) {
    char *text, *line;
    *log = (RunLog){0};
    if (!run_table_read(TABLE, directory, &text, err)) return false;
    for (char *rest = text; run_table_next_line(&rest, &line);) {
        RunLogRow row;
        // The header is no row, nor is what a person wrote between them.
        if (sscanf(line, "%ld %ld %lf %lf %lf %lf %lf", &row.epoch, &row.step, &row.lr,
                   &row.train_loss, &row.valid_loss, &row.valid_bleu, &row.seconds) == 7 &&
            row.step <= step)
            append(log, row);
    }
    free(text);
    return true;
}

/* The numbers of the table, in the form that a picture wants. */
void run_log_plot(const RunLog *log, const char *directory, bool live) {
    static const char *const names[] = {"training", "validation"};
    const Picture picture = {.name = "loss",
                             .directory = directory,
                             .live = live,
                             .title = "Loss per target token",
                             .caption =
                                 "training stays above, with its dropout and smoothed "
                                 "labels; if validation turned up, the model would have begun "
                                 "to learn its sentences by heart"};
    LossPoint *points = memory_alloc(log->count * sizeof *points);
    for (size_t i = 0; i < log->count; i++)
        points[i] = (LossPoint){.step = log->rows[i].step,
                                .train = log->rows[i].train_loss,
                                .valid = log->rows[i].valid_loss,
                                .bleu = log->rows[i].valid_bleu,
                                .lr = log->rows[i].lr};
    loss_plot(picture, names, points, log->count);
    free(points);
}
