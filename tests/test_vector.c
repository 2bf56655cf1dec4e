// What is asked of a row of numbers: its largest, and how far two are apart.
#include "common/kernels.h"
#include "common/vector.h"
#include "tests/suite.h"

#include <check.h>

START_TEST(argmax) {
    const real row[] = {-3, -1, -2, -1};
    ck_assert_int_eq(vector_argmax(row, 4), 1); // the first of equal ones
    ck_assert_int_eq(vector_argmax(row, 1), 0);
    ck_assert_int_eq(vector_argmax(row + 2, 2), 1); // the last place
    const real hidden[] = {-INFINITY, -INFINITY, -INFINITY};
    ck_assert_int_eq(vector_argmax(hidden, 3), 0);
}
END_TEST

START_TEST(max_abs) {
    const real x[] = {1, -5, 3};
    ck_assert_double_eq(vector_max_abs(x, 3), 5);
    ck_assert_double_eq(vector_max_abs(x, 1), 1);
    ck_assert_double_eq(vector_max_abs(x, 0), 0);
}
END_TEST

START_TEST(max_difference) {
    const real a[] = {1, 2, 3, 4}, b[] = {1, (real)2.5, 1, 4};
    ck_assert_double_eq(vector_max_difference(a, b, 4), 2);
    ck_assert_double_eq(vector_max_difference(a, b, 2), 0.5); // signs either way
    ck_assert_double_eq(vector_max_difference(a, a, 4), 0);
}
END_TEST

/* A comparison that passes over what is no number would call it equal. */
START_TEST(nan_is_not_equal) {
    const real nan = (real)NAN, a[] = {1, nan, 3}, b[] = {1, 2, 9};
    ck_assert(isnan(vector_max_difference(a, b, 3)));
    ck_assert(isnan(vector_max_difference(b, a, 2)));
    ck_assert(isnan(vector_max_abs(a, 3)));
    const real inf = INFINITY;
    ck_assert(isinf(vector_max_difference(&inf, b, 1)));
    ck_assert(isnan(vector_max_difference(&inf, &inf, 1))); // infinity less infinity
}
END_TEST

/* A difference that float arithmetic would round away. */
START_TEST(subtracts_in_double) {
    const real a = 16777216, b = (real)-0.5;
    ck_assert_double_eq(vector_max_difference(&a, &b, 1), 16777216.5);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("vector");
    TCase *tests = tcase_create("vector");
    tcase_add_test(tests, argmax);
    tcase_add_test(tests, max_abs);
    tcase_add_test(tests, max_difference);
    tcase_add_test(tests, nan_is_not_equal);
    tcase_add_test(tests, subtracts_in_double);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
