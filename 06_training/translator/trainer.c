#include "06_training/translator/trainer.h"

#include <stdlib.h>

#include "common/backward.h"
#include "common/random.h"

/* Shard 0 adds into the parameters' own gradients, the others into copies: n - 1 copies for n
 * threads. */
Trainer *trainer_new(Parameters *parameters, AdamConfig adam, int threads, uint64_t seed,
                     double clip) {
    const size_t count = (size_t)threads, tensors = (size_t)parameters->count;
    Trainer *trainer = memory_calloc(sizeof *trainer);
    *trainer = (Trainer){.parameters = parameters,
                         .optimizer = optimizer_new(parameters, adam),
                         .threads = threads_new(threads),
                         .graphs = memory_calloc(count * sizeof *trainer->graphs),
                         .shard_grads = memory_calloc(count * sizeof *trainer->shard_grads),
                         .seed = seed,
                         .clip = clip,
                         .losses = memory_calloc(count * sizeof(double)),
                         .norms = memory_calloc(count * sizeof(double))};
    for (size_t i = 0; i < count; i++) {
        trainer->graphs[i] = graph_new();
        if (i == 0) continue;
        trainer->shard_grads[i] = memory_calloc(tensors * sizeof(real *));
        for (size_t k = 0; k < tensors; k++)
            trainer->shard_grads[i][k] = memory_calloc(parameters->items[k]->size * sizeof(real));
        trainer->graphs[i]->parameter_grads = trainer->shard_grads[i];
    }
    return trainer;
}

/* In the reverse order of what points to what; the parameters are the caller's. */
void trainer_free(Trainer *trainer) {
    if (!trainer) return;
    for (int i = 0; i < threads_count(trainer->threads); i++) {
        for (int k = 0; k < trainer->parameters->count && trainer->shard_grads[i]; k++)
            free(trainer->shard_grads[i][k]);
        free(trainer->shard_grads[i]);
        graph_free(trainer->graphs[i]);
    }
    threads_free(trainer->threads);
    optimizer_free(trainer->optimizer);
    free(trainer->shard_grads);
    free(trainer->graphs);
    free(trainer->losses);
    free(trainer->norms);
    free(trainer);
}

typedef struct {
    Trainer *trainer;
    ShardLoss loss;
    void *context;
    double scale, lr;
} Step;

/* The dropout key depends on seed, step and shard alone, so a resumed run drops what the
 * interrupted one would have dropped. */
static void differentiate_shard(void *context, int i) {
    const Step *step = context;
    Trainer *t = step->trainer;
    Graph *graph = t->graphs[i];
    graph_use(graph);
    graph_reset(graph);
    const uint64_t number = (uint64_t)t->optimizer->step;
    graph->dropout_key = random_mix64(random_mix64(t->seed + number) + (uint64_t)i);
    t->losses[i] = 0;
    Tensor *loss = step->loss(step->context, i);
    if (!loss) return;
    t->losses[i] = tensor_item(loss);
    backward(loss);
}

/* The flattened elements that thread i of n looks after. */
static size_t range_start(const Trainer *t, int i) {
    return t->optimizer->size * (size_t)i / (size_t)threads_count(t->threads);
}

/* Adds the shards' gradients to the parameters' own, in the order of the shards, and clears them;
 * norms[i] becomes the sum of the squares of the result. */
static void reduce_range(void *context, int i) {
    Trainer *t = ((const Step *)context)->trainer;
    const size_t first = range_start(t, i), count = range_start(t, i + 1) - first;
    for (ParameterRun run = {0}; parameters_next_run(t->parameters, first, count, &run);)
        for (int shard = 1; shard < threads_count(t->threads); shard++) {
            real *to = run.tensor->grad + run.first;
            real *from = t->shard_grads[shard][run.tensor->parameter] + run.first;
            for (size_t k = 0; k < run.count; k++) {
                to[k] += from[k];
                from[k] = 0;
            }
        }
    t->norms[i] = parameters_grad_squares(t->parameters, first, count);
}

/* Elements are independent in Adam, so ranges need no agreement between threads. */
static void update_range(void *context, int i) {
    const Step *step = context;
    const size_t first = range_start(step->trainer, i);
    optimizer_step_range(step->trainer->optimizer, step->lr, step->scale, first,
                         range_start(step->trainer, i + 1) - first);
}

bool trainer_check_weights(const Trainer *trainer, Error *err) {
    size_t element;
    const Tensor *weight = parameters_not_finite(trainer->parameters, &element);
    if (!weight) return true;
    return error_set(err, "step %ld: %s holds %g at element %zu", (long)trainer->optimizer->step,
                     weight->name, (double)weight->data[element], element);
}

/* Why this step cannot be taken. A weight that went wrong in the step before is the cause;
 * gradients would only tell what it spoiled. */
static bool not_finite(const Trainer *t, const StepResult *result, Error *err) {
    const long step = (long)t->optimizer->step + 1;
    if (!trainer_check_weights(t, err)) return false;
    const Tensor *bad = parameters_grad_not_finite(t->parameters);
    return error_set(err,
                     "step %ld: the loss is %g and the gradient of %s is not finite; a smaller "
                     "--lr or a longer --warmup may help",
                     step, result->loss, bad ? bad->name : "no tensor");
}

/* Three rounds of the team with a barrier after each: all gradients before the sums, all sums
 * before the norm that decides about clipping, and the norm before any weight moves. */
bool trainer_step(Trainer *trainer, ShardLoss loss, void *context, double scale, double lr,
                  StepResult *result, Error *err) {
    Step step = {trainer, loss, context, scale, lr};
    const int threads = threads_count(trainer->threads);
    threads_run(trainer->threads, differentiate_shard, &step);
    threads_run(trainer->threads, reduce_range, &step);
    *result = (StepResult){0};
    for (int i = 0; i < threads; i++) {
        result->loss += trainer->losses[i];
        result->grad_norm += trainer->norms[i];
    }
    result->grad_norm = scale * sqrt(result->grad_norm);
    if (!isfinite(result->loss) || !isfinite(result->grad_norm))
        return not_finite(trainer, result, err);
    if (trainer->clip > 0 && result->grad_norm > trainer->clip)
        // Shortened, not cut element by element: the direction stays (Pascanu et al. 2013, section
        // 3.2).
        step.scale *= trainer->clip / result->grad_norm;
    optimizer_begin(trainer->optimizer);
    threads_run(trainer->threads, update_range, &step);
    return true;
}

/* step^-0.5 and step warmup^-1.5 of the paper's equation 3 cross at step = warmup; here both are
 * divided by their value there, so that `peak` is the rate at the top. */
double inverse_square_root_lr(double peak, long warmup, long step) {
    if (step < warmup) return peak * (double)step / (double)warmup;
    return warmup ? peak * sqrt((double)warmup / (double)step) : peak;
}
