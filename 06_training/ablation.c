/* ablation.c - an ingredient of training taken away: the small run of "Find the fault" with other
 * settings, or with a line of a module changed (`make 06/without/residual`), beside the whole.
 *
 * Beside: paper 6.2 - table 3 takes parts of the model away and counts BLEU; `make 06/without` does
 *     so with parts of training, too, in two minutes on a small model
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/decoding/translation.h"
#include "06_training/lab/small_run.h"
#include "06_training/score/bleu_score.h"
#include "common/kernels.h"
#include "common/screen/plot.h"

enum { RUNS = OPTION_REPEATS, MARKS = 5, STYLES = 7 }; // lines that differ

/* ---- One beside the whole -------------------------------------------------------------------- */

/* Losses or BLEU of a log's rows. (count) is freed by the caller. */
static real *column(const RunLog *log, size_t which) {
    real *values = memory_alloc(log->count * sizeof *values);
    for (size_t i = 0; i < log->count; i++) {
        const RunLogRow *row = &log->rows[i];
        const double all[] = {(double)row->step, row->train_loss, row->valid_loss, row->valid_bleu};
        values[i] = (real)all[which];
    }
    return values;
}

enum { STEP, TRAIN, VALID };

static void draw_beside(const Symptoms *without, const Symptoms *whole, const char *name) {
    char picture_name[64], title[128], caption[256];
    snprintf(picture_name, sizeof picture_name, "without_%s", name);
    snprintf(title, sizeof title, "The whole, and %s", name);
    snprintf(caption, sizeof caption,
             "training and validation loss of both; what is taken away here: %s", name);
    const RunLog *logs[2] = {&whole->log, &without->log};
    static const char *const names[2][2] = {{"whole, training", "whole, validation"},
                                            {"without, training", "without, validation"}};
    real *x[2], *y[2][2];
    PlotSeries series[4];
    for (size_t r = 0; r < 2; r++) {
        x[r] = column(logs[r], STEP);
        for (size_t k = 0; k < 2; k++) {
            y[r][k] = column(logs[r], TRAIN + k);
            series[2 * r + k] = (PlotSeries){.name = names[r][k],
                                             .x = x[r],
                                             .y = y[r][k],
                                             .count = logs[r]->count,
                                             .points = true};
        }
    }
    plot_lines(&(Picture){.name = picture_name,
                          .title = title,
                          .caption = caption,
                          .x_label = "step",
                          .y_label = "loss per token (nats)",
                          .log_y = true},
               series, 4);
    for (int r = 0; r < 2; r++) {
        free(x[r]);
        for (int k = 0; k < 2; k++) free(y[r][k]);
    }
}

static void show(const char *folder, const char *beside, const char *name) {
    Symptoms without, whole;
    Error err;
    if (!symptoms_read(folder, &without, &err) || !symptoms_read(beside, &whole, &err))
        error_exit(&err);
    symptoms_print(&without, &whole);
    putchar('\n');
    draw_beside(&without, &whole, name);
    symptoms_free(&without);
    symptoms_free(&whole);
}

/* ---- All of them ----------------------------------------------------------------------------- */

/* What stands behind the last slash: the name of the row. */
static const char *name_of(const char *folder) {
    const char *slash = strrchr(folder, '/');
    return slash ? slash + 1 : folder;
}

/* One row: the first loss, validation loss on its way, and what became of a sentence. */
static void print_row(const char *folder, const Symptoms *s) {
    printf("%-16s %6.2f", name_of(folder), s->value[SYMPTOM_FIRST_LOSS]);
    for (int m = 0; m < MARKS; m++) {
        const size_t at = (size_t)m * (s->log.count - 1) / (MARKS - 1);
        printf(" %6.3f", s->log.rows[at].valid_loss);
    }
    const RunLogRow *last = &s->log.rows[s->log.count - 1];
    printf("  %6.3f %5.1f  %.24s\n", last->train_loss, last->valid_bleu, s->said[0]);
}

/* Whether a curve has something to show beside the whole's: as many steps, and another end. */
static bool is_drawn(const RunLog *log, const RunLog *whole) {
    const RunLogRow *own = &log->rows[log->count - 1], *other = &whole->rows[whole->count - 1];
    const double ratio = own->valid_loss / other->valid_loss;
    return log == whole || (own->step == other->step && (ratio > 1.5 || ratio < 0.75));
}

/* The first of the runs is the whole. */
static void draw_all(const OptionStrings *folders, const Symptoms *runs) {
    PlotSeries series[RUNS];
    size_t count = 0;
    for (size_t i = 0; i < folders->count && count < STYLES; i++)
        if (is_drawn(&runs[i].log, &runs[0].log))
            series[count++] = (PlotSeries){.name = name_of(folders->item[i]),
                                           .x = column(&runs[i].log, STEP),
                                           .y = column(&runs[i].log, VALID),
                                           .count = runs[i].log.count,
                                           .points = true};
    plot_lines(&(Picture){.name = "without",
                          .title = "Validation loss, an ingredient taken away",
                          .caption =
                              "above the whole: it learns less, or not at all; far below it: "
                              "it has found a way to read its answers. The rows that "
                              "are not drawn are in the table",
                          .x_label = "step",
                          .y_label = "validation loss (nats)",
                          .log_y = true},
               series, count);
    for (size_t i = 0; i < count; i++) {
        free((void *)(uintptr_t)series[i].x);
        free((void *)(uintptr_t)series[i].y);
    }
}

static void show_all(const OptionStrings *folders) {
    static Symptoms runs[RUNS];
    Error err;
    puts("                  first  validation loss, on its way          train\n"
         "without            loss  epoch 1  1/4    1/2    3/4    end    loss  BLEU  says");
    for (size_t i = 0; i < folders->count; i++) {
        if (!symptoms_read(folders->item[i], &runs[i], &err)) error_exit(&err);
        print_row(folders->item[i], &runs[i]);
    }
    putchar('\n');
    draw_all(folders, runs);
    for (size_t i = 0; i < folders->count; i++) symptoms_free(&runs[i]);
}

/* ---- What decoding adds ---------------------------------------------------------------------- */

static const int BEAMS[] = {1, 2, 4, 8, 16};
static const double PENALTIES[] = {0, 0.6, 1};

/* One model, one way to decode: BLEU, and how long the translations are beside the references. */
static bool print_decoded(const Translation *translation, const Pairs *pairs) {
    const size_t count = pairs->src.count;
    char **said = memory_alloc(count * sizeof *said);
    const bool finite =
        translation_of_lines(translation, (const char *const *)pairs->src.line, count, said);
    const char *const *reference = (const char *const *)pairs->tgt.line;
    BleuScore score;
    for (size_t i = 0; i < count; i++)
        if (!said[i]) said[i] = memory_calloc(1);
    bleu_score((const char *const *)said, &reference, 1, count, (BleuOptions){0}, &score);
    printf("  %5.1f (%.3f)", score.score,
           (double)score.hypothesis_length / (double)score.reference_length);
    for (size_t i = 0; i < count; i++) free(said[i]);
    free(said);
    return finite;
}

/* Wider beams from row to row, more for length from column to column. A beam of one never compares
 * lengths: the penalty is nothing to it. */
static void decode(const char *folder, const CommonOptions *common, SmallRunCorpus corpus) {
    char path[4096];
    Translator translator;
    Pairs pairs;
    Error err;
    snprintf(path, sizeof path, "%s/model.safetensors", folder);
    if (!translator_load(path, &translator, &err) ||
        !small_run_pairs(corpus, CORPUS_VALID, &pairs, &err))
        error_exit(&err);
    Translation translation = {.translator = &translator,
                               .threads = threads_new((int)common->threads),
                               .graphs = memory_alloc((size_t)common->threads * sizeof(Graph *))};
    for (long i = 0; i < common->threads; i++) translation.graphs[i] = graph_new();
    printf("%s, BLEU of %zu sentences (words said, of 1 in the references)\n"
           "beam      no penalty     alpha 0.6     alpha 1\n",
           name_of(folder), pairs.src.count);
    bool finite = true;
    for (size_t b = 0; b < sizeof BEAMS / sizeof *BEAMS; b++) {
        printf("%4d%s", BEAMS[b], BEAMS[b] == 1 ? " greedy" : "       ");
        for (size_t p = 0; p < sizeof PENALTIES / sizeof *PENALTIES; p++) {
            translation.options = (SearchOptions){.beam = BEAMS[b], .length_penalty = PENALTIES[p]};
            if (p == 0 || BEAMS[b] > 1) finite = print_decoded(&translation, &pairs) && finite;
        }
        putchar('\n');
    }
    putchar('\n');
    for (long i = 0; i < common->threads; i++) graph_free(translation.graphs[i]);
    free(translation.graphs);
    threads_free(translation.threads);
    pairs_free(&pairs);
    translator_free(&translator);
    if (finite) return;
    error_set(&err, "%s: the model's scores are not finite numbers", path);
    error_exit(&err);
}

/* ---- The command line ------------------------------------------------------------------------ */

typedef struct {
    CommonOptions common;
    Settings settings;
    SmallRunCorpus corpus;
    double lr_times;
    long pairs;
    OptionStrings rows;
    const char *read, *decoded, *beside, *name;
} Wanted;

/* Over what `wanted` holds. The rate is given as a multiple, so that a row of the table means the
 * same for either corpus. */
static void parse(int argc, char **argv, Wanted *wanted) {
    Settings *s = &wanted->settings;
    const char *corpus = wanted->corpus == SMALL_RUN_MULTI30K ? "multi30k" : "short";
    Option table[] = {
        option_choice("corpus", "short|multi30k", &corpus,
                      "the built-in corpus's short sentences, or 29,000 pairs of make data"),
        option_real("lr-times", "X", &wanted->lr_times, 1e-6, 1e6,
                    "learning rate at its peak, as a multiple of the whole's"),
        option_integer("warmup", "N", &s->warmup, 0, 100000, "steps to reach it"),
        option_choice("schedule", "linear|inverse-sqrt", &s->schedule, "how the rate comes down"),
        option_real("clip", "X", &s->clip, 0, 1e9, "largest norm of the gradient, 0: no limit"),
        option_real("dropout", "P", &s->dropout, 0, 0.9, "share of activations dropped"),
        option_real("label-smoothing", "P", &s->label_smoothing, 0, 0.9,
                    "share of the target spread over all tokens"),
        option_integer("batch-tokens", "N", &s->batch_tokens, 1, 1000000,
                       "tokens per batch and side"),
        option_integer("epochs", "N", &s->epochs, 1, 1000, "train N epochs"),
        option_integer("average", "N", &s->average, 1, 100,
                       "average the weights of the last N epochs at the end"),
        option_integer("pairs", "N", &wanted->pairs, 0, 1000000, "training pairs, 0: all"),
        option_choice("positions", "none|sinusoid|learned|rotary", &s->positions,
                      "how the model is told where its tokens stand"),
        option_string("read", "DIR", &wanted->read,
                      "do not train: the numbers a run has left there"),
        option_string("beside", "DIR", &wanted->beside, "... beside those of the whole"),
        option_string("name", "WORD", &wanted->name, "... and what it is without"),
        option_strings("row", "DIR", &wanted->rows, "do not train: a table of several runs"),
        option_string("decode", "DIR", &wanted->decoded,
                      "do not train: a run's translations, greedy and with beams"),
    };
    const Usage usage = {"Trains a small translator on short sentences in seconds, with an "
                         "ingredient taken away, and shows it beside the whole. make 06/without "
                         "does so with all that there are.",
                         "make 06/without/warmup"};
    options_parse(argc, argv, &usage, &wanted->common, table, OPTION_COUNT(table));
    if (!wanted->read != !wanted->beside) usage_exit("--read and --beside go together");
    wanted->corpus = strcmp(corpus, "multi30k") == 0 ? SMALL_RUN_MULTI30K : SMALL_RUN_SHORT;
}

enum { MULTI30K_TENTH = 82 }; // steps: a tenth of its three epochs

/* Read twice: the corpus decides what the settings are when they are not given. */
static Wanted wanted_of(int argc, char **argv) {
    Wanted first = {.common = common_options(1, "build/without/whole"),
                    .settings = small_run_settings(SMALL_RUN_SHORT),
                    .lr_times = 1,
                    .name = "ingredient"};
    first.common.threads = 2; // the numbers are to be the same on every machine
    Wanted second = first;
    parse(argc, argv, &first);
    second.corpus = first.corpus;
    second.settings = small_run_settings(first.corpus);
    parse(argc, argv, &second);
    second.settings.lr *= second.lr_times;
    // The linear schedule climbs for a tenth of the run at most; the paper's is told when to turn.
    const bool linear = strcmp(second.settings.schedule, "linear") == 0;
    if (second.corpus == SMALL_RUN_MULTI30K && !linear) second.settings.warmup = MULTI30K_TENTH;
    return second;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Wanted w = wanted_of(argc, argv);
    Error err;
    if (w.rows.count)
        show_all(&w.rows);
    else if (w.read)
        show(w.read, w.beside, w.name);
    else if (w.decoded)
        decode(w.decoded, &w.common, w.corpus);
    else if (!small_run(&w.settings, &w.common, w.corpus, (size_t)w.pairs, &err))
        error_exit(&err);
    output_finish();
    return 0;
}
