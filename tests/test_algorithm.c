/* test_algorithm.c - tasks with answers that can be checked (algorithm.h): that these are the
 * answers, and that the program that learns them does. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/lab/algorithm.h"
#include "common/kernels.h"
#include "tests/program.h"
#include "tests/suite.h"

static void expect_text(Algorithm algorithm, AlgorithmProblem problem, const char *text) {
    char ours[128];
    algorithm_text(algorithm, problem.tokens, problem.count, ours, sizeof ours);
    ck_assert_str_eq(ours, text);
}

START_TEST(examples_of_the_resources) {
    const int six[] = {0, 0, 2, 1, 0, 1}, five[] = {3, 1, 4, 1, 5};
    expect_text(ALGORITHM_SORT, algorithm_sequence(ALGORITHM_SORT, 6, six), "002101=000112.");
    expect_text(ALGORITHM_REVERSE, algorithm_sequence(ALGORITHM_REVERSE, 5, five), "31415=51413.");
    expect_text(ALGORITHM_SHIFT, algorithm_sequence(ALGORITHM_SHIFT, 5, five), "31415=dbebf.");
    expect_text(ALGORITHM_ADD, algorithm_sum(ALGORITHM_ADD, 2, 85, 50, false), "85+50=531.");
    expect_text(ALGORITHM_ADD, algorithm_sum(ALGORITHM_ADD, 2, 6, 39, false), "06+39=540.");
    expect_text(ALGORITHM_ADD_FORWARD, algorithm_sum(ALGORITHM_ADD_FORWARD, 2, 6, 39, false),
                "06+39=045.");
    static const int published[] = {14, 10, 0, 3, 3, 3, 12, 10, 0, 6, 9, 6, 15};
    const AlgorithmProblem p = algorithm_sum(ALGORITHM_CALCULATOR, 3, 333, 696, false);
    ck_assert_mem_eq(p.tokens, published, sizeof published);
    expect_text(ALGORITHM_CALCULATOR, algorithm_sum(ALGORITHM_CALCULATOR, 3, -286, -44, true),
                "BOS NEGATIVE 0286 subtract NEGATIVE 0044 EOSBOS NEGATIVE 0242 EOS");
}
END_TEST

/* The number of `count` digits at tokens, the first one or the last one first. */
static int number(const int *tokens, int count, bool reversed) {
    int value = 0;
    for (int i = 0; i < count; i++) value = 10 * value + tokens[reversed ? count - 1 - i : i];
    return value;
}

/* What is drawn, judged by other means than it is made by. */
static void judge(Algorithm a, int n, const AlgorithmProblem *p) {
    const int *question = p->tokens, *answer = p->tokens + p->question;
    if (a <= ALGORITHM_SHIFT) {
        int times[10] = {0};
        ck_assert_int_eq(p->count, 2 * n + 2);
        for (int i = 0; i < n; i++) {
            if (a == ALGORITHM_REVERSE) ck_assert_int_eq(answer[i], question[n - 1 - i]);
            if (a == ALGORITHM_SHIFT) ck_assert_int_eq(answer[i], question[i] + 13);
            if (a == ALGORITHM_SORT && i > 0) ck_assert_int_ge(answer[i], answer[i - 1]);
            if (a == ALGORITHM_SORT) times[question[i]]++, times[answer[i]]--;
        }
        for (int i = 0; i < 10; i++) ck_assert_int_eq(times[i], 0);
    } else if (a == ALGORITHM_CALCULATOR) {
        const int x = number(question + 2, 4, false) * (question[1] == 11 ? -1 : 1);
        const int y = number(question + 8, 4, false) * (question[7] == 11 ? -1 : 1);
        const int z = number(answer + 1, 4, false) * (answer[0] == 11 ? -1 : 1);
        ck_assert_int_eq(question[6] == 13 ? x - y : x + y, z);
        ck_assert(z != 0 || answer[0] == 10); // zero has one sign
        ck_assert_int_eq(p->count, 20);
    } else {
        ck_assert_int_eq(number(question, n, false) + number(question + n + 1, n, false),
                         number(answer, n + 1, a == ALGORITHM_ADD));
        ck_assert_int_eq(p->count, 3 * n + 4);
    }
}

START_TEST(answers_are_right) {
    const AlgorithmTask *task = algorithm_task((Algorithm)_i);
    Random random;
    random_seed(&random, 4);
    for (int n = 1; n <= task->asked; n++)
        for (int k = 0; k < 200; k++) {
            const AlgorithmProblem p = algorithm_draw((Algorithm)_i, n, &random);
            for (int t = 0; t < p.count; t++) ck_assert_int_lt(p.tokens[t], task->vocab);
            ck_assert_int_le(p.count, ALGORITHM_TOKENS);
            judge((Algorithm)_i, n, &p);
        }
}
END_TEST

/* The program on sorting, which is learned in a few seconds, and two steps of each task. */
START_TEST(program_learns) {
    static const char PROGRAM[] = "06_training/algorithmic";
    char output[4096], options[96];
    if (!program_exists(PROGRAM)) {
        printf("skipped: %s is not in this build\n", PROGRAM);
        return;
    }
    ck_assert_int_eq(program_run(PROGRAM, "--positions none --no-plots", output, sizeof output), 0);
    for (int a = 0; a < ALGORITHM_COUNT; a++) {
        snprintf(options, sizeof options, "--task %s --no-plots --steps 2 --positions all",
                 algorithm_task((Algorithm)a)->name);
        // Two steps teach nothing: it says so, and ends with 1.
        ck_assert_int_eq(program_run(PROGRAM, options, output, sizeof output), 1);
        ck_assert_ptr_nonnull(strstr(output, "DOES NOT HOLD"));
    }
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("algorithm");
    TCase *tests = tcase_create("algorithm");
    tcase_set_timeout(tests, 180);
    tcase_add_test(tests, examples_of_the_resources);
    tcase_add_loop_test(tests, answers_are_right, 0, ALGORITHM_COUNT);
    tcase_add_test(tests, program_learns);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
