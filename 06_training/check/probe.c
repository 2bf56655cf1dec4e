#include "06_training/check/probe.h"

#include <stdlib.h>
#include <string.h>

#include "06_training/decoding/greedy.h"
#include "06_training/decoding/search.h"
#include "common/backward.h"
#include "common/ops.h"
#include "common/random.h"
#include "common/vector.h"

enum { MORE_PAD = 8 };

/* ---- Batches --------------------------------------------------------------------------------- */

const size_t *probe_first(size_t count) {
    size_t *indices = graph_alloc(count * sizeof *indices);
    for (size_t i = 0; i < count; i++) indices[i] = i;
    return indices;
}

/* ids (B,*L) -> (B,*L + MORE_PAD), filled up. */
static int *with_pad(const int *ids, int B, int *L) {
    const int wide = *L + MORE_PAD;
    int *to = graph_alloc((size_t)(B * wide) * sizeof *to);
    for (int i = 0; i < B * wide; i++)
        to[i] = i % wide < *L ? ids[i / wide * *L + i % wide] : TOKEN_PAD;
    *L = wide;
    return to;
}

Batch probe_more_src_pad(Batch batch) {
    batch.src = with_pad(batch.src, batch.B, &batch.S);
    return batch;
}

Batch probe_more_tgt_pad(Batch batch) {
    int T = batch.T; // of the labels, which are as wide
    batch.labels = with_pad(batch.labels, batch.B, &T);
    batch.tgt = with_pad(batch.tgt, batch.B, &batch.T);
    return batch;
}

/* Every row ends with another token than it did, be it <pad>. */
static Batch other_last_token(Batch batch) {
    const size_t bytes = (size_t)(batch.B * batch.T) * sizeof(int);
    int *tgt = graph_alloc(bytes);
    memcpy(tgt, batch.tgt, bytes);
    for (int i = batch.T - 1; i < batch.B * batch.T; i += batch.T)
        tgt[i] = tgt[i] == TOKEN_TEXT ? TOKEN_TEXT + 1 : TOKEN_TEXT;
    batch.tgt = tgt;
    return batch;
}

/* ---- What a model makes of a batch ----------------------------------------------------------- */

static const Tensor *logits_of(const Transformer *model, Batch batch) { // (B,T,V)
    return transformer_logits(model, transformer_forward(model, &batch, NULL));
}

double probe_loss(const Transformer *model, Batch batch) {
    return (double)tensor_item(transformer_loss(model, &batch, 0)) /
           cross_entropy_count(batch.labels, batch.B * batch.T, TOKEN_PAD);
}

double probe_later_token(const Transformer *model, Batch batch) {
    const Tensor *a = logits_of(model, batch); // (B,T,V)
    const Tensor *b = logits_of(model, other_last_token(batch));
    const size_t sentence = a->size / (size_t)batch.B, V = (size_t)a->shape[2];
    double largest = 0;
    for (int i = 0; i < batch.B; i++) {
        const size_t at = (size_t)i * sentence; // all places but the last are compared
        largest = fmax(largest, vector_max_difference(a->data + at, b->data + at, sentence - V));
    }
    return largest;
}

/* Where its own words are the labels, rounding alone may make them differ. */
double probe_agreement(const Transformer *model, Batch batch) {
    const Tensor *logits = logits_of(model, batch); // (B,T,V)
    const int V = logits->shape[2], places = batch.B * batch.T;
    int agreed = 0;
    for (int i = 0; i < places; i++)
        agreed += batch.labels[i] != TOKEN_PAD &&
                  greedy_token(logits->data + (size_t)i * (size_t)V, V) == batch.labels[i];
    return (double)agreed / cross_entropy_count(batch.labels, places, TOKEN_PAD);
}

double probe_already_read(Batch batch) {
    const int places = batch.B * batch.T;
    int same = 0;
    for (int i = 0; i < places; i++)
        same += batch.labels[i] != TOKEN_PAD && batch.labels[i] == batch.tgt[i];
    return (double)same / cross_entropy_count(batch.labels, places, TOKEN_PAD);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

typedef struct {
    const ProbeCourse *course;
    const Transformer *model;
} Lesson;

/* Whole sentences go to a shard, as in a run. */
static Tensor *shard_loss(void *context, int shard, int shards) {
    const Lesson *lesson = context;
    const ProbeCourse *course = lesson->course;
    const ThreadShare share = threads_share(course->count, shard, shards);
    if (share.count == 0) return NULL;
    const Batch batch = encoded_pairs_batch(course->pairs, course->indices + share.first,
                                            share.count, &graph_current()->arena);
    return transformer_loss(lesson->model, &batch, 0);
}

/* Takes the course's steps with the trainer, whose parameters are the model's, without label
 * smoothing. result: the last step's, its loss that of a token. Returns how many steps it took; 0:
 * an error. */
static int probe_steps(const ProbeCourse *course, const Transformer *model, Trainer *trainer,
                       TrainerResult *result, Error *err) {
    Lesson lesson = {course, model};
    const double targets =
        (double)encoded_pairs_targets(course->pairs, course->indices, course->count);
    for (int i = 1; i <= course->steps; i++) {
        const TrainerStep step = {.loss = shard_loss,
                                  .context = &lesson,
                                  .scale = 1 / targets,
                                  .lr = i < course->warmup ? course->lr * i / (double)course->warmup
                                                           : course->lr};
        if (!trainer_step(trainer, &step, result, err)) return 0;
        result->loss /= targets;
        if (result->loss < course->enough) return i;
    }
    return course->steps;
}

/* A step of rate 0 leaves the weights; the trainer is another one than a run's, whose moments stay
 * as they are. */
bool probe_norm(const ProbeCourse *course, Transformer *model, int shards, double *norm,
                Error *err) {
    ProbeCourse once = *course;
    once.steps = 1;
    once.lr = 0;
    Trainer *trainer = trainer_new(&model->parameters, adam_paper(), shards, 0, 0);
    for (int i = 0; i < shards; i++) {
        graph_use(trainer->graphs[i]);
        graph_restore((GraphMode){true, false}); // recording, not training
    }
    TrainerResult result;
    const bool taken = probe_steps(&once, model, trainer, &result, err) > 0;
    *norm = result.grad_norm;
    graph_use(NULL);
    trainer_free(trainer);
    return taken;
}

Transformer *probe_overfit(const TransformerConfig *config, uint64_t seed,
                           const ProbeCourse *course, double clip, double *loss, int *steps,
                           Error *err) {
    Random random;
    random_seed(&random, seed);
    Transformer *model = transformer_new(config, &random);
    Trainer *trainer = trainer_new(&model->parameters, adam_paper(), 1, 1, clip);
    TrainerResult result;
    *steps = probe_steps(course, model, trainer, &result, err);
    *loss = result.loss;
    graph_use(NULL);
    trainer_free(trainer);
    if (*steps) return model;
    transformer_free(model);
    return NULL;
}

int probe_exact(const Transformer *model, const EncodedPairs *pairs, const size_t *indices,
                size_t count, int max_length) {
    const Batch batch = encoded_pairs_batch(pairs, indices, count, &graph_current()->arena);
    IntArray *said = memory_calloc(count * sizeof *said);
    int *limits = graph_alloc(count * sizeof *limits); // as long as it needs
    SearchOptions options = search_greedy();
    options.limits = limits;
    for (size_t i = 0; i < count; i++) limits[i] = pairs->pair[indices[i]].tgt_length + 10;
    search_batch(model, batch.src, batch.B, batch.S, max_length, options, said);
    int exact = 0;
    for (size_t i = 0; i < count; i++) {
        const EncodedPair *pair = &pairs->pair[indices[i]];
        const size_t length = (size_t)pair->tgt_length - 2; // without <s> and </s>
        exact += said[i].count == length &&
                 (length == 0 || memcmp(said[i].data, pairs->ids + pair->tgt + 1,
                                        length * sizeof *said[i].data) == 0);
        free(said[i].data);
    }
    free(said);
    return exact;
}

void probe_gradients(const Transformer *model, Batch batch) {
    Graph *graph = graph_current();
    const GraphMode before = {graph->recording, graph->training};
    graph_restore((GraphMode){true, false});
    const int targets = cross_entropy_count(batch.labels, batch.B * batch.T, TOKEN_PAD);
    backward(op_scale(transformer_loss(model, &batch, 0), 1 / (real)targets));
    graph_restore(before);
}
