#include "06_training/translator/batch_step.h"

#include <stdlib.h>

#include "06_training/trainer/ranks.h"

/* ---- A step ---------------------------------------------------------------------------------- */

typedef struct {
    const BatchStep *batch_step;
    const size_t *indices; // (count): the batch's pairs
    size_t count;
} Working;

/* Summed, not averaged, over the shard's targets: shards differ in length, and a mean of means
 * would give short ones more weight. */
static Tensor *shard_loss(void *context, int shard, int shards) {
    const Working *working = context;
    const BatchStep *s = working->batch_step;
    const ThreadShare share = threads_share(working->count, shard, shards); // whole sentences
    if (share.count == 0) return NULL;
    Arena *arena = &graph_current()->arena;
    const size_t *indices = working->indices + share.first;
    if (s->consistency == 0) {
        const Batch once = encoded_pairs_batch(s->pairs, indices, share.count, arena);
        return transformer_loss(s->model, &once, (real)s->label_smoothing);
    }
    size_t *again = arena_alloc(arena, 2 * share.count * sizeof *again);
    memcpy(again, indices, share.count * sizeof *again);
    memcpy(again + share.count, indices, share.count * sizeof *again);
    const Batch twice = encoded_pairs_batch(s->pairs, again, 2 * share.count, arena);
    Tensor *loss =
        transformer_loss_twice(s->model, &twice, (real)s->label_smoothing, (real)s->consistency);
    return op_scale(loss, (real)0.5); // of each target, what both readings cost on average
}

/* The shards have their own ids, padded to the longest of each shard: cutting a batch up costs no
 * padding. */
static bool take(const BatchStep *batch_step, const size_t *indices, size_t count, double lr,
                 TrainerResult *result, Error *err) {
    Working working = {batch_step, indices, count};
    const TrainerStep step = {
        .loss = shard_loss,
        .context = &working,
        // The mean over targets, not over sentences: a long sentence teaches more than a short one.
        .scale = 1 / (double)encoded_pairs_targets(batch_step->pairs, indices, count),
        .lr = lr};
    return trainer_step(batch_step->trainer, &step, result, err);
}

/* ---- The same on every rank ------------------------------------------------------------------ */

/* What is told of a step; as many places follow. */
typedef struct {
    size_t count;
    double lr;
} Announcement;

/* Told, not worked out by every rank: the rate may follow rank 0's clock, and the order of the
 * pairs is the run's. */
bool batch_step_take(const BatchStep *batch_step, const size_t *indices, size_t count, double lr,
                     TrainerResult *result, Error *err) {
    if (!batch_step->trainer->ranked) return take(batch_step, indices, count, lr, result, err);
    Announcement announcement = {count, lr};
    size_t *places = memory_alloc(count * sizeof *places); // MPI's may not be const
    memcpy(places, indices, count * sizeof *places);
    bool taken = true;
    if (ranks_call() && ranks_broadcast(&announcement, sizeof announcement) &&
        ranks_broadcast(places, count * sizeof *places))
        taken = take(batch_step, places, count, lr, result, err);
    else
        *result = (TrainerResult){.given_up = true};
    free(places);
    ranks_rest();
    return taken;
}

/* The other rank's half. What is wrong with a step is wrong on all ranks: rank 0 says so. */
static bool follow_step(const BatchStep *batch_step) {
    Announcement step;
    TrainerResult result;
    Error err;
    if (!ranks_broadcast(&step, sizeof step)) return false;
    size_t *places = memory_alloc(step.count * sizeof *places);
    const bool told = ranks_broadcast(places, step.count * sizeof *places);
    if (told) take(batch_step, places, step.count, step.lr, &result, &err);
    free(places);
    ranks_rest();
    return told;
}

/* ---- What every step needs ------------------------------------------------------------------- */

/* Of which model and trainer another rank makes the like. */
typedef struct {
    TransformerConfig config;
    double label_smoothing, consistency, clip;
    AdamConfig adam;
    bool muon; // for the matrices
    int64_t step;
    uint64_t seed;
    int threads;
    size_t pairs, ids; // how many there are
} Shared;

/* Into what is there already, and of the same size, on every rank. */
static bool broadcast_contents(const BatchStep *s, size_t ids) {
    const Parameters *parameters = s->trainer->parameters;
    Optimizer *optimizer = s->trainer->optimizer;
    bool told = true;
    for (int i = 0; told && i < parameters->count; i++)
        told =
            ranks_broadcast(parameters->items[i]->data, parameters->items[i]->size * sizeof(real));
    return told && ranks_broadcast(optimizer->m, optimizer->size * sizeof(real)) &&
           ranks_broadcast(optimizer->v, optimizer->size * sizeof(real)) &&
           ranks_broadcast(s->pairs->pair, s->pairs->count * sizeof *s->pairs->pair) &&
           ranks_broadcast(s->pairs->ids, ids * sizeof *s->pairs->ids);
}

/* Interrupted, it has no effect: nor will there be a step. */
void batch_step_share(const BatchStep *s) {
    if (ranks_count() == 1) return;
    const EncodedPair *last = &s->pairs->pair[s->pairs->count - 1]; // its ids are the last
    Shared shared = {.config = s->model->config,
                     .label_smoothing = s->label_smoothing,
                     .consistency = s->consistency,
                     .clip = s->trainer->clip,
                     .adam = s->trainer->optimizer->config,
                     .muon = s->trainer->optimizer->muon != NULL,
                     .step = s->trainer->optimizer->step,
                     .seed = s->trainer->seed,
                     .threads = threads_count(s->trainer->threads),
                     .pairs = s->pairs->count,
                     .ids = last->tgt + (size_t)last->tgt_length};
    s->trainer->ranked = true;
    if (ranks_call() && ranks_broadcast(&shared, sizeof shared)) broadcast_contents(s, shared.ids);
    ranks_rest();
}

int batch_step_follow(void) {
    Shared shared;
    if (!ranks_wait()) return 0;
    if (!ranks_broadcast(&shared, sizeof shared)) return 1;
    EncodedPairs pairs = {.ids = memory_alloc(shared.ids * sizeof *pairs.ids),
                          .pair = memory_alloc(shared.pairs * sizeof *pairs.pair),
                          .count = shared.pairs};
    Transformer *model = transformer_new(&shared.config, NULL);
    Trainer *trainer =
        trainer_new(&model->parameters, shared.adam, shared.threads, shared.seed, shared.clip);
    const BatchStep batch_step = {model, trainer, &pairs, shared.label_smoothing,
                                  shared.consistency};
    trainer->optimizer->step = shared.step;
    if (shared.muon) optimizer_use_muon(trainer->optimizer, transformer_is_hidden);
    trainer->ranked = true;
    bool good = broadcast_contents(&batch_step, shared.ids);
    while (good && ranks_wait()) good = follow_step(&batch_step);
    trainer_free(trainer);
    transformer_free(model);
    encoded_pairs_free(&pairs);
    return good ? 0 : 1;
}
