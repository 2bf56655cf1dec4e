#include "common/tensor.h"

#include <limits.h>
#include <stdio.h>

/* The data are not cleared: nearly every operation writes all of them, and clearing a step's
 * results would cost a pass over memory. */
Tensor *tensor_new(int ndim, const int *shape, bool requires_grad) {
    Graph *graph = graph_current();
    Tensor *tensor = arena_alloc(&graph->arena, sizeof *tensor);
    *tensor = (Tensor){.ndim = ndim,
                       .shape = {1, 1, 1, 1},
                       .size = 1,
                       .requires_grad = requires_grad && graph->recording,
                       .parameter = -1,
                       .graph = graph,
                       .generation = graph->generation};
    REQUIRE(ndim >= 0 && ndim <= MAX_DIMS, "%d dimensions; at most %d", ndim, MAX_DIMS);
    for (int i = 0; i < ndim; i++) {
        REQUIRE(shape[i] >= 0, "dimension %d is %d", i, shape[i]);
        tensor->shape[i] = shape[i];
        // The division keeps the test itself from overflowing.
        REQUIRE(shape[i] == 0 || tensor->size <= PTRDIFF_MAX / sizeof(real) / (size_t)shape[i],
                "dimension %d of %d makes the tensor too large", i, shape[i]);
        tensor->size *= (size_t)shape[i];
    }
    tensor->data = arena_alloc(&graph->arena, tensor->size * sizeof(real));
    return tensor;
}

Tensor *tensor_from(const real *values, int ndim, const int *shape) {
    Tensor *tensor = tensor_new(ndim, shape, false);
    if (tensor->size) memcpy(tensor->data, values, tensor->size * sizeof(real));
    return tensor;
}

Tensor *tensor_scalar(real value) {
    return tensor_from(&value, 0, NULL);
}

/* Even while nothing is recorded: whether anything flows back is the operations' affair. */
Tensor *tensor_variable(const real *values, int ndim, const int *shape) {
    Tensor *tensor = tensor_from(values, ndim, shape);
    tensor->requires_grad = true;
    return tensor;
}

real tensor_item(const Tensor *tensor) {
    REQUIRE(tensor->size == 1, "a tensor of size %zu has no single value", tensor->size);
    return tensor->data[0];
}

/* The place of a parameter's gradient: its own, or the graph's when shards of a batch are
 * differentiated side by side. */
static real *parameter_grad(const Tensor *tensor) {
    real *const *grads = graph_parameter_grads();
    return grads ? grads[tensor->parameter] : tensor->grad;
}

/* Made when something first flows back, so that inputs and constants never get one. */
real *tensor_grad(Tensor *tensor) {
    if (!tensor->requires_grad) return NULL;
    if (tensor->parameter >= 0) return parameter_grad(tensor);
    if (!tensor->grad) {
        tensor->grad = graph_take(tensor->graph, tensor->size);
        memset(tensor->grad, 0, tensor->size * sizeof(real));
    }
    return tensor->grad;
}

/* A gradient that does not exist yet is not cleared to be added to: BLAS writes it with beta = 0.
 * Parameters always add, since several uses of one weight meet in it. */
real *tensor_grad_gemm(Tensor *tensor, real *beta) {
    *beta = 1;
    if (!tensor->requires_grad || tensor->parameter >= 0 || tensor->grad)
        return tensor_grad(tensor);
    *beta = 0;
    return tensor->grad = graph_take(tensor->graph, tensor->size);
}

void tensor_grad_add(Tensor *tensor, const real *values) {
    real beta;
    real *grad = tensor_grad_gemm(tensor, &beta);
    if (!grad) return;
    if (beta == 0)
        memcpy(grad, values, tensor->size * sizeof(real));
    else
        for (size_t i = 0; i < tensor->size; i++) grad[i] += values[i];
}

void tensor_recycle(Tensor *tensor) {
    graph_give(tensor->graph, tensor->grad, tensor->size);
    tensor->grad = NULL;
}

/* ---- Shapes ---------------------------------------------------------------------------------- */

/* MAX_DIMS numbers of at most 11 characters, commas and brackets: within 64 bytes. */
char *shape_text(char *buffer, int ndim, const int *shape) {
    char *end = buffer;
    *end++ = '(';
    for (int i = 0; i < ndim; i++) end += sprintf(end, i ? ",%d" : "%d", shape[i]);
    *end++ = ')';
    *end = '\0';
    return buffer;
}

/* Entries beyond ndim are 1, so all of shape can be compared at once. */
bool same_shape(const Tensor *a, const Tensor *b) {
    return a->ndim == b->ndim && memcmp(a->shape, b->shape, sizeof a->shape) == 0;
}

/* Called at the entry of each module: a wrong shape is reported where it enters, not five products
 * later. */
void expect_shape(const Tensor *tensor, const char *where, int ndim, const int *shape) {
    char found[64], expected[64];
    REQUIRE(tensor->ndim == ndim && memcmp(tensor->shape, shape, (size_t)ndim * sizeof(int)) == 0,
            "%s is %s, expected %s", where, shape_text(found, tensor->ndim, tensor->shape),
            shape_text(expected, ndim, shape));
}
