#include "06_training/trainer/trainer.h"

#include <stdlib.h>

#include "06_training/trainer/clipping.h"
#include "06_training/trainer/ranks.h"
#include "common/backward.h"
#include "common/random.h"

/* Every thread's graph is told once where its shard's gradients go. */
Trainer *trainer_new(Parameters *parameters, AdamConfig adam, int threads, uint64_t seed,
                     double clip) {
    const size_t count = (size_t)threads;
    Trainer *trainer = memory_calloc(sizeof *trainer);
    *trainer = (Trainer){.parameters = parameters,
                         .optimizer = optimizer_new(parameters, adam),
                         .threads = threads_new(threads),
                         .graphs = memory_calloc(count * sizeof *trainer->graphs),
                         .losses = memory_calloc(count * sizeof(double)),
                         .seed = seed,
                         .clip = clip};
    trainer->reduction = reduction_new(parameters, trainer->threads);
    for (int i = 0; i < threads; i++) {
        trainer->graphs[i] = graph_new();
        trainer->graphs[i]->parameter_grads = reduction_shard_grads(trainer->reduction, i);
        trainer->graphs[i]->recycle = tensor_recycle; // the parameters' gradients are all we ask
    }
    return trainer;
}

/* In the reverse order of what points to what; the parameters are the caller's. */
void trainer_free(Trainer *trainer) {
    if (!trainer) return;
    for (int i = 0; i < threads_count(trainer->threads); i++) graph_free(trainer->graphs[i]);
    reduction_free(trainer->reduction);
    threads_free(trainer->threads);
    optimizer_free(trainer->optimizer);
    free(trainer->graphs);
    free(trainer->losses);
    free(trainer);
}

/* A step under way, as its threads see it. */
typedef struct {
    Trainer *trainer;
    const TrainerStep *step;
    double scale; // step's, and clipping
} Working;

/* The dropout key depends on seed, step and shard alone, so a resumed run drops what the
 * interrupted one would have dropped, and several ranks what one of as many threads would. */
static void differentiate_shard(void *context, int i) {
    const Working *working = context;
    Trainer *t = working->trainer;
    const int threads = threads_count(t->threads), ranks = t->ranked ? ranks_count() : 1;
    const int shard = t->ranked ? ranks_number() * threads + i : i;
    Graph *graph = t->graphs[i];
    graph_use(graph);
    graph_reset(graph);
    const uint64_t number = (uint64_t)t->optimizer->step;
    graph->dropout_key = random_mix64(random_mix64(t->seed + number) + (uint64_t)shard);
    t->losses[i] = 0;
    const TrainerStep *step = working->step;
    Tensor *loss = step->loss(step->context, shard, ranks * threads); // ()
    if (!loss) return; // a batch of few sentences has none for some threads
    t->losses[i] = tensor_item(loss);
    backward(loss);
}

/* Elements are independent in Adam, and bands in Muon: shares need no agreement between threads. */
static void update_share(void *context, int i) {
    const Working *working = context;
    Trainer *t = working->trainer;
    const double lr = working->step->lr;
    const int threads = threads_count(t->threads);
    const ThreadShare share = threads_share(t->optimizer->size, i, threads);
    const ThreadShare bands = threads_share(optimizer_bands(t->optimizer), i, threads);
    const ProfilePlace before = profile_enter(PROFILE_OPTIMIZER);
    optimizer_step_range(t->optimizer, lr, working->scale, share.first, share.count);
    optimizer_step_bands(t->optimizer, lr, working->scale, bands.first, bands.count);
    profile_leave(before);
}

bool trainer_check_weights(const Trainer *trainer, Error *err) {
    size_t element;
    const Tensor *weight = parameters_not_finite(trainer->parameters, &element);
    const long step = (long)trainer->optimizer->step;
    if (weight)
        return error_set(err, "step %ld: %s holds %g at element %zu", step, weight->name,
                         (double)weight->data[element], element);
    const char *moment = optimizer_not_finite(trainer->optimizer);
    return !moment || error_set(err, "step %ld: Adam's moments of %s are not finite", step, moment);
}

/* Why this step cannot be taken. A weight that went wrong in the step before is the cause;
 * gradients would only tell what it spoiled. */
static bool not_finite(const Trainer *t, const TrainerResult *result, Error *err) {
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
bool trainer_step(Trainer *trainer, const TrainerStep *step, TrainerResult *result, Error *err) {
    Working working = {trainer, step, step->scale};
    threads_run(trainer->threads, differentiate_shard, &working);
    ReductionSum sum = reduction_sum(trainer->reduction, trainer->losses);
    if (trainer->ranked && !reduction_sum_ranks(trainer->reduction, &sum)) {
        *result = (TrainerResult){.given_up = true};
        return true;
    }
    *result = (TrainerResult){sum.loss, step->scale * sqrt(sum.grad_squares), false};
    if (!isfinite(result->loss) || !isfinite(result->grad_norm))
        return not_finite(trainer, result, err);
    // The update multiplies by a scale anyway: clipping costs no pass over the gradients.
    const double clipping = clipping_scale(result->grad_norm, trainer->clip);
    if (trainer->look) trainer->look(trainer->look_context, step->scale, clipping);
    working.scale *= clipping;
    optimizer_begin(trainer->optimizer);
    threads_run(trainer->threads, update_share, &working);
    return true;
}
