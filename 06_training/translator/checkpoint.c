#include "06_training/translator/checkpoint.h"
#include "common/files/file.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* The counters of a run as metadata "run.NAME". Doubles are written so that they come back exactly.
 */
static void each_counter(Run *run, void (*visit)(void *, const char *, double *, long *, size_t *),
                         void *context) {
    visit(context, "run.step", NULL, &run->step, NULL);
    visit(context, "run.epoch", NULL, &run->epoch, NULL);
    visit(context, "run.batch", NULL, NULL, &run->batch);
    visit(context, "run.loss_sum", &run->loss_sum, NULL, NULL);
    visit(context, "run.loss_count", NULL, &run->loss_count, NULL);
    visit(context, "run.recent_loss", &run->recent_loss, NULL, NULL);
    visit(context, "run.best_bleu", &run->best_bleu, NULL, NULL);
    visit(context, "run.best_loss", &run->best_loss, NULL, NULL);
    visit(context, "run.best_step", NULL, &run->best_step, NULL);
    visit(context, "run.seconds", &run->seconds_before, NULL, NULL);
    visit(context, "run.train_pairs", NULL, NULL, &run->train.count);
    visit(context, "run.valid_pairs", NULL, NULL, &run->valid.count);
}

/* Exactly one of the three pointers is set. 17 digits bring every double back. */
static void write_counter(void *context, const char *key, double *real_value, long *long_value,
                          size_t *size_value) {
    char text[40];
    if (real_value)
        snprintf(text, sizeof text, "%.17g", *real_value);
    else
        snprintf(text, sizeof text, "%ld", long_value ? *long_value : (long)*size_value);
    safetensors_writer_metadata(context, key, text);
}

/* The weights are in state.safetensors as well as in model.safetensors: the one holds where
 * training stands, the other the best so far, which may be epochs older. */
bool checkpoint_save(const Run *run, Error *err) {
    uint8_t random[RANDOM_STATE_BYTES];
    char path[4096], seed[32];
    if (!trainer_check_weights(run->trainer, err)) return false;
    Run now = *run; // a copy, whose clock is brought up to date
    now.seconds_before += run_seconds(run);
    random_save(&run->epoch_random, random);
    SafetensorsWriter *writer = safetensors_writer_new();
    translator_describe(&run->translator, writer);
    optimizer_save(run->trainer->optimizer, writer);
    settings_describe(run->settings, writer);
    each_counter(&now, write_counter, writer);
    snprintf(seed, sizeof seed, "%llu", (unsigned long long)run->trainer->seed);
    safetensors_writer_metadata(writer, "run.seed", seed);
    safetensors_writer_tensor(writer, "run.random", DTYPE_U8, 1, (const int[]){sizeof random},
                              random);
    snprintf(path, sizeof path, "%s/state.safetensors", run->directory);
    const bool saved = safetensors_writer_save(writer, path, err);
    safetensors_writer_free(writer);
    return saved;
}

/* ---- Reading --------------------------------------------------------------------------------- */

typedef struct {
    const Safetensors *file;
    Error *err;
    bool good;
} Reader;

/* The first mistake stays: what comes after it might be its consequence. 1e15 is exact in a double
 * and more than any counter reaches. */
static void read_counter(void *context, const char *key, double *real_value, long *long_value,
                         size_t *size_value) {
    Reader *reader = context;
    if (!reader->good) return;
    const char *text = safetensors_metadata(reader->file, key);
    char *end = NULL;
    const double value = text ? strtod(text, &end) : 0;
    if (!text || end == text || *end || !isfinite(value) || value < 0 || value > 1e15 ||
        (!real_value && value != floor(value))) {
        reader->good =
            error_set(reader->err, "%s: metadata \"%s\" is \"%s\", expected a%s number from 0",
                      reader->file->path, key, text ? text : "absent", real_value ? "" : " whole");
        return;
    }
    if (real_value) *real_value = value;
    if (long_value) *long_value = (long)value;
    if (size_value) *size_value = (size_t)value;
}

/* Settings before the model: a model of another width must be refused before it is built. */
bool checkpoint_open(Run *run, Settings *settings, Checkpoint *checkpoint, Error *err) {
    snprintf(checkpoint->path, sizeof checkpoint->path, "%s/state.safetensors", run->directory);
    if (!safetensors_open(checkpoint->path, &checkpoint->file, err)) return false;
    checkpoint->open = true;
    if (settings_restore(settings, &checkpoint->file, err) &&
        translator_read(&checkpoint->file, false, &run->translator, err))
        return true;
    checkpoint_close(checkpoint);
    return false;
}

/* The rows of log.tsv up to the checkpoint's step; later ones are of a future that is run anew. */
static void read_log(Run *run) {
    char path[4096], line[512];
    snprintf(path, sizeof path, "%s/log.tsv", run->directory);
    FILE *file = fopen(path, "r");
    if (!file) return; // a lost log is no reason not to go on
    while (fgets(line, sizeof line, file)) {
        LogRow row;
        if (sscanf(line, "%ld %ld %lf %lf %lf %lf %lf", &row.epoch, &row.step, &row.lr,
                   &row.train_loss, &row.valid_loss, &row.valid_bleu, &row.seconds) != 7 ||
            row.step > run->step)
            continue;
        run->log =
            array_reserve(run->log, &run->log_capacity, run->log_count + 1, sizeof *run->log);
        run->log[run->log_count++] = row;
    }
    fclose(file);
}

/* The counters. Of the data only the sizes are compared: enough to catch the wrong files. */
static bool read_counters(Run *run, const Safetensors *file, Error *err) {
    Reader reader = {file, err, true};
    const size_t train = run->train.count, valid = run->valid.count;
    each_counter(run, read_counter, &reader);
    if (reader.good && (run->train.count != train || run->valid.count != valid))
        reader.good = error_set(err,
                                "%s: this run was begun with %zu training and %zu validation "
                                "pairs, not these %zu and %zu: give --resume the same data",
                                file->path, run->train.count, run->valid.count, train, valid);
    run->train.count = train;
    run->valid.count = valid;
    return reader.good;
}

/* As digits, not through a double, which is exact only to 2^53. */
static bool read_seed(Run *run, const Safetensors *file, Error *err) {
    const char *text = safetensors_metadata(file, "run.seed");
    if (!text || !*text || text[strspn(text, "0123456789")])
        return error_set(err, "%s: metadata \"run.seed\" is \"%s\", expected a whole number",
                         file->path, text ? text : "absent");
    run->trainer->seed = strtoull(text, NULL, 10);
    return true;
}

bool checkpoint_restore(Run *run, const Checkpoint *checkpoint, size_t *batch, Error *err) {
    uint8_t random[RANDOM_STATE_BYTES];
    const Safetensors *file = &checkpoint->file;
    Error reason;
    if (!read_counters(run, file, err) || !read_seed(run, file, err)) return false;
    *batch = run->batch;
    if (!safetensors_read(file, "run.random", DTYPE_U8, 1, (const int[]){sizeof random}, random,
                          err) ||
        !optimizer_load(run->trainer->optimizer, file, err))
        return false;
    if (!random_load(&run->random, random, &reason))
        return error_set(err, "%s: run.random: %s", file->path, reason.text);
    read_log(run);
    return true;
}

void checkpoint_close(Checkpoint *checkpoint) {
    if (checkpoint->open) safetensors_close(&checkpoint->file);
    checkpoint->open = false;
}

/* ---- Log and epochs -------------------------------------------------------------------------- */

/* Written whole each time, in one rename: a log appended to could end in half a row. */
bool checkpoint_write_log(const Run *run, Error *err) {
    static const char header[] = "epoch\tstep\tlr\ttrain_loss\tvalid_loss\tvalid_bleu\tseconds\n";
    ByteArray text = {0};
    char path[4096], line[256];
    byte_array_append(&text, header, sizeof header - 1);
    for (size_t i = 0; i < run->log_count; i++) {
        const LogRow *row = &run->log[i];
        const int length = snprintf(line, sizeof line, "%ld\t%ld\t%.6g\t%.4f\t%.4f\t%.2f\t%.1f\n",
                                    row->epoch, row->step, row->lr, row->train_loss,
                                    row->valid_loss, row->valid_bleu, row->seconds);
        byte_array_append(&text, line, (size_t)length);
    }
    snprintf(path, sizeof path, "%s/log.tsv", run->directory);
    const Bytes bytes = {text.data, text.count};
    const bool written = file_write(path, &bytes, 1, err);
    free(text.data);
    return written;
}

/* One file per epoch and not a ring of slots: the name says what is in it. */
static const char *epoch_path(const Run *run, long epoch, char path[4096]) {
    snprintf(path, 4096, "%s/epoch-%ld.safetensors", run->directory, epoch);
    return path;
}

/* Files older than the average reaches back go, or a long run would fill the disk. */
bool checkpoint_save_epoch(const Run *run, Error *err) {
    char path[4096];
    if (run->settings->average < 2) return true;
    if (!translator_save(&run->translator, epoch_path(run, run->epoch, path), err)) return false;
    const long old = run->epoch - run->settings->average;
    if (old > 0 && unlink(epoch_path(run, old, path)) != 0 && errno != ENOENT)
        return error_set(err, "%s: %s", path, strerror(errno));
    return true;
}

/* Adds one epoch's weights to sums; the file may be absent (an averaged run that was resumed with a
 * larger --average). */
static bool add_epoch(Run *run, const char *path, double **sums, int *averaged, Error *err) {
    Safetensors file;
    Parameters *parameters = &run->translator.model->parameters;
    if (access(path, F_OK) != 0) return true;
    if (!safetensors_open(path, &file, err)) return false;
    const bool loaded = parameters_load(parameters, &file, false, err);
    safetensors_close(&file);
    if (!loaded) return false;
    for (int i = 0; i < parameters->count; i++)
        for (size_t k = 0; k < parameters->items[i]->size; k++)
            sums[i][k] += (double)parameters->items[i]->data[k];
    ++*averaged;
    return true;
}

/* The model's own weights serve as the place to load each epoch into: they are replaced by the
 * mean anyway. */
bool checkpoint_average(Run *run, int *averaged, Error *err) {
    Parameters *parameters = &run->translator.model->parameters;
    char path[4096];
    bool good = true;
    *averaged = 0;
    if (run->settings->average < 2) return true;
    double **sums = memory_alloc((size_t)parameters->count * sizeof *sums);
    for (int i = 0; i < parameters->count; i++)
        sums[i] = memory_calloc(parameters->items[i]->size * sizeof **sums);
    for (long e = run->epoch; good && e > 0 && e > run->epoch - run->settings->average; e--)
        good = add_epoch(run, epoch_path(run, e, path), sums, averaged, err);
    for (int i = 0; i < parameters->count; i++) {
        // In double until here: the mean of ten floats loses nothing to rounding on the way.
        for (size_t k = 0; k < parameters->items[i]->size && good && *averaged; k++)
            parameters->items[i]->data[k] = (real)(sums[i][k] / *averaged);
        free(sums[i]);
    }
    free(sums);
    return good;
}
