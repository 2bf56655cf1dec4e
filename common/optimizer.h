/* optimizer.h - Adam and AdamW, as torch.optim has them, and Muon for matrices.
 *
 * The state of a parameter (running means m of its gradient and v of the gradient's square) lies
 * in one array over all parameters, "the flattened elements": those of the first parameter, then
 * those of the second, and so on. Threads split a step by ranges of it.
 */
#ifndef COMMON_OPTIMIZER_H
#define COMMON_OPTIMIZER_H

#include "common/adam.h"
#include "common/files/safetensors.h"
#include "common/parameters.h"

typedef struct {
    AdamConfig config;
    Parameters *parameters; // not owned
    int64_t step;           // steps begun
    size_t size;            // flattened elements
    real *m, *v;            // (size)
    bool *muon;             // (parameters): by Muon, which has no v; NULL: none
} Optimizer;

/* State zero, step 0, for all parameters added so far; none may be added afterwards. Caller frees
 * with optimizer_free, before the parameters. */
Optimizer *optimizer_new(Parameters *parameters, AdamConfig config);
void optimizer_free(Optimizer *optimizer); // NULL is allowed

/* From now on Muon (muon.h) steps those parameters, all of two dimensions, that `chosen` is true
 * of, and Adam the others. */
void optimizer_use_muon(Optimizer *optimizer, bool (*chosen)(const Tensor *parameter));

/* One step of all parameters along their gradients, which become zero on the way. scale makes
 * a sum over tokens a mean, or clips: see parameters_grad_norm. */
void optimizer_step(Optimizer *optimizer, double lr, double scale);

/* The same in pieces: optimizer_begin counts the step, then any number of threads may each call
 * optimizer_step_range once, together covering the elements [0, size) without overlap, and
 * optimizer_step_bands, covering Muon's bands [0, optimizer_bands). The result does not depend on
 * how they are split. */
void optimizer_begin(Optimizer *optimizer);
void optimizer_step_range(Optimizer *optimizer, double lr, double scale, size_t first,
                          size_t count);
size_t optimizer_bands(const Optimizer *optimizer); // without Muon none
void optimizer_step_bands(Optimizer *optimizer, double lr, double scale, size_t first,
                          size_t count);

/* The name of the first parameter with a moment that is infinite or NaN, or below 0 where it is a
 * mean of squares; NULL if there is none. */
const char *optimizer_not_finite(const Optimizer *optimizer);

/* Adds "adam.m.NAME" and "adam.v.NAME" of every parameter and "adam.step" to a file being written;
 * optimizer_load takes them out of one. An absent tensor, a wrong shape or a moment that is none is
 * an error that names it, and then nothing has changed. */
void optimizer_save(const Optimizer *optimizer, SafetensorsWriter *writer);
bool optimizer_load(Optimizer *optimizer, const Safetensors *file, Error *err);

#endif
