/* trainer.h - one optimizer step, shared out over threads.
 *
 * A batch is cut into shards, one per thread. Each has its own graph and its own gradients, so that
 * forward and backward run side by side and know nothing of each other; then the gradients are
 * summed (reduction.h), clipped (clipping.h), and Adam takes one step. Same seed and same number of
 * threads: same bytes.
 *
 * With several ranks (ranks.h) the threads of all of them are one team: rank r of N with M threads
 * computes shards r M to r M + M - 1 of N M, and every rank takes the same step.
 */
#ifndef TRAINER_H
#define TRAINER_H

#include "06_training/trainer/reduction.h"
#include "06_training/trainer/threads.h"
#include "common/optimizer.h"

/* The loss of shard 0 .. shards - 1 of a batch, summed over what it predicts, as a scalar of the
 * current graph; NULL if the shard is empty (threads_share cuts). Called on the shard's thread. */
typedef Tensor *ShardLoss(void *context, int shard, int shards);

/* Somebody who looks at the gradient of a step, before Adam takes it: the parameters hold it, to be
 * multiplied by scale, and by what clipping leaves of it. */
typedef void TrainerLook(void *context, double scale, double clipping);

typedef struct {
    Parameters *parameters; // not owned
    Optimizer *optimizer;
    Threads *threads;
    Graph **graphs; // one per thread; also free for other work between steps
    Reduction *reduction;
    double *losses;    // one per thread
    uint64_t seed;     // of dropout
    double clip;       // largest norm of the gradient; 0: no clipping
    bool ranked;       // every rank takes each of its steps; false: this one alone
    TrainerLook *look; // NULL: nobody looks
    void *look_context;
} Trainer;

/* Caller frees with trainer_free, before the parameters. */
Trainer *trainer_new(Parameters *parameters, AdamConfig adam, int threads, uint64_t seed,
                     double clip);
void trainer_free(Trainer *trainer); // NULL is allowed

/* What a step is to do. */
typedef struct {
    ShardLoss *loss;
    void *context; // loss's
    double scale;  // of the summed gradient: 1 / targets makes it the gradient of the mean
    double lr;
} TrainerStep;

typedef struct {
    double loss;      // the sum over all shards
    double grad_norm; // of scale times the summed gradient, before clipping
    bool given_up;    // interrupted before the other ranks had answered: nothing has changed
} TrainerResult;

/* Forward, backward and one Adam step of size lr along scale times the summed gradient. A loss or
 * gradient that is infinite or NaN is an error that names the step and the first tensor concerned;
 * the parameters have then not changed. */
bool trainer_step(Trainer *trainer, const TrainerStep *step, TrainerResult *result, Error *err);

/* Whether all weights and Adam's moments are finite numbers; if not, err names the step and the
 * first tensor that has others. */
bool trainer_check_weights(const Trainer *trainer, Error *err);

#endif
