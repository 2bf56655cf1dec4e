#include "06_training/run/run_state.h"

#include <float.h>

#include "06_training/trainer/metadata.h"

static const int RANDOM_SHAPE[] = {RANDOM_STATE_BYTES};

/* Numbers with 17 digits, which bring every double back. The generator's state before the shuffle
 * is what is kept: shuffling again from it gives the same batches, and `batch` says how many of
 * them are done. */
void run_state_describe(const RunState *state, SafetensorsWriter *writer) {
    // What is added up within an epoch is kept with it, so that the epoch's mean comes out the
    // same.
    safetensors_writer_number(writer, "run.step", (double)state->step, 17);
    safetensors_writer_number(writer, "run.epoch", (double)state->epoch, 17);
    safetensors_writer_number(writer, "run.batch", (double)state->batch, 17);
    safetensors_writer_number(writer, "run.loss_sum", state->loss_sum, 17);
    safetensors_writer_number(writer, "run.loss_count", (double)state->loss_count, 17);
    safetensors_writer_number(writer, "run.recent_loss", state->recent_loss, 17);
    safetensors_writer_number(writer, "run.best_bleu", state->best_bleu, 17);
    safetensors_writer_number(writer, "run.best_loss", state->best_loss, 17);
    safetensors_writer_number(writer, "run.best_step", (double)state->best_step, 17);
    safetensors_writer_number(writer, "run.model_crc", (double)state->model_crc, 17);
    safetensors_writer_number(writer, "run.seconds", state->seconds, 17);
    safetensors_writer_number(writer, "run.rate", state->rate, 17);
    safetensors_writer_number(writer, "run.spent", state->spent, 17);
    safetensors_writer_number(writer, "run.budget_steps", state->budget.steps, 17);
    safetensors_writer_number(writer, "run.budget_epochs", state->budget.epochs, 17);
    safetensors_writer_number(writer, "run.budget_seconds", state->budget.seconds, 17);
    safetensors_writer_number(writer, "run.budget_rate", state->budget.rate, 17);
    safetensors_writer_number(writer, "run.train_pairs", (double)state->train_pairs, 17);
    safetensors_writer_number(writer, "run.valid_pairs", (double)state->valid_pairs, 17);
    safetensors_writer_number(writer, "run.train_crc", (double)state->train_crc, 17);
    safetensors_writer_number(writer, "run.valid_crc", (double)state->valid_crc, 17);
    safetensors_writer_number(writer, "run.seed", (double)state->seed, 17);
    safetensors_writer_number(writer, "run.threads", (double)state->threads, 17);
    safetensors_writer_number(writer, "run.last_crc", (double)state->last_crc, 17);
    safetensors_writer_tensor(writer, "run.random", DTYPE_U8, 1, RANDOM_SHAPE, state->epoch_random);
}

/* Every number that grows, and how they hang together: an epoch has a step and a step has targets,
 * without which the mean loss would be 0 / 0. */
bool run_state_check(const RunState *s, const char *path, Error *err) {
    const double reals[] = {s->loss_sum,      s->recent_loss,    s->best_bleu,  s->best_loss,
                            s->seconds,       s->rate,           s->spent,      s->budget.steps,
                            s->budget.epochs, s->budget.seconds, s->budget.rate};
    for (size_t i = 0; i < sizeof reals / sizeof *reals; i++)
        if (!(reals[i] >= 0 && reals[i] <= DBL_MAX))
            return error_set(err, "%s: %g is no loss, score, rate or time of a run", path,
                             reals[i]);
    if (s->step < 0 || s->step > METADATA_WHOLE_MAX || s->loss_count < 0 ||
        s->loss_count > METADATA_WHOLE_MAX)
        return error_set(err, "%s: %ld steps and %ld targets are not what a run can count", path,
                         s->step, s->loss_count);
    if (s->epoch > s->step || s->batch > s->step || s->best_step > s->step ||
        (s->batch > 0) != (s->loss_count > 0))
        return error_set(err,
                         "%s: step %ld cannot be batch %ld of epoch %ld, with %ld targets seen and "
                         "the best model at step %ld",
                         path, s->step, s->batch, s->epoch, s->loss_count, s->best_step);
    return true;
}

/* ---- Reading --------------------------------------------------------------------------------- */

/* No number of a run is below 0. */
static bool read_real(const Safetensors *file, const char *key, double *value, Error *err) {
    return metadata_read_real(file, key, 0, DBL_MAX, value, err);
}

static bool read_whole(const Safetensors *file, const char *key, long *value, Error *err) {
    return metadata_read_whole(file, key, 0, METADATA_WHOLE_MAX, value, err);
}

/* Loaded once here, so that whoever goes on with the bytes need not look at them again. */
static bool read_random(const Safetensors *file, uint8_t *bytes, Error *err) {
    // Only to see that it can be loaded.
    Random random;
    Error reason;
    if (!safetensors_read(file, "run.random", DTYPE_U8, 1, RANDOM_SHAPE, bytes, err)) return false;
    return random_load(&random, bytes, &reason) ||
           error_set(err, "%s: run.random: %s", file->path, reason.text);
}

/* 0 where states of an earlier time do not have it. */
static bool read_newer(const Safetensors *file, const char *key, long *value, Error *err) {
    *value = 0;
    return !safetensors_metadata(file, key) || read_whole(file, key, value, err);
}

/* The first mistake is the one that is told: what comes after it might be its consequence. */
bool run_state_restore(RunState *state, const Safetensors *file, Error *err) {
    return read_whole(file, "run.step", &state->step, err) &&
           read_whole(file, "run.epoch", &state->epoch, err) &&
           read_whole(file, "run.batch", &state->batch, err) &&
           read_real(file, "run.loss_sum", &state->loss_sum, err) &&
           read_whole(file, "run.loss_count", &state->loss_count, err) &&
           read_real(file, "run.recent_loss", &state->recent_loss, err) &&
           read_real(file, "run.best_bleu", &state->best_bleu, err) &&
           read_real(file, "run.best_loss", &state->best_loss, err) &&
           read_whole(file, "run.best_step", &state->best_step, err) &&
           read_whole(file, "run.model_crc", &state->model_crc, err) &&
           read_real(file, "run.seconds", &state->seconds, err) &&
           read_real(file, "run.rate", &state->rate, err) &&
           read_real(file, "run.spent", &state->spent, err) &&
           read_real(file, "run.budget_steps", &state->budget.steps, err) &&
           read_real(file, "run.budget_epochs", &state->budget.epochs, err) &&
           read_real(file, "run.budget_seconds", &state->budget.seconds, err) &&
           read_real(file, "run.budget_rate", &state->budget.rate, err) &&
           read_whole(file, "run.train_pairs", &state->train_pairs, err) &&
           read_whole(file, "run.valid_pairs", &state->valid_pairs, err) &&
           read_whole(file, "run.train_crc", &state->train_crc, err) &&
           read_whole(file, "run.valid_crc", &state->valid_crc, err) &&
           read_whole(file, "run.seed", &state->seed, err) &&
           read_newer(file, "run.threads", &state->threads, err) &&
           read_newer(file, "run.last_crc", &state->last_crc, err) &&
           run_state_check(state, file->path, err) && read_random(file, state->epoch_random, err);
}
