#include "06_training/trainer/reduction.h"

#include <stdlib.h>

#include "06_training/trainer/ranks.h"

/* Shard 0 adds into the parameters' own gradients, the others into copies: n - 1 copies for n
 * threads. */
Reduction *reduction_new(Parameters *parameters, Threads *threads) {
    const size_t shards = (size_t)threads_count(threads), tensors = (size_t)parameters->count;
    Reduction *reduction = memory_calloc(sizeof *reduction);
    *reduction = (Reduction){.parameters = parameters,
                             .threads = threads,
                             .shard_grads = memory_calloc(shards * sizeof *reduction->shard_grads),
                             .squares = memory_calloc(shards * sizeof(double)),
                             .size = parameters_size(parameters)};
    for (size_t i = 1; i < shards; i++) {
        real **grads = memory_calloc(tensors * sizeof *grads);
        // Zero from the start: backward only ever adds.
        for (size_t k = 0; k < tensors; k++)
            grads[k] = memory_calloc(parameters->items[k]->size * sizeof(real));
        reduction->shard_grads[i] = grads;
    }
    return reduction;
}

void reduction_free(Reduction *reduction) {
    if (!reduction) return;
    for (int i = 1; i < threads_count(reduction->threads); i++) {
        for (int k = 0; k < reduction->parameters->count; k++) free(reduction->shard_grads[i][k]);
        free(reduction->shard_grads[i]);
    }
    free(reduction->shard_grads);
    free(reduction->squares);
    free(reduction);
}

real **reduction_shard_grads(const Reduction *reduction, int shard) {
    return reduction->shard_grads[shard];
}

/* Thread i sums its share of the elements over all shards. The threads share the elements and not
 * the shards: no two write to the same place, and each sum keeps its order. */
static void sum_share(void *context, int i) {
    Reduction *r = context;
    const int shards = threads_count(r->threads);
    const ThreadShare share = threads_share(r->size, i, shards);
    const ProfilePlace before = profile_enter(PROFILE_OPTIMIZER);
    // A share may begin and end in the middle of a tensor: a run is the part of one tensor in it.
    for (ParameterRun run = {0};
         parameters_next_run(r->parameters, share.first, share.count, &run);)
        for (int shard = 1; shard < shards; shard++) {
            real *to = run.tensor->grad + run.first;
            real *from = r->shard_grads[shard][run.tensor->parameter] + run.first;
            for (size_t k = 0; k < run.count; k++) {
                to[k] += from[k];
                from[k] = 0; // while it is in the cache, for the next step
            }
        }
    r->squares[i] = parameters_grad_squares(r->parameters, share.first, share.count);
    profile_leave(before);
}

ReductionSum reduction_sum(Reduction *reduction, const double *losses) {
    ReductionSum sum = {0};
    threads_run(reduction->threads, sum_share, reduction);
    for (int i = 0; i < threads_count(reduction->threads); i++) {
        sum.loss += losses[i];
        sum.grad_squares += reduction->squares[i];
    }
    return sum;
}

/* ---- Ranks ----------------------------------------------------------------------------------- */

static void square_share(void *context, int i) {
    Reduction *r = context;
    const ThreadShare share = threads_share(r->size, i, threads_count(r->threads));
    r->squares[i] = parameters_grad_squares(r->parameters, share.first, share.count);
}

/* The norm is that of the sum over all ranks, which nobody had before. */
bool reduction_sum_ranks(Reduction *reduction, ReductionSum *sum) {
    if (!ranks_sum(reduction->parameters, &sum->loss)) return false;
    threads_run(reduction->threads, square_share, reduction);
    sum->grad_squares = 0;
    for (int i = 0; i < threads_count(reduction->threads); i++)
        sum->grad_squares += reduction->squares[i];
    return true;
}
