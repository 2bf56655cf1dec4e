/* exposure_bias.c - Bengio et al. 2015, "Scheduled Sampling", and Ranzato et al. 2016, who gave it
 * its name: a decoder is trained on right beginnings only and has to go on from its own. How many
 * pieces are right with the teacher and without, place by place, and after one slip.
 *
 * Beside: tensorflow Run inference; bloem The original transformer: encoders and decoders;
 *     codeemporium Transformer_Trainer_Notebook - most pieces are right with the teacher, and the
 *     sentences are not: right place by place, with it and without
 */
#include "01_embeddings/corpus/corpus.h"
#include "06_training/decoding/decoding.h"
#include "06_training/decoding/greedy.h"
#include "06_training/lab/small_run.h"
#include "06_training/run/run.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>
#include <stdlib.h>

enum { TESTED = 200, STEPS = 560, PLACES = 14, SLIP = 4, NONE = -1, SHOWN = 3 };

/* How the beginning that the decoder reads comes about. */
typedef enum { TAUGHT, CORRECTED, FREE, SLIPPED, KINDS } Kind;
static const char *const kind_name[KINDS] = {"with the teacher", "teacher, one slip", "on its own",
                                             "on its own, one slip"};

typedef struct {
    const Transformer *model;
    Batch batch;               // the tested pairs
    int *said[KINDS];          // (B,T): what it would say next
    real right[KINDS][PLACES]; // of the pairs that have this place, in %
} Test;

/* ---- Saying it ------------------------------------------------------------------------------- */

/* The most probable token but one: the slip that this model would make. */
static int second_token(real *logits, int V) {
    logits[greedy_token(logits, V)] = (real)-INFINITY;
    return greedy_token(logits, V);
}

/* said (B,T): at each place the likeliest piece after what it said itself; at place `slip` the
 * second likeliest. All rows go on to the end, whatever they said: T places are compared. */
static void speak(const Test *test, int slip, int *said) {
    const Batch *b = &test->batch;
    const int V = test->model->config.tgt_vocab;
    Decoding decoding = decoding_begin(test->model, b->src, b->B, b->S, b->B, b->T + 1, false);
    int *from = graph_alloc((size_t)b->B * sizeof *from);
    int *token = graph_alloc((size_t)b->B * sizeof *token);
    for (int t = 0; t < b->T; t++) {
        Tensor *logits = decoding_logits(&decoding); // (B,V)
        for (int i = 0; i < b->B; i++) {
            real *row = logits->data + (size_t)i * (size_t)V;
            from[i] = i;
            token[i] = t == slip ? second_token(row, V) : greedy_token(row, V);
            said[i * b->T + t] = token[i];
        }
        decoding_extend(&decoding, from, token, b->B);
    }
}

/* said (B,T): at each place the likeliest piece after the right beginning. slips (B,T), if not
 * NULL: the decoder reads those instead of the right pieces at place SLIP, and only there. */
static void repeat_after_teacher(const Test *test, const int *slips, int *said) {
    Batch b = test->batch;
    const int V = test->model->config.tgt_vocab;
    int *tgt = graph_alloc((size_t)(b.B * b.T) * sizeof *tgt);
    memcpy(tgt, b.tgt, (size_t)(b.B * b.T) * sizeof *tgt);
    // What is said at a place is read one place further on.
    for (int i = 0; i < b.B && slips; i++) tgt[i * b.T + SLIP + 1] = slips[i * b.T + SLIP];
    b.tgt = tgt;
    const Tensor *logits =
        transformer_logits(test->model, transformer_forward(test->model, &b, NULL)); // (B,T,V)
    for (int i = 0; i < b.B * b.T; i++)
        said[i] = greedy_token(logits->data + (size_t)i * (size_t)V, V);
}

/* The share of the pairs with a place t whose piece there is the right one, in %. */
static real right_at(const Batch *b, const int *said, int t) {
    int right = 0, count = 0;
    for (int i = t; i < b->B * b->T; i += b->T) {
        count += b->labels[i] != TOKEN_PAD;
        right += b->labels[i] != TOKEN_PAD && said[i] == b->labels[i];
    }
    return count ? (real)(100.0 * right / count) : 0;
}

/* The mean over the places behind the slip. */
static double right_behind(const Test *test, Kind kind) {
    double sum = 0;
    for (int t = SLIP + 1; t < PLACES; t++) sum += (double)test->right[kind][t];
    return sum / (PLACES - SLIP - 1);
}

static void measure(Test *test) {
    const size_t bytes = (size_t)(test->batch.B * test->batch.T) * sizeof(int);
    const GraphMode before = graph_quiet();
    for (int k = 0; k < KINDS; k++) test->said[k] = graph_alloc(bytes);
    speak(test, NONE, test->said[FREE]);
    speak(test, SLIP, test->said[SLIPPED]);
    repeat_after_teacher(test, NULL, test->said[TAUGHT]);
    repeat_after_teacher(test, test->said[SLIPPED], test->said[CORRECTED]);
    for (int k = 0; k < KINDS; k++)
        for (int t = 0; t < PLACES; t++)
            test->right[k][t] = right_at(&test->batch, test->said[k], t);
    graph_restore(before);
}

/* ---- Telling it ------------------------------------------------------------------------------ */

static void print_table(const Test *test) {
    printf("\n  right piece at place%3s", "");
    for (int t = 1; t < PLACES; t += 2) printf(" %5d", t + 1);
    putchar('\n');
    for (int k = 0; k < KINDS; k++) {
        printf("  %-23s", kind_name[k]);
        for (int t = 1; t < PLACES; t += 2) printf(" %3.0f %%", (double)test->right[k][t]);
        putchar('\n');
    }
    puts("");
}

static void print_sentences(const Test *test, const Bpe *bpe, const Pairs *pairs) {
    for (int i = 0; i < SHOWN; i++) {
        printf("  %s\n    %-21s %s\n", pairs->src.line[i], "right", pairs->tgt.line[i]);
        for (int k = FREE; k < KINDS; k++) {
            const int *said = test->said[k] + i * test->batch.T;
            int length = 0;
            while (length < test->batch.T && said[length] != TOKEN_EOS) length++;
            char *text = bpe_decode(bpe, said, (size_t)length, NULL);
            printf("    %-21s %s\n", kind_name[k], text);
            free(text);
        }
    }
    putchar('\n');
}

static void draw(const Test *test, const char *out) {
    PlotSeries series[KINDS];
    real places[PLACES];
    for (int t = 0; t < PLACES; t++) places[t] = (real)(t + 1);
    for (int k = 0; k < KINDS; k++)
        series[k] = (PlotSeries){.name = kind_name[k],
                                 .x = places,
                                 .y = test->right[k],
                                 .count = PLACES,
                                 .points = true};
    plot_lines(&(Picture){.name = "exposure_bias",
                          .directory = out,
                          .title = "The right piece, place by place",
                          .caption =
                              "with the teacher a slip is over at the next place; on its own "
                              "the model goes on from it, and the further the worse",
                          .x_label = "place in the translation",
                          .y_label = "right, %",
                          .y_min = 0,
                          .y_max = 102},
               series, KINDS);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Teacher forcing against decoding: right pieces by place, and what one "
                         "slip does.",
                         "build/06_training/exposure_bias"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Pairs pairs, valid;
    Error err;
    if (!corpus_pairs(CORPUS_TRAIN, 1, CORPUS_TRAIN_PAIRS, &pairs, &err) ||
        !corpus_pairs(CORPUS_VALID, 1, TESTED, &valid, &err))
        error_exit(&err);
    Settings settings;
    CommonOptions common = lesson.common;
    common.threads = 1;
    Run run;
    // A small model of one layer a side, stopped long before it is good.
    small_run_begin(&run, &settings, &common, &pairs, &valid, STEPS);
    graph_use(lesson.graph);
    graph_reset(lesson.graph);
    size_t indices[TESTED];
    for (size_t i = 0; i < TESTED; i++) indices[i] = i;
    Test test = {.model = run.translator.model};
    test.batch = encoded_pairs_batch(&run.validation.pairs, indices, run.validation.pairs.count,
                                     &lesson.graph->arena);
    measure(&test);
    print_table(&test);
    print_sentences(&test, run.translator.bpe, &valid);
    draw(&test, lesson.common.out);
    const double taught = right_behind(&test, TAUGHT), corrected = right_behind(&test, CORRECTED);
    const double alone = right_behind(&test, FREE), slipped = right_behind(&test, SLIPPED);
    printf("Behind place %d: %.0f %% with the teacher, %.0f %% after a slip that he corrects,\n"
           "%.0f %% on its own, %.0f %% on its own after a slip.\n\n",
           SLIP + 1, taught, corrected, alone, slipped);
    compare_claim(&comparison, "on its own it is right less often, by 10 % and more",
                  alone < taught - 10);
    compare_claim(&comparison, "a slip costs more on its own than with the teacher",
                  alone - slipped > 2 * (taught - corrected));
    run_free(&run);
    pairs_free(&pairs);
    pairs_free(&valid);
    return lesson_end(&lesson, compare_end(&comparison));
}
