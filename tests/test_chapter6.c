// Chapter 6's claims: every comparison matches, and the schedule is the paper's.
#include "06_training/translator/trainer.h"
#include "common/kernels.h"
#include "tests/program.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *name;
    bool slow; // too slow under a sanitizer
} comparison[] = {
    {"bleu_by_hand", false},    {"copy_task", true},    {"init_matters", false},
    {"label_smoothing", false}, {"masked_loss", false}, {"noam_lr", false},
};
enum { COMPARISONS = sizeof comparison / sizeof *comparison };

START_TEST(comparison_matches) {
    char name[128];
    snprintf(name, sizeof name, "06_training/%s", comparison[_i].name);
    program_comparison(name, "", comparison[_i].slow);
}
END_TEST

/* The schedule's corners, which no published point touches. */
START_TEST(schedule) {
    ck_assert_double_eq(inverse_square_root_lr(0.5, 0, 1), 0.5); // no warm-up: the peak, always
    ck_assert_double_eq(inverse_square_root_lr(0.5, 0, 1000), 0.5);
    ck_assert_double_eq(inverse_square_root_lr(0.5, 10, 10), 0.5);
    ck_assert_double_eq_tol(inverse_square_root_lr(0.5, 10, 1), 0.05, 1e-15);
    ck_assert_double_eq_tol(inverse_square_root_lr(0.5, 10, 40), 0.25, 1e-15);
    for (long step = 1; step < 10; step++)
        ck_assert(inverse_square_root_lr(0.5, 10, step) <
                  inverse_square_root_lr(0.5, 10, step + 1));
    for (long step = 10; step < 100; step++)
        ck_assert(inverse_square_root_lr(0.5, 10, step) >
                  inverse_square_root_lr(0.5, 10, step + 1));
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    setvbuf(stdout, NULL, _IONBF, 0);
    Suite *suite = suite_create("chapter6");
    TCase *programs = tcase_create("comparisons");
    tcase_set_timeout(programs, 600);
    if (sizeof(real) == sizeof(float)) // the programs are built in single precision only
        tcase_add_loop_test(programs, comparison_matches, 0, COMPARISONS);
    suite_add_tcase(suite, programs);
    TCase *module = tcase_create("schedule");
    tcase_add_test(module, schedule);
    suite_add_tcase(suite, module);
    return suite_run(suite);
}
