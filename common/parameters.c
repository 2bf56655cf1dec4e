#include "common/parameters.h"

#include <stdio.h>
#include <stdlib.h>

#include "common/array.h"
#include "common/packed.h"

struct ParameterName {
    const char *name; // NULL: nothing here
    Tensor *tensor;
};

/* ---- Names ----------------------------------------------------------------------------------- */

/* The place of a name in the table, or the empty one where it would be: FNV-1a, and then one place
 * after the other. */
static struct ParameterName *place_of(const Parameters *parameters, const char *name) {
    uint64_t hash = 0xcbf29ce484222325;
    for (const char *c = name; *c; c++) hash = (hash ^ (unsigned char)*c) * 0x100000001b3;
    size_t i = hash % parameters->places;
    while (parameters->names[i].name && strcmp(parameters->names[i].name, name) != 0)
        i = (i + 1) % parameters->places;
    return &parameters->names[i];
}

/* Half of the places stay empty, so that few steps are needed. A name twice would make two tensors
 * one in the file, and loading would fill only the first. */
static void add_name(Parameters *parameters, const char *name, Tensor *tensor) {
    REQUIRE(!parameters_find(parameters, name), "a second parameter %s", name);
    if (2 * (parameters->name_count + 1) > parameters->places) {
        struct ParameterName *old = parameters->names;
        const size_t places = parameters->places;
        parameters->places = 2 * places + 64;
        parameters->names = memory_calloc(parameters->places * sizeof *parameters->names);
        for (size_t i = 0; i < places; i++)
            if (old[i].name) *place_of(parameters, old[i].name) = old[i];
        free(old);
    }
    *place_of(parameters, name) = (struct ParameterName){name, tensor};
    parameters->name_count++;
}

/* ---- The set --------------------------------------------------------------------------------- */

/* Names outlive the prefix buffers they are built in, so each parameter has its own copy. */
static char *copy_text(const char *prefix, const char *name) {
    const size_t length = strlen(prefix) + strlen(name) + 1;
    char *text = memory_alloc(length);
    snprintf(text, length, "%s%s", prefix, name);
    return text;
}

void parameters_free(Parameters *parameters) {
    for (int i = 0; i < parameters->count; i++) {
        Tensor *tensor = parameters->items[i];
        free((char *)tensor->name);
        free(tensor->data);
        free(tensor->grad);
        packed_free(tensor->packed);
        free(tensor);
    }
    for (int i = 0; i < parameters->alias_count; i++) free(parameters->aliases[i].name);
    free(parameters->items);
    free(parameters->aliases);
    free(parameters->names);
    *parameters = (Parameters){0};
}

/* Parameters come from malloc, one by one, and not from an arena: they live as long as the model,
 * and a tied tensor must not move when another is added. */
Tensor *parameters_add(Parameters *parameters, const char *prefix, const char *name, int ndim,
                       const int *shape) {
    Tensor *tensor = memory_calloc(sizeof *tensor);
    *tensor = (Tensor){.ndim = ndim,
                       .shape = {1, 1, 1, 1},
                       .size = 1,
                       .requires_grad = true,
                       .parameter = parameters->count,
                       .name = copy_text(prefix, name)};
    for (int i = 0; i < ndim; i++) {
        tensor->shape[i] = shape[i];
        tensor->size *= (size_t)shape[i];
    }
    add_name(parameters, tensor->name, tensor);
    tensor->data = memory_calloc(tensor->size * sizeof(real));
    tensor->grad = memory_calloc(tensor->size * sizeof(real));
    parameters->items = array_reserve(parameters->items, &parameters->capacity,
                                      (size_t)parameters->count + 1, sizeof *parameters->items);
    return parameters->items[parameters->count++] = tensor;
}

/* Tying happens in the model: two modules hold the same Tensor. All that is left to record is that
 * PyTorch's state_dict lists it under both names. */
void parameters_alias(Parameters *parameters, const char *name, Tensor *tensor) {
    REQUIRE(tensor->parameter >= 0 && tensor->parameter < parameters->count &&
                parameters->items[tensor->parameter] == tensor,
            "%s: the tensor is not one of these parameters", name);
    parameters->aliases =
        array_reserve(parameters->aliases, &parameters->alias_capacity,
                      (size_t)parameters->alias_count + 1, sizeof *parameters->aliases);
    const Alias alias = {copy_text("", name), tensor};
    add_name(parameters, alias.name, tensor);
    parameters->aliases[parameters->alias_count++] = alias;
}

Tensor *parameters_find(const Parameters *parameters, const char *name) {
    return parameters->places ? place_of(parameters, name)->tensor : NULL;
}

real *parameters_copy_values(const Parameters *parameters) {
    real *values = memory_alloc(parameters_size(parameters) * sizeof *values), *to = values;
    for (int i = 0; i < parameters->count; i++) {
        const Tensor *t = parameters->items[i];
        memcpy(to, t->data, t->size * sizeof *to);
        to += t->size;
    }
    return values;
}

void parameters_set_values(Parameters *parameters, const real *values) {
    for (int i = 0; i < parameters->count; i++) {
        const Tensor *t = parameters->items[i];
        memcpy(t->data, values, t->size * sizeof *values);
        values += t->size;
    }
}

/* For the tests and the demos; the optimizer clears each gradient as it reads it. */
void parameters_zero_grad(Parameters *parameters) {
    for (int i = 0; i < parameters->count; i++)
        memset(parameters->items[i]->grad, 0, parameters->items[i]->size * sizeof(real));
}

size_t parameters_size(const Parameters *parameters) {
    size_t size = 0;
    for (int i = 0; i < parameters->count; i++) size += parameters->items[i]->size;
    return size;
}

/* [first, first + count) cut with each parameter's own range [begin, end), empty cuts skipped. */
bool parameters_next_run(const Parameters *parameters, size_t first, size_t count,
                         ParameterRun *run) {
    while (run->next < parameters->count) {
        Tensor *tensor = parameters->items[run->next++];
        const size_t begin = run->next_flat, end = begin + tensor->size;
        const size_t from = begin > first ? begin : first;
        const size_t to = end < first + count ? end : first + count;
        run->next_flat = end;
        if (from >= to) continue;
        run->tensor = tensor;
        run->first = from - begin;
        run->count = to - from;
        run->flat = from;
        return true;
    }
    return false;
}

/* ---- Gradients as a whole -------------------------------------------------------------------- */

/* Blocks are summed in real, which vectorises; their sums in double, which keeps small ones. */
static double sum_of_squares(const real *x, size_t n) {
    enum { BLOCK = 1024 };
    double total = 0;
    for (size_t i = 0; i < n; i += BLOCK) {
        const size_t end = n - i < BLOCK ? n : i + BLOCK;
        real sum = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t j = i; j < end; j++) sum += x[j] * x[j];
        total += sum;
    }
    return total;
}

/* Each thread sums its own range; the norm of all gradients is the root of the sum over threads.
 * Added in thread order, so that the result does not depend on who is done first. */
double parameters_grad_squares(const Parameters *parameters, size_t first, size_t count) {
    double total = 0;
    for (ParameterRun run = {0}; parameters_next_run(parameters, first, count, &run);)
        total += sum_of_squares(run.tensor->grad + run.first, run.count);
    return total;
}

double parameters_grad_norm(const Parameters *parameters) {
    return sqrt(parameters_grad_squares(parameters, 0, parameters_size(parameters)));
}

/* Asked only when the norm is not finite: a look at every number would cost a pass over memory in
 * each step. */
const Tensor *parameters_grad_not_finite(const Parameters *parameters) {
    for (int i = 0; i < parameters->count; i++)
        if (!isfinite(sum_of_squares(parameters->items[i]->grad, parameters->items[i]->size)))
            return parameters->items[i];
    return NULL;
}

const Tensor *parameters_not_finite(const Parameters *parameters, size_t *element) {
    for (int i = 0; i < parameters->count; i++)
        for (*element = 0; *element < parameters->items[i]->size; ++*element)
            if (!isfinite(parameters->items[i]->data[*element])) return parameters->items[i];
    return NULL;
}

const Tensor *parameters_largest(const Parameters *parameters, real *value) {
    const Tensor *largest = NULL;
    *value = 0;
    for (int i = 0; i < parameters->count; i++)
        for (size_t k = 0; k < parameters->items[i]->size; k++)
            if (!largest || fabs((double)parameters->items[i]->data[k]) > fabs((double)*value)) {
                largest = parameters->items[i];
                *value = largest->data[k];
            }
    return largest;
}

/* ---- Files ----------------------------------------------------------------------------------- */

/* Every name in the file is one of ours. The file that a training goes on from has the weights as
 * well, and is easily taken for the model. */
static bool check_names(const Parameters *parameters, const Safetensors *file, Error *err) {
    if (safetensors_find(file, PARAMETERS_STATE))
        return error_set(err,
                         "%s: is the state of a training; the model is model.safetensors beside it",
                         file->path);
    for (size_t i = 0; i < file->count; i++)
        if (!parameters_find(parameters, file->tensor[i].name))
            return error_set(err, "%s: tensor \"%s\" has no place in this model", file->path,
                             file->tensor[i].name);
    return true;
}

/* The safetensors of shared weights keep one copy and say in the metadata under which name;
 * PyTorch's own saver writes {"dropped": "kept"} there. */
const char *parameters_name_in(const Safetensors *file, const char *name) {
    const char *kept = safetensors_find(file, name) ? NULL : safetensors_metadata(file, name);
    return kept && safetensors_find(file, kept) ? kept : name;
}

static bool read_values(const Safetensors *file, const char *name, const Tensor *t, real *values,
                        Error *err) {
    return safetensors_read_real(file, parameters_name_in(file, name), t->ndim, t->shape, values,
                                 err);
}

/* All tensors are there in their shapes, and tied ones agree. */
static bool check_values(const Parameters *parameters, const Safetensors *file, Error *err) {
    size_t most = 0;
    for (int i = 0; i < parameters->count; i++)
        if (parameters->items[i]->size > most) most = parameters->items[i]->size;
    real *first = memory_alloc(most * sizeof(real)), *second = memory_alloc(most * sizeof(real));
    bool good = true;
    for (int i = 0; i < parameters->count && good; i++) {
        const Tensor *t = parameters->items[i];
        good = read_values(file, t->name, t, first, err);
    }
    for (int i = 0; i < parameters->alias_count && good; i++) {
        const Alias *alias = &parameters->aliases[i];
        const Tensor *t = alias->tensor;
        good = read_values(file, t->name, t, first, err) &&
               read_values(file, alias->name, t, second, err);
        if (good && memcmp(first, second, t->size * sizeof(real)) != 0)
            good = error_set(err, "%s: tensors \"%s\" and \"%s\" are tied but differ", file->path,
                             t->name, alias->name);
    }
    free(first);
    free(second);
    return good;
}

bool parameters_load(Parameters *parameters, const Safetensors *file, bool strict, Error *err) {
    if (strict && !check_names(parameters, file, err)) return false;
    // Everything is read once for its errors alone, so that none can appear halfway.
    if (!check_values(parameters, file, err)) return false;
    for (int i = 0; i < parameters->count; i++) {
        const Tensor *t = parameters->items[i];
        const bool read = read_values(file, t->name, t, t->data, err);
        REQUIRE(read, "%s changed while it was read", t->name);
    }
    return true;
}

/* Tied tensors are written under both names, as a state_dict has them: readers that know nothing
 * of aliases find what they look for. */
void parameters_save(const Parameters *parameters, SafetensorsWriter *writer) {
    for (int i = 0; i < parameters->count; i++) {
        const Tensor *t = parameters->items[i];
        safetensors_writer_tensor(writer, t->name, DTYPE_REAL, t->ndim, t->shape, t->data);
    }
    for (int i = 0; i < parameters->alias_count; i++) {
        const Tensor *t = parameters->aliases[i].tensor;
        safetensors_writer_tensor(writer, parameters->aliases[i].name, DTYPE_REAL, t->ndim,
                                  t->shape, t->data);
    }
}
