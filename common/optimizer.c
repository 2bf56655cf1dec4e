#include "common/optimizer.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/muon.h"

/* m and v lie flat, one number for each of all parameters, so that threads can share the work by
 * ranges that do not care where one tensor ends. */
Optimizer *optimizer_new(Parameters *parameters, AdamConfig config) {
    REQUIRE(config.beta1 >= 0 && config.beta1 < 1 && config.beta2 >= 0 && config.beta2 < 1,
            "betas %g and %g are not in [0, 1)", config.beta1, config.beta2);
    Optimizer *optimizer = memory_calloc(sizeof *optimizer);
    const size_t size = parameters_size(parameters);
    *optimizer = (Optimizer){.config = config, .parameters = parameters, .size = size};
    optimizer->m = memory_calloc(size * sizeof(real));
    optimizer->v = memory_calloc(size * sizeof(real));
    return optimizer;
}

void optimizer_free(Optimizer *optimizer) {
    if (!optimizer) return;
    free(optimizer->m);
    free(optimizer->v);
    free(optimizer->muon);
    free(optimizer);
}

void optimizer_use_muon(Optimizer *optimizer, bool (*chosen)(const Tensor *parameter)) {
    const Parameters *p = optimizer->parameters;
    free(optimizer->muon);
    optimizer->muon = memory_calloc((size_t)p->count * sizeof *optimizer->muon);
    for (int i = 0; i < p->count; i++) {
        optimizer->muon[i] = chosen(p->items[i]);
        REQUIRE(!optimizer->muon[i] || p->items[i]->ndim == 2, "%s is no matrix",
                p->items[i]->name);
    }
}

/* Apart from the update, because several threads update their ranges of one and the same step. */
void optimizer_begin(Optimizer *optimizer) {
    optimizer->step++;
}

/* Each run computes the step's scalars anew: a few divisions beside thousands of elements. */
void optimizer_step_range(Optimizer *optimizer, double lr, double scale, size_t first,
                          size_t count) {
    REQUIRE(optimizer->step > 0, "optimizer_begin was not called");
    const Parameters *p = optimizer->parameters;
    for (ParameterRun run = {0}; parameters_next_run(p, first, count, &run);) {
        REQUIRE(!run.tensor->packed, "%s is packed: a step would leave the copy as it was",
                run.tensor->name);
        if (optimizer->muon && optimizer->muon[run.next - 1]) continue; // in bands
        adam_step(run.tensor->data + run.first, run.tensor->grad + run.first,
                  optimizer->m + run.flat, optimizer->v + run.flat, run.count, optimizer->config,
                  optimizer->step, lr, scale);
    }
}

/* A matrix of few columns is cut finer: a band is never taller than it is wide. */
static int band_rows(const Tensor *matrix) {
    return matrix->shape[1] < MUON_BAND ? matrix->shape[1] : MUON_BAND;
}

static size_t bands_of(const Tensor *matrix) {
    const int rows = band_rows(matrix);
    return (size_t)((matrix->shape[0] + rows - 1) / rows);
}

size_t optimizer_bands(const Optimizer *optimizer) {
    const Parameters *p = optimizer->parameters;
    size_t bands = 0;
    for (int i = 0; optimizer->muon && i < p->count; i++)
        if (optimizer->muon[i]) bands += bands_of(p->items[i]);
    return bands;
}

/* Band `number` of a matrix whose state begins at `flat`; the last may have fewer rows. */
static void step_band(Optimizer *optimizer, Tensor *matrix, size_t flat, size_t number, double lr,
                      double scale, real *scratch) {
    const int most = band_rows(matrix), cols = matrix->shape[1];
    const int top = (int)number * most, left = matrix->shape[0] - top;
    const int rows = left < most ? left : most;
    REQUIRE(!matrix->packed, "%s is packed: a step would leave the copy as it was", matrix->name);
    const size_t at = (size_t)top * (size_t)cols;
    muon_step(matrix->data + at, matrix->grad + at, optimizer->m + flat + at, rows, cols, lr, scale,
              scratch);
}

/* What the largest band needs: one piece of memory for all of a call. */
static size_t largest_scratch(const Optimizer *optimizer) {
    const Parameters *p = optimizer->parameters;
    size_t most = 0;
    for (int i = 0; i < p->count; i++) {
        if (!optimizer->muon[i]) continue;
        const size_t needed = muon_scratch(band_rows(p->items[i]), p->items[i]->shape[1]);
        if (needed > most) most = needed;
    }
    return most;
}

/* Bands are numbered through all matrices, in the order of the parameters. */
void optimizer_step_bands(Optimizer *optimizer, double lr, double scale, size_t first,
                          size_t count) {
    const Parameters *p = optimizer->parameters;
    size_t number = 0, flat = 0;
    if (!optimizer->muon) return;
    real *scratch = memory_alloc(largest_scratch(optimizer) * sizeof *scratch);
    for (int i = 0; i < p->count; flat += p->items[i]->size, i++) {
        if (!optimizer->muon[i]) continue;
        for (size_t b = 0; b < bands_of(p->items[i]); b++, number++)
            if (number >= first && number - first < count)
                step_band(optimizer, p->items[i], flat, b, lr, scale, scratch);
    }
    free(scratch);
}

void optimizer_step(Optimizer *optimizer, double lr, double scale) {
    optimizer_begin(optimizer);
    optimizer_step_range(optimizer, lr, scale, 0, optimizer->size);
    optimizer_step_bands(optimizer, lr, scale, 0, optimizer_bands(optimizer));
}

/* Squares are not below 0, so their mean is not either. */
const char *optimizer_not_finite(const Optimizer *optimizer) {
    const Parameters *p = optimizer->parameters;
    for (ParameterRun run = {0}; parameters_next_run(p, 0, optimizer->size, &run);)
        for (size_t i = run.flat; i < run.flat + run.count; i++)
            if (!isfinite(optimizer->m[i]) || !isfinite(optimizer->v[i]) || optimizer->v[i] < 0)
                return run.tensor->name;
    return NULL;
}

/* ---- Files ----------------------------------------------------------------------------------- */

/* First and second moments under the parameters' own names, so that a file can be read by eye. */
static const char *const STATES[] = {"adam.m.", "adam.v."};

static const char *state_name(char buffer[512], int state, const char *parameter) {
    snprintf(buffer, 512, "%s%s", STATES[state], parameter);
    return buffer;
}

/* Walked by runs, like the update itself: each run here is a whole parameter. */
void optimizer_save(const Optimizer *optimizer, SafetensorsWriter *writer) {
    const Parameters *p = optimizer->parameters;
    char name[512];
    safetensors_writer_tensor(writer, PARAMETERS_STATE, DTYPE_I64, 0, NULL, &optimizer->step);
    for (int state = 0; state < 2; state++)
        for (ParameterRun run = {0}; parameters_next_run(p, 0, optimizer->size, &run);) {
            const Tensor *t = run.tensor;
            safetensors_writer_tensor(writer, state_name(name, state, t->name), DTYPE_REAL, t->ndim,
                                      t->shape, (state ? optimizer->v : optimizer->m) + run.flat);
        }
}

/* Into a second optimizer first: an error halfway leaves the running one as it was. */
bool optimizer_load(Optimizer *optimizer, const Safetensors *file, Error *err) {
    const Parameters *p = optimizer->parameters;
    Optimizer *read = optimizer_new(optimizer->parameters, optimizer->config);
    char name[512];
    bool good = safetensors_read(file, PARAMETERS_STATE, DTYPE_I64, 0, NULL, &read->step, err);
    if (good && read->step < 0)
        good = error_set(err, "%s: adam.step is %lld", file->path, (long long)read->step);
    for (int state = 0; state < 2; state++)
        for (ParameterRun run = {0}; good && parameters_next_run(p, 0, read->size, &run);) {
            const Tensor *t = run.tensor;
            good = safetensors_read_real(file, state_name(name, state, t->name), t->ndim, t->shape,
                                         (state ? read->v : read->m) + run.flat, err);
        }
    const char *wrong = good ? optimizer_not_finite(read) : NULL;
    if (wrong)
        good = error_set(err, "%s: Adam's moments of \"%s\" are not what Adam computes", file->path,
                         wrong);
    if (good) {
        optimizer->step = read->step;
        memcpy(optimizer->m, read->m, read->size * sizeof(real));
        memcpy(optimizer->v, read->v, read->size * sizeof(real));
    }
    optimizer_free(read);
    return good;
}
