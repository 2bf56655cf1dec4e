/* test_averaging.c - the mean of the last epochs' weights, and where it reaches back no further. */
#include <check.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "06_training/run/averaging.h"
#include "common/kernels.h"
#include "tests/scratch.h"
#include "tests/suite.h"
#include "tests/untrained.h"

enum { LAST = 3, DATA = 7 };

/* Writes epoch number `epoch`, all of whose weights are `weight`. trained_on 0: as before models
 * knew their data. */
static void put_epoch(long epoch, real weight, uint32_t trained_on, int d_model) {
    Error err;
    Translator t = untrained_translator("\u00e9", d_model, true);
    t.trained_on = trained_on;
    for (int i = 0; i < t.model->parameters.count; i++)
        for (size_t k = 0; k < t.model->parameters.items[i]->size; k++)
            t.model->parameters.items[i]->data[k] = weight;
    ck_assert_msg(averaging_save_epoch(&t, scratch_folder(), epoch, LAST, &err), "%s", err.text);
    translator_free(&t);
}

/* The mean up to epoch 3 is of so many, and its weights are this; what *gap says ends like that. */
static void expect_mean(int averaged, double weight, const char *gap_ending) {
    Error gap;
    Translator t = untrained_translator("\u00e9", 4, true);
    t.trained_on = DATA;
    const real before = t.model->parameters.items[0]->data[0];
    ck_assert_int_eq(averaging_mean(&t, scratch_folder(), 3, LAST, &gap), averaged);
    const double after = (double)t.model->parameters.items[0]->data[0];
    ck_assert_double_eq_tol(after, averaged ? weight : (double)before, 1e-6);
    const size_t length = strlen(gap.text), ending = strlen(gap_ending);
    ck_assert_msg(ending ? length > ending && strcmp(gap.text + length - ending, gap_ending) == 0
                         : length == 0,
                  "%s", gap.text);
    translator_free(&t);
}

START_TEST(mean_of_all) {
    put_epoch(1, 1, DATA, 4);
    put_epoch(2, 2, DATA, 4);
    put_epoch(3, 6, DATA, 4);
    expect_mean(3, 3, "");
}
END_TEST

/* A run that was begun by an older program keeps its average. */
START_TEST(epochs_that_do_not_know_their_data) {
    put_epoch(1, 1, 0, 4);
    put_epoch(2, 2, 0, 4);
    put_epoch(3, 6, DATA, 4);
    expect_mean(3, 3, "");
}
END_TEST

START_TEST(gaps) {
    char path[4096];
    expect_mean(0, 0, "epoch-3.safetensors is not there");
    put_epoch(3, 6, DATA, 4);
    expect_mean(1, 6, "");
    put_epoch(1, 1, DATA, 4);
    expect_mean(1, 6, ""); // epoch 1 is behind a gap
    put_epoch(2, 2, DATA + 1, 4);
    expect_mean(1, 6, "epoch-2.safetensors: is of another run");
    put_epoch(2, 2, DATA, 8);
    expect_mean(1, 6, "epoch-2.safetensors: is of another run");
    ck_assert_int_eq(truncate(averaging_path(scratch_folder(), 3, path), 5), 0);
    expect_mean(0, 0, "too few for a safetensors file");
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("averaging");
    TCase *tests = tcase_create("averaging");
    tcase_add_checked_fixture(tests, scratch_make, scratch_remove);
    tcase_add_test(tests, mean_of_all);
    tcase_add_test(tests, epochs_that_do_not_know_their_data);
    tcase_add_test(tests, gaps);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
