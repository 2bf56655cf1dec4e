/* optimizer.h - Adam and AdamW, as torch.optim has them.
 *
 * The state of a parameter (running means m of its gradient and v of the gradient's square) lies
 * in one array over all parameters, "the flattened elements": those of the first parameter, then
 * those of the second, and so on. Threads split a step by ranges of it.
 */
#ifndef COMMON_OPTIMIZER_H
#define COMMON_OPTIMIZER_H

#include "common/files/safetensors.h"
#include "common/parameters.h"

typedef struct {
    double beta1, beta2; // how slowly m and v change: 0.9 and 0.999 by default in PyTorch
    double eps;          // added to sqrt(v), outside the root
    double weight_decay; // 0: none
    bool decoupled;      // AdamW: the decay shrinks the weight itself. Adam: it joins the gradient
} AdamConfig;

typedef struct {
    AdamConfig config;
    Parameters *parameters; // not owned
    int64_t step;           // steps begun
    size_t size;            // flattened elements
    real *m, *v;            // (size)
} Optimizer;

/* State zero, step 0, for all parameters added so far; none may be added afterwards. Caller frees
 * with optimizer_free, before the parameters. */
Optimizer *optimizer_new(Parameters *parameters, AdamConfig config);
void optimizer_free(Optimizer *optimizer); // NULL is allowed

/* One step along the gradients, which become zero on the way:
 *     g = scale grad (+ weight_decay w)        m = beta1 m + (1 - beta1) g
 *     w = w (1 - lr weight_decay), AdamW       v = beta2 v + (1 - beta2) g^2
 *     w = w - lr / (1 - beta1^step) m / (sqrt(v) / sqrt(1 - beta2^step) + eps)
 * (Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2). scale makes a sum
 * over tokens a mean, or clips: see parameters_grad_norm. */
void optimizer_step(Optimizer *optimizer, double lr, double scale);

/* The same in pieces: optimizer_begin counts the step, then any number of threads may each call
 * optimizer_step_range once, together covering the elements [0, size) without overlap. The result
 * does not depend on how they are split. */
void optimizer_begin(Optimizer *optimizer);
void optimizer_step_range(Optimizer *optimizer, double lr, double scale, size_t first,
                          size_t count);

/* Adds "adam.m.NAME" and "adam.v.NAME" of every parameter and "adam.step" to a file being written;
 * optimizer_load takes them out of one. An absent tensor or a wrong shape is an error that names
 * it, and then nothing has changed. */
void optimizer_save(const Optimizer *optimizer, SafetensorsWriter *writer);
bool optimizer_load(Optimizer *optimizer, const Safetensors *file, Error *err);

#endif
