#include "04_multihead/lab/attention_cost.h"

#include "04_multihead/attention_kind.h"
#include "common/clock.h"
#include "common/random.h"

/* Random inputs in the current graph: q, k, v (B,T,E). */
static void make_inputs(Tensor *x[3], int B, int T, int E) {
    Random random;
    random_seed(&random, 1);
    const size_t size = (size_t)(B * T * E);
    real *values = graph_alloc(size * sizeof *values);
    for (int i = 0; i < 3; i++) {
        random_fill_normal(&random, values, size, 0, 1);
        x[i] = tensor_variable(values, 3, SHAPE(B, T, E));
    }
}

AttentionCost attention_cost(bool fused, int B, int T, int E, int H, int repeats, real *result,
                             real *gradient) {
    Graph *graph = graph_current();
    AttentionCost cost = {0, INFINITY};
    for (int i = 0; i < repeats; i++) {
        Tensor *x[3];
        graph_reset(graph);
        make_inputs(x, B, T, E);
        const size_t before = graph->arena.total;
        const double begin = clock_seconds();
        Tensor *y = attention_of_kind(fused ? ATTENTION_FUSED : ATTENTION_COMPOSED,
                                      head_columns(x[0], x[1], x[2], H), (Masks){0}, 0, NULL);
        backward(op_scale(op_sum(op_mul(y, y)), (real)0.5));
        const double took = clock_seconds() - begin;
        if (took < cost.seconds) cost.seconds = took;
        cost.bytes = graph->arena.total - before;
        if (result) memcpy(result, y->data, y->size * sizeof(real));
        if (gradient) memcpy(gradient, tensor_grad(x[0]), x[0]->size * sizeof(real));
    }
    return cost;
}
