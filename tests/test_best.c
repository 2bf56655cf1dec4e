/* test_best.c - which of two models is the better one, by their validation. */
#include <check.h>

#include "06_training/run/best.h"
#include "common/kernels.h"
#include "tests/suite.h"

START_TEST(by_bleu_and_then_by_loss) {
    static const struct {
        long step; // 0: none is kept yet
        double bleu, loss, new_bleu, new_loss;
        bool expected;
    } known[] = {
        {0, 0, 0, 0, 9, true},
        {1, 20, 3, 20.01, 4, true},
        {1, 20, 3, 19.99, 2, false},
        {1, 20, 3, 20, 2.9, true},
        {1, 20, 3, 20, 3, false}, // the earlier one stays
        // 0.00 on the screen: a smoothed BLEU of hardly a word is no quality.
        {1, 3e-20, 4.9, 1e-21, 4.1, true},
        {1, 1e-21, 4.1, 3e-20, 4.9, false},
        {1, 20.004, 3, 20.001, 2.9, true},
        {1, 20.004, 3, 20.006, 3.5, true},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        const RunState state = {
            .best_step = known[i].step, .best_bleu = known[i].bleu, .best_loss = known[i].loss};
        ck_assert_msg(best_beaten(&state, known[i].new_bleu, known[i].new_loss) ==
                          known[i].expected,
                      "case %zu", i);
    }
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("best");
    TCase *tests = tcase_create("best");
    tcase_add_test(tests, by_bleu_and_then_by_loss);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
