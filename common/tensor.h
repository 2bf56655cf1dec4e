/* tensor.h - tensors and the graph that differentiates what is computed with them.
 *
 * Eager reverse mode, as in PyTorch: an operation computes its result at once and records how to
 * go back. Creation order is already a topological order, so backward() walks the records from
 * newest to oldest and needs no sort.
 *
 *     Graph *graph = graph_new();
 *     graph_use(graph);                    // from here on, this thread's current graph
 *     Tensor *loss = op_mean(op_mul(x, x));
 *     backward(loss);                      // adds d loss / d x to tensor_grad(x)
 *     graph_reset(graph);                  // all results are gone, parameters remain
 *
 * Everything an operation allocates lies in the current graph's arena and goes with one reset:
 * no reference counts, and after the first steps no malloc.
 */
#ifndef COMMON_TENSOR_H
#define COMMON_TENSOR_H

#include <stddef.h>

#include "common/arena.h"
#include "common/error.h"
#include "common/real.h"

enum { MAX_DIMS = 4 };

typedef struct Graph Graph;

/* Row-major, contiguous, slowest dimension first, batch first. A scalar has ndim 0 and size 1.
 * The entries of shape beyond ndim are 1. */
typedef struct {
    int ndim;
    int shape[MAX_DIMS];
    size_t size; // product of the shape
    real *data;
    real *grad;         // d loss / d data; NULL until something flows back. Read by tensor_grad
    bool requires_grad; // whether a loss is to be differentiated with respect to it
    int parameter;      // its place in its Parameters, -1 for every other tensor
    const char *name;   // of a parameter; NULL otherwise
    Graph *graph;       // the graph it lives in; NULL for parameters
    unsigned generation;
} Tensor;

struct Graph {
    Arena arena;
    bool recording;         // false: nothing is recorded, no backward (validation, decoding)
    bool training;          // dropout drops only while training
    uint64_t dropout_key;   // set anew for every step; see op_dropout
    uint32_t dropout_calls; // since the last reset: no two dropouts of a step share a mask
    real **parameter_grads; // where this graph adds parameter gradients; NULL: to each one's own
    struct Node *last;      // the tape, newest first
    unsigned generation;    // counts resets, so that a tensor of a past step is recognised
    bool done;              // backward has run since the last reset
};

/* A new graph, recording and training. Caller frees with graph_free. */
Graph *graph_new(void);
void graph_free(Graph *graph); // NULL is allowed

/* Makes graph the calling thread's current one. NULL: none. */
void graph_use(Graph *graph);

/* The calling thread's current graph; a programmer's error if there is none. */
Graph *graph_current(void);

/* What of a graph can be switched, in one value: see graph_quiet. */
typedef struct {
    bool recording, training;
} GraphMode;

/* From here on the current graph neither records nor drops, as validation and decoding need it.
 * Returns the mode it had, which graph_restore sets again. */
GraphMode graph_quiet(void);
void graph_restore(GraphMode before);

/* Forgets all tensors and records made since the last reset. */
void graph_reset(Graph *graph);

/* Fills tensor_grad of every tensor that requires it and that loss depends on, with
 * d loss / d tensor, added to what is there. loss () must be a scalar of the current graph; a
 * second backward before graph_reset, or a tensor from before the last reset, is an error. */
void backward(Tensor *loss);

/* A tensor of the current graph, uninitialised; shape has ndim entries. */
Tensor *tensor_new(int ndim, const int *shape, bool requires_grad);

/* The same for a shape written out: TENSOR(2, 3) is (2,3), zeros(2, 3) filled with 0. */
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

/* tensor_grad for gemm: *beta becomes 0 if the gradient is fresh and uninitialised, else 1. */
real *tensor_grad_gemm(Tensor *tensor, real *beta);

/* Requires tensor to have exactly this shape; where names the caller's tensor in the message. */
void expect_shape(const Tensor *tensor, const char *where, int ndim, const int *shape);
#define EXPECT_SHAPE(tensor, ...)                                                                  \
    expect_shape(tensor, __FILE__ ": " #tensor, NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))

/* "(2,3,4)" in a buffer that the caller provides (at least 64 bytes); returns it. */
char *shape_text(char *buffer, int ndim, const int *shape);

bool same_shape(const Tensor *a, const Tensor *b);

/* ---- For those who write operations ---------------------------------------------------------- */

/* One record of the tape. An operation keeps what its way back needs in a struct of its own, which
 * follows the Node in memory. */
typedef struct Node {
    struct Node *previous;
    void (*go_back)(const void *saved);
    Tensor *output;
} Node;

/* Uninitialised memory of the current graph, valid until its reset. */
void *graph_alloc(size_t bytes);

/* Whether a result computed from an input that requires a gradient is to be recorded now. */
bool graph_recording(void);

/* Adds a record whose way back is go_back(saved) and returns its `bytes` of memory for saved. It
 * is called only if a gradient has reached output, and finds it in output->grad. */
void *graph_record(Tensor *output, void (*go_back)(const void *saved), size_t bytes);

/* RECORD(y, exp_go_back, UnaryNode, x, y) saves (UnaryNode){x, y} if y requires a gradient. */
#define RECORD(output, go_back, Type, ...)                                                         \
    do {                                                                                           \
        if ((output)->requires_grad)                                                               \
            *(Type *)graph_record(output, go_back, sizeof(Type)) = (Type){__VA_ARGS__};            \
    } while (0)

#endif
