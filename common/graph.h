/* graph.h - what is computed, recorded so that it can be differentiated.
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
#ifndef COMMON_GRAPH_H
#define COMMON_GRAPH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "common/arena.h"
#include "common/real.h"

typedef struct Tensor Tensor;

/* One operation that was computed: how to go back through it, and what that needs. */
typedef struct GraphRecord {
    struct GraphRecord *previous; // the one made before it; NULL for the first
    Tensor *output;               // what the operation made
    void (*go_back)(const void *saved);
    const void *saved; // the operation's own struct
} GraphRecord;

typedef struct {
    Arena arena;
    bool recording;            // false: nothing is recorded, no backward (validation, decoding)
    bool training;             // dropout drops only while training
    uint64_t dropout_key;      // set anew for every step; see graph_dropout_key
    uint32_t dropout_calls;    // since the last reset: no two dropouts of a step share a mask
    real **parameter_grads;    // where this graph adds parameter gradients; NULL: to each one's own
    GraphRecord *last;         // the tape, newest first
    void (*recycle)(Tensor *); // called with each result whose operation has gone back; or NULL
    struct GraphSpare *spares; // memory of gradients that are done with, newest first
    unsigned generation;       // counts resets, so that a tensor of a past step is recognised
    bool done;                 // backward has run since the last reset
} Graph;

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

/* The calling thread's graph's parameter_grads; NULL without a graph. */
real *const *graph_parameter_grads(void);

/* ---- For those who write operations ---------------------------------------------------------- */

/* Uninitialised memory of the current graph, valid until its reset. */
void *graph_alloc(size_t bytes);

/* Whether a result computed from an input that requires a gradient is to be recorded now. */
bool graph_recording(void);

/* The key of the next dropout: a function of the graph's dropout_key and of how many dropouts came
 * before since the reset. */
uint64_t graph_dropout_key(void);

/* Adds a record whose way back is go_back(saved) and returns its `bytes` of memory for saved. It
 * is called only if a gradient has reached output, and finds it in output->grad. */
void *graph_record(Tensor *output, void (*go_back)(const void *saved), size_t bytes);

/* The same where another record's way back reads output->grad as well, later. */
void *graph_record_shared(Tensor *output, void (*go_back)(const void *saved), size_t bytes);

/* graph_take is memory for a gradient, uninitialised, of the arena or of what graph_give took back
 * since the last reset: the next gradient of that size then stands where the processor's cache
 * still holds the last one. */
real *graph_take(Graph *graph, size_t elements);
void graph_give(Graph *graph, real *memory, size_t elements);

/* RECORD(y, softmax_go_back, SoftmaxNode, x, y) saves (SoftmaxNode){x, y} if y requires a gradient:
 * if one of the inputs did, and the graph is recording. */
#define RECORD(output, go_back, Type, ...)                                                         \
    do {                                                                                           \
        if ((output)->requires_grad)                                                               \
            *(Type *)graph_record(output, go_back, sizeof(Type)) = (Type){__VA_ARGS__};            \
    } while (0)

#endif
