/* resume_without.c - What a checkpoint must hold (checkpoint.h): a run is interrupted and taken up
 * again, each time with one part of its state lost, and the next steps are held against those of
 * the run that was never interrupted. What PyTorch's "Saving and Loading a General Checkpoint"
 * keeps, and what it leaves to the reader: the rate's step, the order, the place in the epoch.
 *
 * Beside: annotated Training the System; annotated Training Loop - what a checkpoint must hold: a
 *     run taken up again without one part of it
 */
#include "01_embeddings/corpus/corpus.h"
#include "06_training/run/run.h"
#include "common/files/folder.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { PAIRS = 2400, JUDGED = 100, BEFORE = 150, AFTER = 60, EVERY = 4 };
enum { POINTS = AFTER / EVERY + 1, CASES = 7 };

/* ---- What is lost ---------------------------------------------------------------------------- */

static void lose_nothing(Run *run) {
    (void)run;
}

static void lose_moments(Run *run) {
    Optimizer *o = run->trainer->optimizer;
    memset(o->m, 0, o->size * sizeof *o->m);
    memset(o->v, 0, o->size * sizeof *o->v);
}

/* The count by which m and v are corrected for having begun at 0; dropout's masks follow from it,
 * too. */
static void lose_adam_step(Run *run) {
    run->trainer->optimizer->step = 0;
}

/* What a program does that saves the weights and makes a new optimizer. */
static void lose_optimizer(Run *run) {
    lose_moments(run);
    lose_adam_step(run);
}

/* The learning rate is a function of the step: it begins to rise again. */
static void lose_step(Run *run) {
    run->state.step = 0;
}

/* The order of the epoch is drawn again, from the seed. */
static void lose_random(Run *run) {
    random_seed(&run->random, (uint64_t)run->state.seed);
    epoch_shuffle(&run->epoch, &run->train, (int)run->settings->batch_tokens, &run->random);
}

/* The epoch begins again. */
static void lose_place(Run *run) {
    run->state.batch = 0;
}

typedef struct {
    const char *name;
    void (*lose)(Run *run);
    real loss[POINTS]; // on the validation pairs, EVERY steps apart
    int twice, never;  // pairs that this epoch takes twice, and not at all
} Case;

/* ---- A run ----------------------------------------------------------------------------------- */

typedef struct {
    Settings settings;
    CommonOptions common; // its folder is where the checkpoint lies
    Pairs train, valid;
} Data;

static void begin(Run *run, Data *data, bool resume) {
    Error err;
    data->settings.resume = resume;
    if (!run_begin(run, &data->settings, &data->common, &data->train, &data->valid, &err))
        error_exit(&err);
}

/* The run up to the interruption, in its second epoch, and its checkpoint. */
static void train_and_save(Data *data) {
    Error err;
    Run run;
    begin(&run, data, false);
    while (run.state.step < BEFORE)
        if (run_epoch_done(&run) ? !run_end_epoch(&run, &err) : !run_step(&run, &err))
            error_exit(&err);
    printf("An epoch has %zu batches. After %d steps, at batch %ld of epoch %ld, all is saved.\n",
           run.epoch.count, BEFORE, run.state.batch, run.state.epoch + 1);
    if (!run_save(&run, &err)) error_exit(&err);
    run_free(&run);
}

/* Marks the pairs of the batches from `first` up to `last` of the epoch. */
static void count_seen(const Run *run, long first, long last, int *seen) {
    for (long b = first; b < last; b++) {
        size_t count;
        const size_t *pairs = epoch_batch(&run->epoch, (size_t)b, &count);
        for (size_t i = 0; i < count; i++) seen[pairs[i]]++;
    }
}

/* Takes the checkpoint up, loses something, and takes AFTER steps, with a look at the validation
 * loss before the first and after every EVERY. */
static void go_on(Data *data, Case *c) {
    Error err;
    Run run;
    begin(&run, data, true);
    int *seen = memory_calloc(run.train.count * sizeof *seen);
    count_seen(&run, 0, run.state.batch, seen); // before the interruption
    c->lose(&run);
    count_seen(&run, run.state.batch, (long)run.epoch.count, seen);
    for (size_t i = 0; i < run.train.count; i++) {
        c->twice += seen[i] > 1;
        c->never += seen[i] == 0;
    }
    free(seen);
    for (int i = 0; i <= AFTER; i++) {
        if (i % EVERY == 0)
            c->loss[i / EVERY] =
                (real)validation_loss(&run.validation, &run.translator, run.trainer);
        if (i < AFTER && !run_step(&run, &err)) error_exit(&err);
    }
    run_free(&run);
}

/* The same run, never interrupted. */
static void never_interrupted(Data *data, real loss[POINTS]) {
    Error err;
    Run run;
    begin(&run, data, false);
    while (run.state.step <= BEFORE + AFTER) {
        const long after = run.state.step - BEFORE;
        if (after >= 0 && after % EVERY == 0 && !run_epoch_done(&run))
            loss[after / EVERY] =
                (real)validation_loss(&run.validation, &run.translator, run.trainer);
        if (run_epoch_done(&run) ? !run_end_epoch(&run, &err) : !run_step(&run, &err))
            error_exit(&err);
    }
    run_free(&run);
}

/* ---- Telling it ------------------------------------------------------------------------------ */

static double largest_difference(const Case *c, const real *whole) {
    return vector_max_difference(c->loss, whole, POINTS);
}

static void print_table(const Case *cases, const real *whole) {
    static const int shown[] = {0, 1, 3, 6, 12};
    printf("\nThe validation loss of the run that was never interrupted, and how much more it is\n"
           "for those that were. Of the %d pairs, how many epoch 2 takes twice, and never.\n\n"
           "  after step%20s",
           PAIRS, "");
    for (int p = 0; p < 5; p++) printf(" %7d", BEFORE + shown[p] * EVERY);
    printf("   twice  never\n  %-30s", "never interrupted");
    for (int p = 0; p < 5; p++) printf(" %7.4f", (double)whole[shown[p]]);
    puts("       0      0");
    for (int i = 0; i < CASES; i++) {
        const Case *c = &cases[i];
        printf("  %-30s", c->name);
        for (int p = 0; p < 5; p++)
            printf(" %+7.4f", (double)(c->loss[shown[p]] - whole[shown[p]]));
        printf("  %6d %6d\n", c->twice, c->never);
    }
    puts("");
}

static void draw(const Case *cases, const real *whole, const char *out) {
    real x[POINTS], more[CASES][POINTS];
    PlotSeries series[CASES];
    for (int p = 0; p < POINTS; p++) x[p] = (real)(BEFORE + p * EVERY);
    for (int i = 0; i < CASES; i++) {
        for (int p = 0; p < POINTS; p++) more[i][p] = cases[i].loss[p] - whole[p];
        series[i] = (PlotSeries){.name = cases[i].name, .x = x, .y = more[i], .count = POINTS};
    }
    plot_lines(&(Picture){.name = "resume_without",
                          .directory = out,
                          .title = "Taken up again at step 150: loss against the uninterrupted run",
                          .caption = "0 is the run that was never interrupted; only the whole "
                                     "checkpoint stays on it",
                          .x_label = "step",
                          .y_label = "validation loss, more than uninterrupted"},
               series, CASES);
}

/* A model so small that nine hundred steps take a few seconds. */
static Settings little_settings(void) {
    Settings s;
    settings_preset("demo", &s);
    s.d_model = 32;
    s.ff = 64;
    s.layers = 1;
    s.vocab = 400;
    s.lr = 5e-3;
    s.warmup = 60;
    s.batch_tokens = 512;
    s.dropout = 0.1; // its masks, too, depend on the step
    s.average = 1;
    s.schedule = "inverse-sqrt"; // the paper's, a function of the step alone
    return s;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {
        "What a checkpoint must hold: a run taken up again without one part of it, "
        "against the run that was never interrupted.",
        "build/06_training/resume_without"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Data data = {.common = lesson.common};
    char folder[4096];
    snprintf(folder, sizeof folder, "%s/resume_without", lesson.common.out);
    data.common.out = folder;
    data.common.threads = 1;
    Error err;
    if (!folder_make(folder, &err) || !corpus_pairs(CORPUS_TRAIN, 1, PAIRS, &data.train, &err) ||
        !corpus_pairs(CORPUS_VALID, 1, JUDGED, &data.valid, &err))
        error_exit(&err);
    data.settings = little_settings();
    train_and_save(&data);
    Case cases[CASES] = {
        {.name = "all of it", .lose = lose_nothing},
        {.name = "without Adam's m and v", .lose = lose_moments},
        {.name = "without Adam's step", .lose = lose_adam_step},
        {.name = "without Adam's state", .lose = lose_optimizer},
        {.name = "without the rate's step", .lose = lose_step},
        {.name = "without the order's generator", .lose = lose_random},
        {.name = "without the place in the epoch", .lose = lose_place},
    };
    for (int i = 0; i < CASES; i++) go_on(&data, &cases[i]);
    real whole[POINTS];
    never_interrupted(&data, whole);
    print_table(cases, whole);
    draw(cases, whole, lesson.common.out);
    compare_claim(&comparison, "with all of it every loss is the same to the last bit",
                  largest_difference(&cases[0], whole) == 0);
    bool differ = true;
    for (int i = 1; i < CASES; i++) differ = differ && largest_difference(&cases[i], whole) > 1e-3;
    compare_claim(&comparison, "without any part of it the losses are others", differ);
    pairs_free(&data.train);
    pairs_free(&data.valid);
    return lesson_end(&lesson, compare_end(&comparison));
}
