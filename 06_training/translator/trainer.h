/* trainer.h - one optimizer step, shared out over threads.
 *
 * A batch is cut into shards, one per thread. Each has its own graph and its own gradients, so that
 * forward and backward run side by side and know nothing of each other; then the gradients are
 * added in the order of the shards, clipped, and Adam takes one step. Same seed and same number of
 * threads: same bytes.
 */
#ifndef TRAINER_H
#define TRAINER_H

#include "06_training/translator/threads.h"
#include "common/optimizer.h"

/* The loss of one shard, summed over what it predicts, as a scalar of the current graph; NULL if
 * the shard is empty. Called on the shard's thread. */
typedef Tensor *(*ShardLoss)(void *context, int shard);

typedef struct {
    Parameters *parameters; // not owned
    Optimizer *optimizer;
    Threads *threads;
    Graph **graphs;         // one per thread; also free for other work between steps
    real ***shard_grads;    // [shard][parameter]; shard 0 uses the parameters' own
    uint64_t seed;          // of dropout
    double clip;            // largest norm of the gradient; 0: no clipping
    double *losses, *norms; // one per thread
} Trainer;

/* Caller frees with trainer_free, before the parameters. */
Trainer *trainer_new(Parameters *parameters, AdamConfig adam, int threads, uint64_t seed,
                     double clip);
void trainer_free(Trainer *trainer); // NULL is allowed

typedef struct {
    double loss;      // the sum over all shards
    double grad_norm; // of scale times the summed gradient, before clipping
} StepResult;

/* Forward, backward and one Adam step of size lr along scale times the summed gradient (scale is
 * 1 / targets for a mean). A loss or gradient that is infinite or NaN is an error that names the
 * step and the first tensor concerned; the parameters have then not changed. */
bool trainer_step(Trainer *trainer, ShardLoss loss, void *context, double scale, double lr,
                  StepResult *result, Error *err);

/* Whether all weights are finite numbers; if not, err names the step and the first tensor that has
 * others. */
bool trainer_check_weights(const Trainer *trainer, Error *err);

/* The inverse square root schedule (Vaswani et al. 2017, section 5.3): step 1 .. warmup climbs
 * linearly to peak, afterwards peak sqrt(warmup / step). The paper's own peak is
 * 1 / sqrt(d_model warmup). warmup 0: peak always. */
double inverse_square_root_lr(double peak, long warmup, long step);

#endif
