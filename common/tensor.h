/* tensor.h - arrays of numbers with a shape, which live in a graph (graph.h) or are parameters.
 *
 * A tensor is made by an operation (ops.h), by one of the functions below, or as a parameter that
 * training changes (parameters.h). Its gradient, where it requires one, is filled by backward().
 */
#ifndef COMMON_TENSOR_H
#define COMMON_TENSOR_H

#include <stddef.h>

#include "common/error.h"
#include "common/graph.h"
#include "common/real.h"

enum { MAX_DIMS = 4 };

/* Row-major, contiguous, slowest dimension first, batch first. A scalar has ndim 0 and size 1.
 * The entries of shape beyond ndim are 1. */
typedef struct Tensor {
    int ndim;
    int shape[MAX_DIMS];
    size_t size; // product of the shape
    real *data;
    real *grad;         // d loss / d data; NULL until something flows back. Read by tensor_grad
    bool requires_grad; // whether a loss is to be differentiated with respect to it
    int parameter;      // its place in its Parameters, -1 for every other tensor
    const char *name;   // of a parameter; NULL otherwise
    struct PackedMatrix *packed; // of a weight that does not change for now (packed.h); else NULL
    Graph *graph;                // the graph it lives in; NULL for parameters
    unsigned generation;
} Tensor;

/* A tensor of the current graph, uninitialised; shape has ndim entries. */
Tensor *tensor_new(int ndim, const int *shape, bool requires_grad);

/* The same for a shape written out: TENSOR(2, 3) is a constant (2,3), TENSOR_FROM(values, 2, 3) one
 * that holds a copy of values. */
#define SHAPE(...) ((const int[]){__VA_ARGS__})
#define NDIM(...) ((int)(sizeof SHAPE(__VA_ARGS__) / sizeof(int)))
#define TENSOR(...) tensor_new(NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__), false)
#define TENSOR_FROM(values, ...) tensor_from(values, NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))

/* A constant tensor of the current graph holding a copy of values. */
Tensor *tensor_from(const real *values, int ndim, const int *shape);

/* A scalar constant. */
Tensor *tensor_scalar(real value);

/* A tensor whose gradient one wants to look at: as tensor_from, with requires_grad set. */
Tensor *tensor_variable(const real *values, int ndim, const int *shape);

/* The single value of a tensor of size 1. */
real tensor_item(const Tensor *tensor);

/* The gradient, same shape as the data: zeros if nothing has flowed yet, NULL if the tensor does
 * not require one. For a parameter: where the current graph, if any, adds it. */
real *tensor_grad(Tensor *tensor);

/* tensor += values inside a backward function. The first addition to a fresh gradient is a copy,
 * which saves clearing it first. Nothing happens if the tensor does not require a gradient. */
void tensor_grad_add(Tensor *tensor, const real *values);

/* tensor_grad for a product: *beta becomes 0 if the gradient is fresh and uninitialised, else 1. */
real *tensor_grad_gemm(Tensor *tensor, real *beta);

/* For a graph's `recycle`: the gradient's memory goes to the next one of its size. Nobody reads a
 * result's gradient any more once its operation has gone back; but who wants to look at it
 * afterwards does not set this. Then backward() leaves no gradients but the parameters' and those
 * of what no operation made. */
void tensor_recycle(Tensor *tensor);

/* Requires tensor to have exactly this shape; where names the caller's tensor in the message. */
void expect_shape(const Tensor *tensor, const char *where, int ndim, const int *shape);
#define EXPECT_SHAPE(tensor, ...)                                                                  \
    expect_shape(tensor, __FILE__ ": " #tensor, NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))

/* "(2,3,4)" in a buffer that the caller provides (at least 64 bytes); returns it. */
char *shape_text(char *buffer, int ndim, const int *shape);

bool same_shape(const Tensor *a, const Tensor *b);

#endif
