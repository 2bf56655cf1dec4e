/* test_watching.c - a run that is watched: what it keeps is true, and it learns what it would have
 * learned unwatched. That a resumed run's files are those of one that was never stopped is
 * test_resume.sh's. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "06_training/decoding/translation.h"
#include "06_training/run/run.h"
#include "06_training/trainer/run_table.h"
#include "common/files/pairs.h"
#include "common/kernels.h"
#include "tests/suite.h"

enum { PAIRS = 24, STEPS = 45 };

static char folder[64];
static Pairs pairs, valid;

static void write_pairs(void) {
    static char *src[PAIRS], *tgt[PAIRS];
    static char *valid_src[] = {"the dog sees", "the cat", "the dog sees the cat and the dog",
                                "the cat\tsees the dog"};
    static char *valid_tgt[] = {"der hund sieht", "die katze",
                                "der hund sieht die katze und den hund",
                                "die katze sieht den hund"};
    for (int i = 0; i < PAIRS; i++) {
        src[i] = i % 2 ? "the cat" : "the dog sees";
        tgt[i] = i % 3 ? "die katze" : "der hund sieht";
    }
    pairs = (Pairs){.src = {src, PAIRS, NULL}, .tgt = {tgt, PAIRS, NULL}};
    valid = (Pairs){.src = {valid_src, 4, NULL}, .tgt = {valid_tgt, 4, NULL}};
    snprintf(folder, sizeof folder, "/tmp/test_watching_XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void remove_files(void) {
    static const char *const names[] = {"model.safetensors", "state.safetensors", "log.tsv",
                                        "learning.tsv", "gradients.tsv"};
    char path[128];
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        unlink(path);
    }
    rmdir(folder);
}

/* A clip so small that every gradient is shortened, and dropout, which draws random numbers. */
static Settings settings;
static void begin(Run *run, bool watched) {
    Error err = {""};
    settings_preset("demo", &settings);
    settings.d_model = settings.ff = 8;
    settings.heads = settings.layers = 2;
    settings.lr = 0.01;
    settings.warmup = 5;
    settings.clip = 0.3;
    settings.dropout = 0.2;
    settings.batch_tokens = 32;
    settings.vocab = 270;
    settings.max_length = 40;
    settings.steps = STEPS;
    static CommonOptions common;
    common = (CommonOptions){.seed = 1, .threads = 2, .out = folder};
    ck_assert_msg(run_begin(run, &settings, &common, &pairs, &valid, &err), "%s", err.text);
    if (watched) ck_assert_msg(run_watch(run, &err), "%s", err.text);
}

static void train(Run *run) {
    Error err = {""};
    while (run->state.step < STEPS) {
        ck_assert_msg(run_step(run, &err), "%s", err.text);
        if (!run_epoch_done(run)) continue;
        run->state.epoch++; // an epoch's end without its files
        ck_assert_msg(run_validate(run, &err), "%s", err.text);
        run->state.batch = 0;
    }
}

START_TEST(it_learns_the_same) {
    Run watched, unwatched;
    begin(&watched, true);
    train(&watched);
    begin(&unwatched, false);
    train(&unwatched);
    const Optimizer *a = watched.trainer->optimizer, *b = unwatched.trainer->optimizer;
    const size_t bytes = a->size * sizeof *a->m;
    real *first = parameters_copy_values(&watched.translator.model->parameters);
    real *second = parameters_copy_values(&unwatched.translator.model->parameters);
    ck_assert(memcmp(first, second, bytes) == 0);
    ck_assert(memcmp(a->m, b->m, bytes) == 0 && memcmp(a->v, b->v, bytes) == 0);
    ck_assert_uint_eq(unwatched.watching.learning.row_count, 0);
    ck_assert_uint_eq(unwatched.watching.gradients.count, 0);
    free(first);
    free(second);
    run_free(&watched);
    run_free(&unwatched);
}
END_TEST

START_TEST(steps_that_are_due) {
    static const long due[] = {0, 25, 50, 100, 200, 400, 800, 1600, 3200};
    size_t next = 0;
    for (long step = 0; step <= 4000; step++) {
        const bool is_one = next < sizeof due / sizeof *due && due[next] == step;
        ck_assert_msg(learning_is_due(step) == is_one, "%ld", step);
        next += is_one;
    }
}
END_TEST

/* What the last row says is what the model says to these sentences, of which one is the shortest
 * and one the longest; and before the first step there was a row, too. */
START_TEST(the_sentences) {
    Run run;
    begin(&run, true);
    train(&run);
    Error err = {""};
    ck_assert_msg(run_validate(&run, &err), "%s", err.text);
    const Learning *learning = &run.watching.learning;
    ck_assert_int_eq(learning->count, 3);
    ck_assert_str_eq(learning->src[0], "the cat");
    ck_assert_str_eq(learning->tgt[0], "die katze");
    ck_assert_str_eq(learning->src[1], "the cat sees the dog"); // a tab would be a column
    ck_assert_str_eq(learning->src[2], "the dog sees the cat and the dog");
    ck_assert_str_eq(learning->tgt[2], "der hund sieht die katze und den hund");
    const LearningRow *last = &learning->rows[learning->row_count - 1];
    ck_assert_int_eq(learning->rows[0].step, 0);
    ck_assert_int_eq(last->step, STEPS);
    const Translation greedy = {.translator = &run.translator,
                                .options = search_greedy(),
                                .threads = run.trainer->threads,
                                .graphs = run.trainer->graphs};
    bool changed = false;
    for (int i = 0; i < 3; i++) {
        char *said;
        const char *src = learning->src[i];
        translation_of_lines(&greedy, &src, 1, &said);
        ck_assert_str_eq(last->said[i], said);
        changed = changed || strcmp(said, learning->rows[0].said[i]) != 0;
        free(said);
    }
    ck_assert(changed);
    run_free(&run);
}
END_TEST

/* Consecutive rows fulfil Adam's equations: so the gradient is what Adam got, and m, v and the
 * weight are what it made of it. The layers' norms make up the whole one, which the clip cuts. */
START_TEST(the_gradients) {
    Run run;
    begin(&run, true);
    train(&run);
    const GradientLog *log = &run.watching.gradients;
    const AdamConfig adam = run.trainer->optimizer->config;
    ck_assert_uint_eq(log->layer_count, 8); // two stacks of two, two norms, embedding, output
    ck_assert_uint_eq(log->count, 42);      // each of 40, and 42 and 44
    double m = 0, v = 0, weight = 0;
    for (size_t i = 0; i < 40; i++) {
        const GradientLogRow *row = &log->rows[i];
        ck_assert_int_eq(row->step, (long)i + 1);
        m = adam.beta1 * m + (1 - adam.beta1) * row->grad;
        v = adam.beta2 * v + (1 - adam.beta2) * row->grad * row->grad;
        ck_assert_double_eq_tol(row->m, m, 1e-6);
        ck_assert_double_eq_tol(row->v, v, 1e-8);
        const double step = row->m / (1 - pow(adam.beta1, (double)row->step)) /
                            sqrt(row->v / (1 - pow(adam.beta2, (double)row->step)));
        if (i > 0) ck_assert_double_eq_tol(row->weight, weight - row->lr * step, 1e-5);
        weight = row->weight;
        double squares = 0;
        for (size_t k = 0; k < log->layer_count; k++) squares += row->layers[k] * row->layers[k];
        ck_assert_double_eq_tol(row->norm, sqrt(squares), 1e-9);
        ck_assert(row->norm > 0.3 && fabs(row->grad) <= 0.3);
    }
    ck_assert_int_eq(log->rows[41].step, 44);
    run_free(&run);
}
END_TEST

/* Up to a step, and as they were. What is no row is passed over. */
START_TEST(read_back) {
    Run run;
    Error err = {""};
    begin(&run, true);
    train(&run);
    ck_assert(learning_write(&run.watching.learning, folder, &err));
    ck_assert(gradient_log_write(&run.watching.gradients, folder, &err));
    Learning learning;
    GradientLog gradients;
    learning_begin(&learning, &run.validation);
    gradient_log_begin(&gradients, run.trainer);
    ck_assert(learning_read(&learning, folder, 25, &err));
    ck_assert(gradient_log_read(&gradients, folder, 25, &err));
    const LearningRow *last = &learning.rows[learning.row_count - 1];
    ck_assert_int_eq(last->step, 25);
    for (int i = 0; i < 3; i++)
        ck_assert_str_eq(last->said[i], run.watching.learning.rows[learning.row_count - 1].said[i]);
    ck_assert_uint_eq(gradients.count, 25);
    ck_assert_double_eq_tol(gradients.rows[24].v, run.watching.gradients.rows[24].v, 1e-12);
    ck_assert(learning_is_ours(folder) && gradient_log_is_ours(folder));
    char path[128];
    snprintf(path, sizeof path, "%s/learning.tsv", folder);
    FILE *file = fopen(path, "w");
    fputs("words\tof\tmine\n", file);
    fclose(file);
    ck_assert(!learning_is_ours(folder) && !learning_read(&learning, folder, 25, &err));
    learning_free(&learning);
    gradient_log_free(&gradients);
    run_free(&run);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("watching");
    TCase *tests = tcase_create("watching");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, write_pairs, remove_files);
    tcase_add_test(tests, it_learns_the_same);
    tcase_add_test(tests, steps_that_are_due);
    tcase_add_test(tests, the_sentences);
    tcase_add_test(tests, the_gradients);
    tcase_add_test(tests, read_back);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
