// What the chapters' programs share: steps, and published numbers held against computed ones.
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

START_TEST(equal_rows_match) {
    const double published[] = {0.25, -1.5};
    const real computed[] = {(real)0.251, (real)-1.5};
    Comparison c = {0};
    compare_row(&c, "row", published, computed, 2, 2, 0.005);
    compare_value(&c, "count", 12, 12, 0, 0);
    ck_assert_int_eq(c.compared, 3);
    ck_assert_int_eq(c.missed, 0);
    ck_assert_double_eq_tol(c.largest, 0.001, 1e-6);
    ck_assert_int_eq(compare_end(&c), 0);
}
END_TEST

START_TEST(a_difference_fails) {
    const double published[] = {0.25, -1.5};
    const real computed[] = {(real)0.25, (real)-1.49};
    Comparison c = {0};
    compare_row(&c, "row", published, computed, 2, 2, 0.005);
    ck_assert_int_eq(c.missed, 1);
    ck_assert_int_eq(compare_end(&c), 1);
    c = (Comparison){0};
    compare_value(&c, "count", 12, 13, 0, 0);
    ck_assert_int_eq(compare_end(&c), 1);
}
END_TEST

START_TEST(shapes_are_compared) {
    Graph *graph = graph_new();
    graph_use(graph);
    Comparison c = {0};
    COMPARE_SHAPE(&c, "equal", TENSOR(2, 3), 2, 3);
    ck_assert_int_eq(compare_end(&c), 0);
    COMPARE_SHAPE(&c, "another", TENSOR(2, 3), 3, 2);
    COMPARE_SHAPE(&c, "shorter", TENSOR(2, 3), 2);
    ck_assert_int_eq(c.refuted, 2);
    ck_assert_int_eq(compare_end(&c), 1);
    graph_free(graph);
}
END_TEST

START_TEST(nothing_and_nan_fail) {
    Comparison c = {0};
    ck_assert_int_eq(compare_end(&c), 1); // a comparison that compared nothing proves nothing
    compare_value(&c, "good", 1, 1, 2, 0.1);
    compare_value(&c, "nan", 1, (double)NAN, 2, 0.1);
    compare_value(&c, "good", 1, 1, 2, 0.1);
    ck_assert_int_eq(c.missed, 1);
    ck_assert(isnan(c.largest)); // a NaN stays the largest difference there was
    ck_assert_int_eq(compare_end(&c), 1);
}
END_TEST

START_TEST(options_of_a_lesson) {
    long steps = 5;
    char *argv[] = {"demo", "--step", "--no-plots", "--steps", "7", "--out", "/tmp/x", NULL};
    const Option own[] = {option_integer("steps", "N", &steps, 0, 10, "training steps")};
    const Usage usage = {"A demo.", "demo --step"};
    const Lesson lesson = lesson_begin_with(7, argv, &usage, 42, own, 1);
    ck_assert(lesson.pauses);
    ck_assert(lesson.common.no_plots);
    ck_assert_int_eq(steps, 7);
    ck_assert_int_eq((int)lesson.common.seed, 42);
    ck_assert_str_eq(lesson.common.out, "/tmp/x");
}
END_TEST

/* The first step begins at once, each other one at an Enter, whatever stands before it; and the end
 * of the input is as good as one. */
START_TEST(steps_wait_for_enter) {
    char out[512] = {0};
    char *argv[] = {"demo", "--step", NULL};
    const Usage usage = {"A demo.", "demo --step"};
    FILE *in = tmpfile(), *shown = tmpfile();
    fputs("what?\nagain\n", in);
    rewind(in);
    dup2(fileno(in), STDIN_FILENO);
    Lesson lesson = lesson_begin(2, argv, &usage, 1);
    fflush(stdout);
    dup2(fileno(shown), STDOUT_FILENO);
    lesson_step(&lesson, "First");
    lesson_step(&lesson, "Second");
    ck_assert_int_eq(getchar(), 'a'); // the line was taken, and no more
    lesson_step(&lesson, "Third");
    lesson_step(&lesson, "Fourth");
    ck_assert_int_eq(lesson_end(&lesson, 3), 3);
    rewind(shown);
    ck_assert_uint_gt(fread(out, 1, sizeof out - 1, shown), 0);
    ck_assert_str_eq(out,
                     "\n1. First\n[Enter]\n2. Second\n[Enter]\n3. Third\n[Enter]\n4. Fourth\n");
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("lesson");
    TCase *tests = tcase_create("lesson");
    tcase_add_test(tests, equal_rows_match);
    tcase_add_test(tests, a_difference_fails);
    tcase_add_test(tests, shapes_are_compared);
    tcase_add_test(tests, nothing_and_nan_fail);
    tcase_add_test(tests, options_of_a_lesson);
    if (suite_forks()) tcase_add_test(tests, steps_wait_for_enter);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
