// Both clocks count seconds: the one while we sleep as well, the other only while we compute.
#include "common/clock.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <time.h>

static void sleep_20_ms(void) {
    const struct timespec time = {.tv_nsec = 20 * 1000 * 1000};
    nanosleep(&time, NULL);
}

START_TEST(sleeping_takes_time) {
    const double begin = clock_seconds();
    sleep_20_ms();
    const double took = clock_seconds() - begin;
    ck_assert_double_ge(took, 0.019);
    ck_assert_double_le(took, 10); // seconds, not milliseconds; a busy machine may be late
}
END_TEST

START_TEST(sleeping_is_no_work) {
    const double begin = clock_thread_seconds();
    sleep_20_ms();
    ck_assert_double_le(clock_thread_seconds() - begin, 0.015);
}
END_TEST

START_TEST(computing_is_work) {
    const double begin = clock_thread_seconds(), end = clock_seconds() + 10;
    while (clock_thread_seconds() - begin < 0.005) ck_assert_double_le(clock_seconds(), end);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("clock");
    TCase *tests = tcase_create("clock");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, sleeping_takes_time);
    tcase_add_test(tests, sleeping_is_no_work);
    tcase_add_test(tests, computing_is_work);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
