#include "common/graph.h"

#include <stdlib.h>

#include "common/random.h"

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
 * Dropout counts anew: a step that is replayed with the same key drops the same elements. */
void graph_reset(Graph *graph) {
    arena_reset(&graph->arena);
    graph->last = NULL;
    graph->spares = NULL;
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

/* Asked also where no graph is in use, as between two steps. */
real *const *graph_parameter_grads(void) {
    return current_graph ? current_graph->parameter_grads : NULL;
}

void *graph_alloc(size_t bytes) {
    return arena_alloc(&graph_current()->arena, bytes);
}

bool graph_recording(void) {
    return graph_current()->recording;
}

/* Mixed before the count is added: or the second dropout under key k would be the first under
 * k + 1. */
uint64_t graph_dropout_key(void) {
    Graph *graph = graph_current();
    return random_mix64(random_mix64(graph->dropout_key) + graph->dropout_calls++);
}

/* The record lies in the arena, in the order of creation, which is a topological order: whatever
 * an operation reads was made before it. */
void *graph_record_shared(Tensor *output, void (*go_back)(const void *saved), size_t bytes) {
    Graph *graph = graph_current();
    GraphRecord *record = graph_alloc(sizeof *record);
    void *saved = graph_alloc(bytes);
    *record = (GraphRecord){graph->last, output, go_back, saved};
    graph->last = record;
    return saved;
}

/* ---- Gradients that are done with ------------------------------------------------------------ */

/* Stands in the memory that it tells of. */
typedef struct GraphSpare {
    struct GraphSpare *older;
    size_t elements;
} GraphSpare;

/* The newest of exactly this size: a model's layers ask for the same few sizes again and again. */
real *graph_take(Graph *graph, size_t elements) {
    for (GraphSpare **at = &graph->spares; *at; at = &(*at)->older)
        if ((*at)->elements == elements) {
            GraphSpare *found = *at;
            *at = found->older;
            return (real *)found;
        }
    return arena_alloc(&graph->arena, elements * sizeof(real));
}

/* The arena gives whole cache lines, so a spare has room in any gradient that is not empty. */
void graph_give(Graph *graph, real *memory, size_t elements) {
    if (elements == 0) return;
    GraphSpare *spare = (GraphSpare *)memory;
    *spare = (GraphSpare){graph->spares, elements};
    graph->spares = spare;
}

/* What a record stands for in a graph that recycles. */
typedef struct {
    Tensor *output;
    void (*go_back)(const void *saved);
    const void *saved;
    void (*recycle)(Tensor *output);
} RecyclingNode;

static void go_back_and_recycle(const void *saved) {
    const RecyclingNode *s = saved;
    s->go_back(s->saved);
    s->recycle(s->output);
}

void *graph_record(Tensor *output, void (*go_back)(const void *saved), size_t bytes) {
    void (*recycle)(Tensor *) = graph_current()->recycle;
    if (!recycle) return graph_record_shared(output, go_back, bytes);
    void *own = graph_alloc(bytes);
    RecyclingNode *node = graph_record_shared(output, go_back_and_recycle, sizeof *node);
    *node = (RecyclingNode){output, go_back, own, recycle};
    return own;
}
