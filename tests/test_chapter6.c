// The learning rate's schedule is the paper's.
#include "06_training/translator/trainer.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>

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
    Suite *suite = suite_create("chapter6");
    TCase *module = tcase_create("schedule");
    tcase_add_test(module, schedule);
    suite_add_tcase(suite, module);
    return suite_run(suite);
}
