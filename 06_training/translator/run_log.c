#include "06_training/translator/run_log.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "06_training/trainer/loss_plot.h"
#include "common/arena.h"
#include "common/array.h"
#include "common/files/file.h"

static const char HEADER[] = "epoch\tstep\tlr\ttrain_loss\tvalid_loss\tvalid_bleu\tseconds\n";

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

static void path_of(const char *directory, char path[4096]) {
    snprintf(path, 4096, "%s/log.tsv", directory);
}

/* Written whole each time, in one rename: a log appended to could end in half a row. */
bool run_log_write(const RunLog *log, const char *directory, Error *err) {
    ByteArray text = {0}; // the whole file
    char path[4096], line[256];
    byte_array_append(&text, HEADER, sizeof HEADER - 1);
    for (size_t i = 0; i < log->count; i++) {
        // As many digits as tell two epochs apart; reading them back changes none of them.
        const RunLogRow *row = &log->rows[i];
        const int length = snprintf(line, sizeof line, "%ld\t%ld\t%.6g\t%.4f\t%.4f\t%.2f\t%.1f\n",
                                    row->epoch, row->step, row->lr, row->train_loss,
                                    row->valid_loss, row->valid_bleu, row->seconds);
        byte_array_append(&text, line, (size_t)length);
    }
    path_of(directory, path);
    const Bytes bytes = {text.data, text.count};
    const bool written = file_write(path, &bytes, 1, err);
    free(text.data);
    return written;
}

/* By its first line, which nothing else begins with. */
static bool begins_as_log(const char *text) {
    return strncmp(text, HEADER, sizeof HEADER - 1) == 0;
}

bool run_log_is_ours(const char *path) {
    char *text;
    size_t bytes;
    Error err;
    if (!file_read(path, &text, &bytes, &err)) return false;
    const bool ours = begins_as_log(text);
    free(text);
    return ours;
}

/* Of the seven columns all must be there: half a row is none. */
bool run_log_read(RunLog *log, const char *directory, long step, Error *err) {
    char path[4096], *text;
    size_t bytes;
    path_of(directory, path);
    *log = (RunLog){0};
    if (access(path, F_OK) != 0 && errno == ENOENT) return true;
    if (!file_read(path, &text, &bytes, err)) return false;
    const bool ours = begins_as_log(text) || error_set(err, "%s: is not the log of a run", path);
    for (char *line = strtok(text, "\n"); ours && line; line = strtok(NULL, "\n")) {
        RunLogRow row;
        // The header is no row, nor is what a person wrote between them.
        if (sscanf(line, "%ld %ld %lf %lf %lf %lf %lf", &row.epoch, &row.step, &row.lr,
                   &row.train_loss, &row.valid_loss, &row.valid_bleu, &row.seconds) == 7 &&
            row.step <= step)
            append(log, row);
    }
    free(text);
    return ours;
}

/* The numbers of the table, in the form that a picture wants. */
void run_log_plot(const RunLog *log, const char *directory) {
    static const char *const names[] = {"training", "validation"};
    const Picture picture = {.name = "loss",
                             .directory = directory,
                             .title = "Loss per target token",
                             .caption =
                                 "training stays above, with its dropout and smoothed "
                                 "labels; if validation turned up, the model would have begun "
                                 "to learn its sentences by heart"};
    LossPoint *points = memory_alloc(log->count * sizeof *points);
    for (size_t i = 0; i < log->count; i++)
        points[i] = (LossPoint){.step = log->rows[i].step,
                                .train = log->rows[i].train_loss,
                                .valid = log->rows[i].valid_loss};
    loss_plot(picture, names, points, log->count);
    free(points);
}
