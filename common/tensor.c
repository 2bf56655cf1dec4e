#include "common/tensor.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>

/* A global, but one per thread: it spares every operation a parameter that would always be the
 * same, and shards of a batch are differentiated side by side, each in its own graph. */
static _Thread_local Graph *current_graph;

Graph *graph_new(void) {
    openblas_set_num_threads(1); // threads are ours, one graph each; BLAS' own would compete
    Graph *graph = memory_calloc(sizeof *graph);
    graph->recording = graph->training = true;
    return graph;
}

/* A freed graph must not stay current: the next operation would write into freed memory. */
void graph_free(Graph *graph) {
    if (!graph) return;
    if (current_graph == graph) current_graph = NULL;
    arena_free(&graph->arena);
    free(graph);
}

void graph_use(Graph *graph) {
    current_graph = graph;
}

/* Every operation passes here: a forgotten graph_use is named at the first one. */
Graph *graph_current(void) {
    REQUIRE(current_graph, "no current graph on this thread: call graph_use first");
    return current_graph;
}

/* generation tells later that a tensor is from before this reset; memory may already hold others.
 * Dropout starts counting anew, so that a step replayed with the same key drops the same elements.
 */
void graph_reset(Graph *graph) {
    arena_reset(&graph->arena);
    graph->last = NULL;
    graph->dropout_calls = 0;
    graph->done = false;
    graph->generation++;
}

GraphMode graph_quiet(void) {
    Graph *graph = graph_current();
    const GraphMode before = {graph->recording, graph->training};
    graph->recording = graph->training = false;
    return before;
}

void graph_restore(GraphMode before) {
    graph_current()->recording = before.recording;
    graph_current()->training = before.training;
}

void *graph_alloc(size_t bytes) {
    return arena_alloc(&graph_current()->arena, bytes);
}

bool graph_recording(void) {
    return graph_current()->recording;
}

/* The record lies in the arena, in the order of creation, which is a topological order: whatever
 * an operation reads was made before it. */
void *graph_record(Tensor *output, void (*go_back)(const void *saved), size_t bytes) {
    Graph *graph = graph_current();
    // One allocation: the Node, then what the operation saved.
    struct {
        Node node;
        max_align_t saved;
    } *record = arena_alloc(&graph->arena, sizeof(Node) + sizeof(max_align_t) + bytes);
    record->node = (Node){graph->last, go_back, output};
    graph->last = &record->node;
    return &record->saved;
}

/* Where graph_record put what was saved. */
static const void *node_saved(const Node *node) {
    const struct {
        Node node;
        max_align_t saved;
    } *record = (const void *)node;
    return &record->saved;
}

void backward(Tensor *loss) {
    Graph *graph = graph_current();
    REQUIRE(loss->size == 1, "a loss must be a scalar, not of size %zu", loss->size);
    REQUIRE(loss->graph == graph && loss->generation == graph->generation,
            "the loss does not belong to the current graph, or is from before its last reset");
    REQUIRE(!graph->done, "backward was already called on this graph; graph_reset it first");
    REQUIRE(loss->requires_grad, "the loss depends on nothing that requires a gradient");
    graph->done = true;
    // d loss / d loss = 1 starts the chain rule. An output that nothing has flowed into contributes
    // nothing, so its record is passed over.
    tensor_grad(loss)[0] += 1;
    for (const Node *node = graph->last; node; node = node->previous)
        if (node->output->grad) node->go_back(node_saved(node));
}

/* ---- Tensors --------------------------------------------------------------------------------- */

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

/* The place of a parameter's gradient: its own, or this graph's when shards of a batch are
 * differentiated side by side. */
static real *parameter_grad(const Tensor *tensor) {
    return current_graph && current_graph->parameter_grads
               ? current_graph->parameter_grads[tensor->parameter]
               : tensor->grad;
}

/* Made when something first flows back, so that inputs and constants never get one. */
real *tensor_grad(Tensor *tensor) {
    if (!tensor->requires_grad) return NULL;
    if (tensor->parameter >= 0) return parameter_grad(tensor);
    if (!tensor->grad)
        tensor->grad = arena_calloc(&tensor->graph->arena, tensor->size * sizeof(real));
    return tensor->grad;
}

/* A gradient that does not exist yet is not cleared to be added to: BLAS writes it with beta = 0.
 * Parameters always add, since several uses of one weight meet in it. */
real *tensor_grad_gemm(Tensor *tensor, real *beta) {
    *beta = 1;
    if (!tensor->requires_grad || tensor->parameter >= 0 || tensor->grad)
        return tensor_grad(tensor);
    *beta = 0;
    tensor->grad = arena_alloc(&tensor->graph->arena, tensor->size * sizeof(real));
    return tensor->grad;
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
