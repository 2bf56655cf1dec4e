// Both clocks count seconds: the one while we sleep as well, the other only while we compute. And
// what a profile makes of the latter.
#include "common/clock.h"
#include "common/kernels.h"
#include "common/profile.h"
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

/* ---- Profile --------------------------------------------------------------------------------- */

static void compute(double seconds) {
    const double until = clock_thread_seconds() + seconds;
    while (clock_thread_seconds() < until) {}
}

/* Each place gets at least what was computed in it; attention keeps what happens inside, of whose
 * products no operations are counted; and without a profile nothing is. */
START_TEST(a_profile_tells_the_places_apart) {
    Profile profile = {.flop = 0};
    profile_enter_product(1e9);
    profile_use(&profile);
    const ProfilePlace start = profile_enter(PROFILE_NORMS);
    ck_assert_int_eq(start, PROFILE_WAITING);
    compute(0.004);
    ProfilePlace before = profile_enter_product(5);
    ck_assert_int_eq(before, PROFILE_NORMS);
    compute(0.002);
    profile_leave(before);
    profile_enter(PROFILE_ATTENTION);
    before = profile_enter_product(7);
    compute(0.003);
    profile_leave(before);
    profile_leave(start);
    profile_use(NULL);
    compute(0.01);
    profile_enter(PROFILE_LOSS);
    ck_assert_double_ge(profile.seconds[PROFILE_NORMS], 0.004);
    ck_assert_double_ge(profile.seconds[PROFILE_PRODUCTS], 0.002);
    ck_assert_double_ge(profile.seconds[PROFILE_ATTENTION], 0.003);
    ck_assert(profile.seconds[PROFILE_LOSS] == 0 && profile.seconds[PROFILE_OTHER] == 0);
    ck_assert(profile.flop == 5);
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
    tcase_add_test(tests, a_profile_tells_the_places_apart);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
