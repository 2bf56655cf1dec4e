/* reduction.h - the gradients of all workers become one gradient.
 *
 * The seam between a step and those who work on it. A worker is whoever computes a shard of the
 * batch, adds to gradients of its own, and knows nothing of the others; after reduction_sum the
 * parameters hold the sum over all of them, and every other gradient is zero again. Here workers
 * are threads of this process; reduction_sum_ranks then adds those of the other ranks (ranks.h).
 *
 * The sum is taken in the order of the shards, always: floating-point addition is not associative,
 * and the same seed shall give the same bytes.
 */
#ifndef REDUCTION_H
#define REDUCTION_H

#include "06_training/trainer/threads.h"
#include "common/parameters.h"

typedef struct {
    Parameters *parameters; // not owned
    Threads *threads;       // not owned: one shard for each
    real ***shard_grads;    // [shard][parameter]; NULL for shard 0, which uses the parameters' own
    double *squares;        // one per thread
    size_t size;            // flattened elements
} Reduction;

/* Room for the gradients of one shard per thread. Caller frees with reduction_free, before both. */
Reduction *reduction_new(Parameters *parameters, Threads *threads);
void reduction_free(Reduction *reduction); // NULL is allowed

/* Where a shard's graph adds its gradients: its Graph.parameter_grads. */
real **reduction_shard_grads(const Reduction *reduction, int shard);

typedef struct {
    double loss;         // over all shards
    double grad_squares; // of all elements of the summed gradient: its norm, squared
} ReductionSum;

/* Sums the shards' gradients into the parameters' own, and their losses (one per shard). */
ReductionSum reduction_sum(Reduction *reduction, const double *losses);

/* Adds to sum and to the parameters' gradients those of the other ranks, which call this as well.
 * false: interrupted, and both are of no use. */
bool reduction_sum_ranks(Reduction *reduction, ReductionSum *sum);

#endif
