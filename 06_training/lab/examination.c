#include "06_training/lab/examination.h"

#include <stdlib.h>
#include <string.h>

#include "01_embeddings/tokens.h"
#include "05_encoder_decoder/shift_right.h"
#include "06_training/check/probe.h"
#include "06_training/decoding/translation.h"
#include "common/random.h"

enum { FEW_PAIRS = 8, FEW_STEPS = 100 };

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

/* The first validation pairs, as training would make a batch of them. They come in random order, so
 * that long and short ones are together and there is <pad>; training sorts by length. */
static Batch made_batch(const Run *run, size_t count) {
    return encoded_pairs_batch(&run->validation.pairs, probe_first(count), count,
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

/* ---- The same model on different batches ----------------------------------------------------- */

/* One number for each, all of the same 64 pairs: what differs between two of them is what was done
 * to the batch. */
static void examine_batch(const Run *run, double *value) {
    const GraphMode before = enter(run);
    const Transformer *model = run->translator.model;
    const Batch batch = made_batch(run, SYMPTOM_PAIRS);
    value[SYMPTOM_LOSS] = probe_loss(model, batch);
    value[SYMPTOM_FROM_TEXT] = probe_loss(model, text_batch(run));
    value[SYMPTOM_OTHER_SOURCE] = probe_loss(model, other_source(batch));
    value[SYMPTOM_MORE_SRC_PAD] = probe_loss(model, probe_more_src_pad(batch));
    value[SYMPTOM_MORE_TGT_PAD] = probe_loss(model, probe_more_tgt_pad(batch));
    value[SYMPTOM_LATER_TOKEN] = probe_later_token(model, batch);
    value[SYMPTOM_ALREADY_READ] = probe_already_read(batch);
    value[SYMPTOM_TEACHER] = probe_agreement(model, batch);
    leave(before);
}

/* ---- Steps ----------------------------------------------------------------------------------- */

/* Both look at the first validation pairs. */
static ProbeCourse course_of(const Run *run, const size_t indices[], size_t count) {
    return (ProbeCourse){.pairs = &run->validation.pairs, .indices = indices, .count = count};
}

static bool norm_in_shards(const Run *run, int shards, double *norm, Error *err) {
    size_t indices[SYMPTOM_PAIRS];
    for (size_t i = 0; i < SYMPTOM_PAIRS; i++) indices[i] = i;
    const ProbeCourse course = course_of(run, indices, SYMPTOM_PAIRS);
    return probe_norm(&course, run->translator.model, shards, norm, err);
}

static bool overfit(const Run *run, double *loss, Error *err) {
    static const size_t indices[FEW_PAIRS] = {0, 1, 2, 3, 4, 5, 6, 7};
    ProbeCourse course = course_of(run, indices, FEW_PAIRS);
    course.steps = FEW_STEPS;
    course.lr = 2e-3;
    int steps;
    Transformer *model = probe_overfit(&run->translator.model->config, (uint64_t)run->state.seed,
                                       &course, run->settings->clip, loss, &steps, err);
    transformer_free(model);
    return model != NULL;
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
    value[SYMPTOM_SAID_AGAIN] = probe_agreement(run->translator.model, batch);
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
    symptoms->value[SYMPTOM_FIRST_LOSS] =
        probe_loss(run->translator.model, made_batch(run, SYMPTOM_PAIRS));
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
