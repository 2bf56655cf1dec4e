/* parameters.h - the named tensors that training changes.
 *
 * Parameters live outside every graph, from parameters_add to parameters_free. Their names are
 * PyTorch's state_dict names, built from the modules' own: a module takes its prefix
 * ("encoder.layers.0.self_attn.") and adds "in_proj_weight" and so on.
 */
#ifndef COMMON_PARAMETERS_H
#define COMMON_PARAMETERS_H

#include "common/files/safetensors.h"
#include "common/tensor.h"

/* A second name for a tensor that two modules share (tied weights). */
typedef struct {
    char *name;
    Tensor *tensor;
} Alias;

typedef struct {
    Tensor **items; // in construction order, each once
    int count;
    size_t capacity;
    Alias *aliases;
    int alias_count;
    size_t alias_capacity;
    // All names, aliases' too, by which they are found: places are the hashes of names, empty ones
    // NULL, and there is always one that is empty.
    struct ParameterName *names; // (places)
    size_t name_count, places;
} Parameters;

/* An empty set is all zeros: `Parameters parameters = {0};`. */
void parameters_free(Parameters *parameters);

/* A new parameter "PREFIXname", filled with zeros, gradient zero. The Tensor belongs to the set. */
Tensor *parameters_add(Parameters *parameters, const char *prefix, const char *name, int ndim,
                       const int *shape);
#define PARAMETER(parameters, prefix, name, ...)                                                   \
    parameters_add(parameters, prefix, name, NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))

/* Makes tensor, already in the set, known under a second name as well: both are saved, and loading
 * requires both to hold the same values. */
void parameters_alias(Parameters *parameters, const char *name, Tensor *tensor);

/* The parameter (or alias) of that name; NULL if there is none. */
Tensor *parameters_find(const Parameters *parameters, const char *name);

/* All values, flattened: to come back to them after others have been tried. Caller frees. */
real *parameters_copy_values(const Parameters *parameters);
void parameters_set_values(Parameters *parameters, const real *values);

/* Sets every gradient to zero. */
void parameters_zero_grad(Parameters *parameters);

/* Numbers in all parameters together, each tensor once. */
size_t parameters_size(const Parameters *parameters);

/* A run of elements within one parameter. Work on all elements of all parameters, those of the
 * first, then those of the second, and so on ("flattened"), is split over threads by ranges of
 * them; a range is a few runs:
 *     for (ParameterRun run = {0}; parameters_next_run(parameters, first, count, &run);) ... */
typedef struct {
    Tensor *tensor;
    size_t first, count; // within the tensor
    size_t flat;         // the place of the run's first element among the flattened ones
    int next;            // the parameter to look at next, and its place among the flattened
    size_t next_flat;
} ParameterRun;

/* Steps to the next run within the flattened elements [first, first + count); false: none left. */
bool parameters_next_run(const Parameters *parameters, size_t first, size_t count,
                         ParameterRun *run);

/* The sum of the squares of all gradients in the flattened elements [first, first + count). */
double parameters_grad_squares(const Parameters *parameters, size_t first, size_t count);

/* The root of that sum over everything, as torch.nn.utils.clip_grad_norm_ returns it: gradients
 * times min(1, max_norm / (norm + 1e-6)) are clipped. Not finite if any gradient is not. */
double parameters_grad_norm(const Parameters *parameters);

/* The first parameter with a gradient that is infinite or NaN, or too large to be squared; NULL if
 * the norm of all gradients is finite. */
const Tensor *parameters_grad_not_finite(const Parameters *parameters);

/* The first parameter with a value that is infinite or NaN, *element its place; NULL if there is
 * none. */
const Tensor *parameters_not_finite(const Parameters *parameters, size_t *element);

/* For a model whose weights are finite and whose numbers are not: the parameter with the value that
 * is farthest from 0, and *value. */
const Tensor *parameters_largest(const Parameters *parameters, real *value);

/* The tensor by which a training's state is known, which has the weights and more. */
#define PARAMETERS_STATE "adam.step"

/* Copies the values out of a safetensors file. Every parameter must be there under its name with
 * its shape, and (strict) nothing else may be; otherwise err names the tensor, what was expected
 * and what was found, and no parameter has changed. */
bool parameters_load(Parameters *parameters, const Safetensors *file, bool strict, Error *err);

/* The name under which a file holds a parameter: its own, or, where there is no tensor of that
 * name, the one that the metadata give for it. safetensors.torch.save_model writes tied tensors
 * once and so notes which names it left out. */
const char *parameters_name_in(const Safetensors *file, const char *name);

/* Adds every parameter, under all its names, to a file being written. */
void parameters_save(const Parameters *parameters, SafetensorsWriter *writer);

#endif
