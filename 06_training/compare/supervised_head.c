/* supervised_head.c - Garg et al. 2019, "Jointly Learning to Align and Translate with Transformer
 * Models": one head of the penultimate decoder layer is trained to look at the word that is being
 * translated, by a second loss on its weights. Alignment error per layer and head, without it and
 * with it, and what becomes of the translations.
 *
 * Beside: garg - one head supervised with the links that the corpus's grammar knows: error rates by
 *     layer and head before and after, BLEU before and after; his formula on a toy, 0.2857
 */
#include "06_training/lab/alignment_error.h"
#include "06_training/lab/linked_corpus.h"
#include "06_training/score/bleu_score.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/training.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { TRAINED = 12000, TESTED = 200, STEPS = 500, BATCH = 40, WARMUP = 100 };
enum { E = 64, HEADS = 4, ENCODER_LAYERS = 2, LAYERS = 3, SUPERVISED = LAYERS - 2, HEAD = 0 };
static const double LAMBDA = 0.05, LEARNING_RATE = 0.003;
static const char *const head_names[] = {"head 0", "head 1", "head 2", "head 3", "average"};
static const char *const layer_names[] = {"layer 0", "layer 1", "layer 2"};

typedef struct {
    Transformer *model;
    real error[LAYERS * (HEADS + 1)]; // alignment error rates; the last column is the heads' mean
    double bleu;
} Trained;

/* ---- Training -------------------------------------------------------------------------------- */

typedef struct {
    const Transformer *model;
    const LinkedPair *pairs; // (TRAINED)
    Random random;
    double lambda;
} Course;

/* A batch of linked pairs in the current graph: share (B,1,T,S) has 1/n at the n source words that
 * target word t is linked to, so a linked row adds up to 1; the others are zeros. */
static Batch draw_batch(Course *course, Tensor **share, int *rows) {
    const LinkedPair *drawn[BATCH];
    SentencePair *pairs = graph_alloc(BATCH * sizeof *pairs);
    for (int b = 0; b < BATCH; b++) {
        drawn[b] = &course->pairs[random_below(&course->random, TRAINED)];
        pairs[b] = drawn[b]->pair;
    }
    const Batch batch = teacher_batch(pairs, BATCH);
    *share = TENSOR(BATCH, 1, batch.T, batch.S);
    memset((*share)->data, 0, (*share)->size * sizeof(real));
    *rows = 0;
    for (int b = 0; b < BATCH; b++)
        for (int t = 0; t < drawn[b]->pair.tgt_length; t++) {
            int count = 0;
            for (int s = 0; s < batch.S; s++) count += (int)(drawn[b]->links[t] >> s & 1);
            *rows += count > 0;
            for (int s = 0; s < batch.S; s++)
                if (drawn[b]->links[t] >> s & 1)
                    (*share)->data[(b * batch.T + t) * batch.S + s] = 1 / (real)count;
        }
    return batch;
}

/* -1/rows sum share log(weights): the cross-entropy between where a head is to look and where it
 * looks (section 4.2), over the rows that have links. weights (B,nhead,T,S). */
static Tensor *alignment_loss(Tensor *weights, Tensor *share, int rows) {
    Tensor *head = op_slice(weights, 1, HEAD, 1); // (B,1,T,S)
    // A weight may be 0, of <pad> always: its logarithm must stay finite.
    Tensor *logs = op_log(op_add(head, tensor_scalar((real)1e-9)));
    return op_scale(op_sum(op_mul(share, logs)), -1 / (real)rows);
}

/* CE + lambda CE_align, both per word. */
static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    Tensor *share, *encoder[ENCODER_LAYERS], *self[LAYERS], *cross[LAYERS];
    AttentionWeights weights = {encoder, self, cross};
    int rows;
    const Batch batch = draw_batch(course, &share, &rows);
    const int tokens = cross_entropy_count(batch.labels, batch.B * batch.T, TOKEN_PAD);
    Tensor *said = transformer_forward(course->model, &batch, &weights); // (B,T,E)
    Tensor *loss = op_linear_cross_entropy(
        RESHAPE(said, batch.B * batch.T, E), course->model->generator.weight,
        course->model->generator.bias, batch.labels, TOKEN_PAD, (real)0.1, 0);
    loss = op_scale(loss, 1 / (real)tokens);
    *count = 1;
    if (course->lambda == 0) return loss;
    return op_add(loss,
                  op_scale(alignment_loss(cross[SUPERVISED], share, rows), (real)course->lambda));
}

/* Up in WARMUP steps, then down along a line. */
static double rate(const Training *t, int step) {
    const double up = (step + 1) / (double)WARMUP;
    return t->lr * fmin(up, 1 - (double)step / t->steps);
}

static Transformer *train(const LinkedCorpus *corpus, double lambda, uint64_t seed) {
    const TransformerConfig config = {
        .layer = {.d_model = E, .nhead = HEADS, .dim_feedforward = 2 * E, .norm_first = true},
        .num_encoder_layers = ENCODER_LAYERS,
        .num_decoder_layers = LAYERS,
        .src_vocab = TOKEN_TEXT + (int)corpus->english.count,
        .tgt_vocab = TOKEN_TEXT + (int)corpus->french.count};
    Course course = {.pairs = corpus->pairs, .lambda = lambda};
    random_seed(&course.random, seed);
    Transformer *model = transformer_new(&config, &course.random);
    course.model = model;
    const Training training = {.parameters = &model->parameters,
                               .adam = adam_paper(),
                               .steps = STEPS,
                               .lr = LEARNING_RATE,
                               .rate = rate,
                               .clip = 1,
                               .loss = batch_loss,
                               .context = &course,
                               .label = lambda > 0 ? "with the links" : "without"};
    training_run(&training);
    return model;
}

/* ---- Measuring ------------------------------------------------------------------------------- */

/* cross[l] (1,nhead,T,S): what the decoder looks at while it reads the right translation. Resets
 * the current graph, in which they live. */
static void read_pair(const Transformer *model, const SentencePair *pair, Tensor *cross[LAYERS]) {
    Tensor *encoder[ENCODER_LAYERS], *self[LAYERS];
    AttentionWeights weights = {encoder, self, cross};
    graph_reset(graph_current());
    const Batch batch = teacher_batch(pair, 1);
    transformer_forward(model, &batch, &weights);
}

/* row (S) <- head h's row t of weights (1,nhead,T,S); for h = HEADS all heads' together. */
static void head_row(const Tensor *weights, int h, int t, real row[TEACHER_LENGTH]) {
    const int T = weights->shape[2], S = weights->shape[3];
    for (int s = 0; s < S; s++) {
        row[s] = 0;
        for (int i = 0; i < HEADS; i++)
            if (h == HEADS || h == i) row[s] += weights->data[(i * T + t) * S + s];
    }
}

/* Each linked word of the tested pairs is linked to the one source word that it looks at most. */
static void measure_alignment(const LinkedPair *tested, Trained *trained) {
    AlignmentError error[LAYERS * (HEADS + 1)] = {{0}};
    for (int i = 0; i < TESTED; i++) {
        Tensor *cross[LAYERS];
        read_pair(trained->model, &tested[i].pair, cross);
        for (int k = 0; k < LAYERS * (HEADS + 1); k++)
            for (int t = 0; t < tested[i].pair.tgt_length; t++) {
                real row[TEACHER_LENGTH];
                if (!tested[i].links[t]) continue;
                head_row(cross[k / (HEADS + 1)], k % (HEADS + 1), t, row);
                const int at = vector_argmax(row, (size_t)tested[i].pair.src_length);
                alignment_error_add(&error[k], (uint64_t)1 << at, tested[i].links[t],
                                    tested[i].links[t]);
            }
    }
    for (int k = 0; k < LAYERS * (HEADS + 1); k++)
        trained->error[k] = (real)alignment_error_rate(&error[k]);
}

static void measure_bleu(const LinkedCorpus *corpus, const LinkedPair *tested, Trained *trained) {
    char *said[TESTED], *right[TESTED];
    for (int i = 0; i < TESTED; i++) {
        int ids[TEACHER_LENGTH];
        const SentencePair *p = &tested[i].pair;
        const int length =
            teacher_answer(trained->model, p->src, p->src_length, ids, TEACHER_LENGTH - 1);
        said[i] = linked_corpus_text(&corpus->french, ids, length);
        right[i] = linked_corpus_text(&corpus->french, p->tgt, p->tgt_length);
    }
    const char *const *references[1] = {(const char *const *)right};
    trained->bleu = bleu_score((const char *const *)said, references, 1, TESTED,
                               (BleuOptions){BLEU_NONE, false}, NULL);
    for (int i = 0; i < TESTED; i++) free(said[i]), free(right[i]);
}

/* ---- Pictures -------------------------------------------------------------------------------- */

static void draw_errors(const char *out, const Trained trained[2]) {
    PlotMap maps[2];
    for (int i = 0; i < 2; i++)
        maps[i] = (PlotMap){.title = i ? "one head of layer 1 supervised" : "translation alone",
                            .data = trained[i].error,
                            .rows = LAYERS,
                            .cols = HEADS + 1,
                            .row_labels = layer_names,
                            .col_labels = head_names};
    plot_heatmap_grid(&(Picture){.name = "supervised_head_errors",
                                 .directory = out,
                                 .title = "Alignment error rate: pale is right",
                                 .caption = "with the second loss the head it is put on, layer 1's "
                                            "head 0, aligns",
                                 .value_min = 0,
                                 .value_max = 1,
                                 .width = 690,
                                 .height = 280},
                      maps, 2, 2, 2);
}

/* The supervised head's map of one pair, without supervision and with it. */
static void draw_maps(const char *out, const LinkedCorpus *corpus, const LinkedPair *linked,
                      const Trained trained[2]) {
    const SentencePair *p = &linked->pair;
    const int T = p->tgt_length, S = p->src_length;
    static real table[2][TEACHER_LENGTH * TEACHER_LENGTH];
    static char text[2][TEACHER_LENGTH][GRAMMAR_FORM_BYTES];
    const char *rows[TEACHER_LENGTH], *cols[TEACHER_LENGTH];
    PlotMap maps[2];
    for (int t = 0; t < T; t++)
        rows[t] = linked_corpus_word(&corpus->french, p->tgt[t], text[0][t]);
    for (int s = 0; s < S; s++)
        cols[s] = linked_corpus_word(&corpus->english, p->src[s], text[1][s]);
    for (int i = 0; i < 2; i++) {
        Tensor *cross[LAYERS];
        read_pair(trained[i].model, p, cross);
        for (int t = 0; t < T; t++) {
            real row[TEACHER_LENGTH];
            head_row(cross[SUPERVISED], HEAD, t, row);
            memcpy(table[i] + t * S, row, (size_t)S * sizeof *row);
        }
        maps[i] = (PlotMap){.title = i ? "supervised" : "translation alone",
                            .data = table[i],
                            .rows = (size_t)T,
                            .cols = (size_t)S,
                            .row_labels = rows,
                            .col_labels = cols};
    }
    plot_heatmap_grid(
        &(Picture){.name = "supervised_head_maps",
                   .directory = out,
                   .title = "Layer 1, head 0: where it looks while saying each word",
                   .caption = "on the right every noun, its article and its adjective look at "
                              "the word it translates; no link was given for the "
                              "words in between",
                   .y_label = "to be said",
                   .value_min = 0,
                   .value_max = 1,
                   .width = 800,
                   .height = 520},
        maps, 2, 2, -1);
}

/* ---- The program ----------------------------------------------------------------------------- */

static void toy(Comparison *comparison) {
    static const uint64_t sure[4] = {1, 2, 4, 0}, possible[4] = {1, 2, 4 | 8, 0};
    static const uint64_t found[4] = {1, 2, 8, 8};
    AlignmentError error = {0};
    for (int i = 0; i < 4; i++) alignment_error_add(&error, found[i], sure[i], possible[i]);
    puts("AER = 1 - (|A and S| + |A and P|) / (|A| + |S|), links proposed, sure, possible.\n"
         "Four words, sure 0-0 1-1 2-2, possible also 2-3; found 0-0 1-1 2-3 3-3:\n");
    compare_value(comparison, "its AER", 0.2857, alignment_error_rate(&error), 4, 0.00005);
}

static void show_links(const LinkedCorpus *corpus, const LinkedPair *linked) {
    const SentencePair *p = &linked->pair;
    char *src = linked_corpus_text(&corpus->english, p->src, p->src_length);
    char *tgt = linked_corpus_text(&corpus->french, p->tgt, p->tgt_length);
    printf("  %s\n  %s\n ", src, tgt);
    for (int t = 0; t < p->tgt_length; t++)
        for (int s = 0; s < p->src_length; s++)
            if (linked->links[t] >> s & 1) printf(" %d-%d", s, t);
    puts("\n");
    free(src);
    free(tgt);
}

/* The pairs of the held-out split that have no word the training pairs do not have. */
static size_t known_pairs(LinkedPair *to, const LinkedCorpus *corpus) {
    static bool known[2][1 << 16];
    size_t count = 0;
    for (size_t i = 0; i < corpus->count; i++) {
        const SentencePair *p = &corpus->pairs[i].pair;
        bool all = true;
        for (int s = 0; s < p->src_length; s++)
            all &= i < TRAINED ? (known[0][p->src[s]] = true) : known[0][p->src[s]];
        for (int t = 0; t < p->tgt_length; t++)
            all &= i < TRAINED ? (known[1][p->tgt[t]] = true) : known[1][p->tgt[t]];
        if (i >= TRAINED && all && count < TESTED) to[count++] = corpus->pairs[i];
    }
    return count;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Garg et al.: one head of the penultimate layer is taught to align. Slow: "
                         "trains twice, about 20 seconds.",
                         "build/06_training/supervised_head"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    static LinkedPair tested[TESTED];
    LinkedCorpus corpus = {0};
    linked_corpus_add(&corpus, CORPUS_TRAIN, 1, TRAINED);
    linked_corpus_add(&corpus, CORPUS_HELD_OUT, 1, 2 * TESTED);
    REQUIRE(known_pairs(tested, &corpus) == TESTED, "too few pairs of known words");

    lesson_step(&lesson, "The error rate of an alignment");
    toy(&comparison);

    lesson_step(&lesson, "Links that are known");
    puts("Garg et al. take theirs from the attention itself and then from GIZA++, a program\n"
         "of the years before attention. Here the corpus's grammar knows them: a slot of a\n"
         "pattern became a word in both languages. English-French places, from 0:\n");
    show_links(&corpus, &tested[0]);
    show_links(&corpus, &tested[2]);

    lesson_step(&lesson, "Trained without them, and with them");
    printf(
        "%d + %d layers of width %d, %d steps of %d pairs. The loss is CE + %.2f CE_align, the\n"
        "second on head %d of layer %d of 0 to %d, the last but one. Error rates on %d held-out\n"
        "pairs, each linked word to the one it looks at most:\n\n",
        ENCODER_LAYERS, LAYERS, E, STEPS, BATCH, LAMBDA, HEAD, SUPERVISED, LAYERS - 1, TESTED);
    Trained trained[2];
    for (int i = 0; i < 2; i++) {
        trained[i].model = train(&corpus, i ? LAMBDA : 0, (uint64_t)lesson.common.seed);
        const GraphMode before = graph_quiet();
        measure_alignment(tested, &trained[i]);
        measure_bleu(&corpus, tested, &trained[i]);
        graph_restore(before);
        print_heatmap(i ? "AER, supervised" : "AER, translation alone", trained[i].error, LAYERS,
                      HEADS + 1, layer_names, head_names, 3);
        printf("BLEU %.1f\n\n", trained[i].bleu);
    }
    draw_errors(lesson.common.out, trained);
    draw_maps(lesson.common.out, &corpus, &tested[0], trained);

    const int head = SUPERVISED * (HEADS + 1) + HEAD, mean = SUPERVISED * (HEADS + 1) + HEADS;
    puts("");
    compare_claim(&comparison, "supervised, the head has an error below .25",
                  trained[1].error[head] < (real)0.25);
    compare_claim(&comparison, "less than half the layer's average without supervision",
                  2 * trained[1].error[head] < trained[0].error[mean]);
    compare_claim(&comparison, "BLEU is unharmed: not 3 below",
                  trained[1].bleu > trained[0].bleu - 3);
    for (int i = 0; i < 2; i++) transformer_free(trained[i].model);
    linked_corpus_free(&corpus);
    return lesson_end(&lesson, compare_end(&comparison));
}
