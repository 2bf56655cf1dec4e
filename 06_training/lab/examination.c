#include "06_training/lab/examination.h"

#include <stdlib.h>
#include <string.h>

#include "01_embeddings/tokens.h"
#include "05_encoder_decoder/shift_right.h"
#include "06_training/translator/greedy.h"
#include "06_training/translator/translation.h"
#include "common/random.h"
#include "common/vector.h"

enum { MORE_PAD = 8, FEW_PAIRS = 8, FEW_STEPS = 100 };

/* An examination takes place in the run's first graph, without dropout, and is forgotten. */
static GraphMode enter(const Run *run) {
    graph_use(run->trainer->graphs[0]);
    graph_reset(graph_current());
    return graph_quiet();
}

/* What was measured is a number by now; tensors and batches go. */
static void leave(GraphMode before) {
    graph_reset(graph_current());
    graph_restore(before);
}

/* ---- Batches --------------------------------------------------------------------------------- */

/* The places of the first pairs, as training hands over those of a batch. */
static const size_t *first_pairs(size_t count) {
    size_t *indices = graph_alloc(count * sizeof *indices);
    for (size_t i = 0; i < count; i++) indices[i] = i;
    return indices;
}

/* The first validation pairs, as training would make a batch of them. They come in random order, so
 * that long and short ones are together and there is <pad>; training sorts by length. */
static Batch made_batch(const Run *run, size_t count) {
    return encoded_pairs_batch(&run->validation.pairs, first_pairs(count), count,
                               &graph_current()->arena);
}

/* Rows of different lengths as one rectangle (B,*width), TOKEN_PAD-filled. */
static int *rectangle(const IntArray rows[SYMPTOM_PAIRS], int *width) {
    *width = 0;
    for (int b = 0; b < SYMPTOM_PAIRS; b++)
        if ((int)rows[b].count > *width) *width = (int)rows[b].count;
    int *ids = graph_alloc(SYMPTOM_PAIRS * (size_t)*width * sizeof *ids);
    for (int i = 0; i < SYMPTOM_PAIRS * *width; i++) {
        const IntArray *row = &rows[i / *width];
        ids[i] = i % *width < (int)row->count ? row->data[i % *width] : TOKEN_PAD;
    }
    return ids;
}

/* The same pairs, from the text: what a translator is to read, and what it is to say. Nothing of
 * the modules that make training's batches has a part in it: if those go wrong, the two differ. */
static Batch text_batch(const Run *run) {
    const Pairs *text = run->validation.text;
    IntArray src[SYMPTOM_PAIRS] = {{0}}, labels[SYMPTOM_PAIRS] = {{0}};
    Batch batch = {.B = SYMPTOM_PAIRS};
    for (int b = 0; b < batch.B; b++) {
        tokens_append_source(run->translator.bpe, text->src.line[b], &src[b]);
        tokens_append_source(run->translator.bpe, text->tgt.line[b], &labels[b]); // and </s>
    }
    batch.src = rectangle(src, &batch.S);
    batch.labels = rectangle(labels, &batch.T);
    int *tgt = graph_alloc((size_t)(batch.B * batch.T) * sizeof *tgt);
    shift_right(tgt, batch.labels, batch.B, batch.T, TOKEN_BOS); // (B,T)
    batch.tgt = tgt;
    for (int b = 0; b < batch.B; b++) free(src[b].data), free(labels[b].data);
    return batch;
}

/* ids (B,L) -> (B,L + MORE_PAD). A batch is as wide as its longest sentence: this is what a longer
 * one would do to the others. */
static int *with_more_pad(const int *ids, int B, int L) {
    const int wide = L + MORE_PAD;
    int *to = graph_alloc((size_t)(B * wide) * sizeof *to);
    for (int i = 0; i < B * wide; i++)
        to[i] = i % wide < L ? ids[i / wide * L + i % wide] : TOKEN_PAD;
    return to;
}

/* Keys that are masked: nothing may change. */
static Batch more_src_pad(Batch batch) {
    batch.src = with_more_pad(batch.src, batch.B, batch.S);
    batch.S += MORE_PAD;
    return batch;
}

/* Places that are not predicted, and that no earlier place sees: nothing may change. */
static Batch more_tgt_pad(Batch batch) {
    batch.tgt = with_more_pad(batch.tgt, batch.B, batch.T);
    batch.labels = with_more_pad(batch.labels, batch.B, batch.T);
    batch.T += MORE_PAD;
    return batch;
}

/* Sentence b reads the source of sentence b + 1. A translator must be lost then; a model that
 * answers from the target alone does not mind. */
static Batch other_source(Batch batch) {
    const size_t row = (size_t)batch.S, size = (size_t)batch.B * row;
    int *src = graph_alloc(size * sizeof *src);
    memcpy(src, batch.src + row, (size - row) * sizeof *src);
    memcpy(src + size - row, batch.src, row * sizeof *src);
    batch.src = src;
    return batch;
}

/* Every row ends with another token than it did, be it <pad>: what is predicted before it must not
 * know. */
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

/* Of a target token. What is predicted is counted here, whatever the loss has summed. */
static double loss_of(const Run *run, Batch batch) {
    return (double)tensor_item(transformer_loss(run->translator.model, &batch, 0)) /
           cross_entropy_count(batch.labels, batch.B * batch.T, TOKEN_PAD);
}

static const Tensor *logits_of(const Run *run, Batch batch) { // (B,T,V)
    const Transformer *model = run->translator.model;
    return transformer_logits(model, transformer_forward(model, &batch, NULL));
}

/* The largest change of a logit between two batches, last places left out. */
static double earlier_change(const Run *run, Batch batch, Batch other) {
    const Tensor *a = logits_of(run, batch), *b = logits_of(run, other); // (B,T,V)
    const size_t sentence = a->size / (size_t)batch.B, V = (size_t)a->shape[2];
    double largest = 0;
    for (int i = 0; i < batch.B; i++) {
        const size_t at = (size_t)i * sentence;
        largest = fmax(largest, vector_max_difference(a->data + at, b->data + at, sentence - V));
    }
    return largest;
}

/* The share of the places whose label is likeliest, by the rule that decoding chooses by: where its
 * own words are the labels, rounding alone may make them differ. */
static double agreement(const Run *run, Batch batch) {
    const Tensor *logits = logits_of(run, batch); // (B,T,V)
    const int V = logits->shape[2], places = batch.B * batch.T;
    int agreed = 0;
    for (int i = 0; i < places; i++)
        agreed += batch.labels[i] != TOKEN_PAD &&
                  greedy_token(logits->data + (size_t)i * (size_t)V, V) == batch.labels[i];
    return (double)agreed / cross_entropy_count(batch.labels, places, TOKEN_PAD);
}

/* The share of the places that read what they are to say. A word that comes twice in a row does so
 * by right. */
static double already_read(Batch batch) {
    const int places = batch.B * batch.T;
    int same = 0;
    for (int i = 0; i < places; i++)
        same += batch.labels[i] != TOKEN_PAD && batch.labels[i] == batch.tgt[i];
    return (double)same / cross_entropy_count(batch.labels, places, TOKEN_PAD);
}

/* One number for each, all of the same 64 pairs: what differs between two of them is what was done
 * to the batch. */
static void examine_batch(const Run *run, double *value) {
    const GraphMode before = enter(run);
    const Batch batch = made_batch(run, SYMPTOM_PAIRS);
    value[SYMPTOM_LOSS] = loss_of(run, batch);
    value[SYMPTOM_FROM_TEXT] = loss_of(run, text_batch(run));
    value[SYMPTOM_OTHER_SOURCE] = loss_of(run, other_source(batch));
    value[SYMPTOM_MORE_SRC_PAD] = loss_of(run, more_src_pad(batch));
    value[SYMPTOM_MORE_TGT_PAD] = loss_of(run, more_tgt_pad(batch));
    value[SYMPTOM_LATER_TOKEN] = earlier_change(run, batch, other_last_token(batch));
    value[SYMPTOM_ALREADY_READ] = already_read(batch);
    value[SYMPTOM_TEACHER] = agreement(run, batch);
    leave(before);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

/* A batch that the trainer is to take steps on. */
typedef struct {
    const EncodedPairs *pairs;
    const Transformer *model;
    size_t count; // the first ones
} Course;

/* Whole sentences go to a shard, as in a run. */
static Tensor *shard_loss(void *context, int shard, int shards) {
    const Course *course = context;
    const ThreadShare share = threads_share(course->count, shard, shards);
    if (share.count == 0) return NULL;
    const Batch batch = encoded_pairs_batch(course->pairs, first_pairs(course->count) + share.first,
                                            share.count, &graph_current()->arena);
    return transformer_loss(course->model, &batch, 0);
}

/* Takes `steps` steps of that rate on the same pairs, always. result: the last one's, with the loss
 * of a token. */
static bool take_steps(Course *course, Trainer *trainer, int steps, double lr,
                       TrainerResult *result, Error *err) {
    const long targets =
        encoded_pairs_targets(course->pairs, first_pairs(course->count), course->count);
    const TrainerStep step = {
        .loss = shard_loss, .context = course, .scale = 1 / (double)targets, .lr = lr};
    for (int i = 0; i < steps; i++)
        if (!trainer_step(trainer, &step, result, err)) return false;
    result->loss /= (double)targets;
    return true;
}

/* How a batch is cut up must not matter: the gradient is that of all its tokens. Without dropout,
 * which draws for each shard apart. A step of rate 0 leaves the weights; the trainer is another
 * one than the run's, whose moments stay as they are. */
static bool norm_in_shards(const Run *run, int shards, double *norm, Error *err) {
    Course course = {&run->validation.pairs, run->translator.model, SYMPTOM_PAIRS};
    Trainer *trainer = trainer_new(&run->translator.model->parameters, adam_paper(), shards, 0, 0);
    for (int i = 0; i < shards; i++) {
        graph_use(trainer->graphs[i]);
        graph_restore((GraphMode){true, false}); // recording, not training
    }
    TrainerResult result;
    const bool taken = take_steps(&course, trainer, 1, 0, &result, err);
    *norm = result.grad_norm;
    graph_use(NULL);
    trainer_free(trainer);
    return taken;
}

/* A model like the run's that sees a few pairs again and again: it must get them by heart. */
static bool overfit(const Run *run, double *loss, Error *err) {
    Random random;
    random_seed(&random, (uint64_t)run->state.seed);
    Transformer *model = transformer_new(&run->translator.model->config, &random);
    Course course = {&run->validation.pairs, model, FEW_PAIRS};
    Trainer *trainer = trainer_new(&model->parameters, adam_paper(), 1, 1, run->settings->clip);
    graph_use(trainer->graphs[0]);
    TrainerResult result;
    const bool taken = take_steps(&course, trainer, FEW_STEPS, 2e-3, &result, err);
    *loss = result.loss;
    graph_use(NULL);
    trainer_free(trainer);
    transformer_free(model);
    return taken;
}

/* ---- Validating and decoding ----------------------------------------------------------------- */

/* Each time as a training step leaves the graphs, which gives them a new key for dropout. */
static double validate(const Run *run, uint64_t step) {
    for (int i = 0; i < threads_count(run->trainer->threads); i++)
        run->trainer->graphs[i]->dropout_key = random_mix64(step) + (uint64_t)i;
    return validation_loss(&run->validation, &run->translator, run->trainer);
}

/* The English alone, by greedy decoding. said: ids without marks, to be freed. */
static void translate(const Run *run, Batch batch, bool recompute, IntArray said[SYMPTOM_PAIRS]) {
    SearchOptions options = search_greedy();
    options.recompute = recompute;
    search_batch(run->translator.model, batch.src, batch.B, batch.S, run->translator.max_length,
                 options, said);
}

/* Rounding differs between the two ways, and a logit that is nearly the largest may win: a few
 * translations may differ, in a sound program as well. */
static bool same_ids(const IntArray *a, const IntArray *b) {
    return a->count == b->count &&
           (a->count == 0 || memcmp(a->data, b->data, a->count * sizeof *a->data) == 0);
}

/* A translation that is not cut off goes on with </s>, which the search leaves out. */
static void with_end(IntArray said[SYMPTOM_PAIRS], Batch batch) {
    for (int b = 0; b < batch.B; b++) {
        int length = 0;
        for (int s = 0; s < batch.S; s++) length += batch.src[b * batch.S + s] != TOKEN_PAD;
        if ((int)said[b].count < 2 * length + 10) int_array_push(&said[b], TOKEN_EOS);
    }
}

/* Decoding says one token after the other; training reads all at once. Both must be the same
 * model. */
static void examine_decoding(const Run *run, double *value) {
    const GraphMode before = enter(run);
    Batch batch = text_batch(run);
    IntArray cached[SYMPTOM_PAIRS] = {{0}}, recomputed[SYMPTOM_PAIRS] = {{0}};
    translate(run, batch, false, cached);
    translate(run, batch, true, recomputed);
    int same = 0;
    for (int b = 0; b < batch.B; b++) same += same_ids(&cached[b], &recomputed[b]);
    value[SYMPTOM_CACHE] = (double)same / batch.B;
    with_end(cached, batch);
    batch.labels = rectangle(cached, &batch.T); // its own words, as if a teacher had said them
    int *tgt = graph_alloc((size_t)(batch.B * batch.T) * sizeof *tgt);
    shift_right(tgt, batch.labels, batch.B, batch.T, TOKEN_BOS); // (B,T)
    batch.tgt = tgt;
    value[SYMPTOM_SAID_AGAIN] = agreement(run, batch);
    for (int b = 0; b < batch.B; b++) free(cached[b].data), free(recomputed[b].data);
    leave(before);
}

static char *copy_of(const char *text) {
    const size_t bytes = strlen(text) + 1;
    return memcpy(memory_alloc(bytes), text, bytes);
}

/* Whoever reads them needs no number to see what is wrong with some of them. */
static void take_translations(const Run *run, Symptoms *symptoms) {
    const Pairs *text = run->validation.text;
    const Translation greedy = {.translator = &run->translator,
                                .options = search_greedy(),
                                .threads = run->trainer->threads,
                                .graphs = run->trainer->graphs};
    const char *const *lines = (const char *const *)text->src.line;
    translation_of_lines(&greedy, lines, SYMPTOM_LINES, symptoms->said);
    for (int i = 0; i < SYMPTOM_LINES; i++) {
        symptoms->src[i] = copy_of(text->src.line[i]);
        symptoms->tgt[i] = copy_of(text->tgt.line[i]);
    }
}

/* ---- All of it ------------------------------------------------------------------------------- */

/* Nothing but the weights as they were drawn. */
void examination_before(Run *run, Symptoms *symptoms) {
    const GraphMode before = enter(run);
    symptoms->value[SYMPTOM_EQUAL_SHARES] = log(bpe_vocab_size(run->translator.bpe));
    symptoms->value[SYMPTOM_FIRST_LOSS] = loss_of(run, made_batch(run, SYMPTOM_PAIRS));
    leave(before);
}

/* The order is that of what the checks need; how they are shown is symptoms.c's. */
bool examination_after(Run *run, Symptoms *symptoms, Error *err) {
    double *value = symptoms->value;
    examine_batch(run, value);
    if (!norm_in_shards(run, 1, &value[SYMPTOM_NORM_ONE], err) ||
        !norm_in_shards(run, 2, &value[SYMPTOM_NORM_TWO], err) ||
        !overfit(run, &value[SYMPTOM_OVERFITTED], err))
        return false;
    value[SYMPTOM_VALID] = validate(run, 1);
    value[SYMPTOM_VALID_AGAIN] = validate(run, 2);
    examine_decoding(run, value);
    take_translations(run, symptoms);
    return true;
}
