// Cores that this process may use: as many as the system says, and fewer where it is told so.
#define _GNU_SOURCE // sched_setaffinity
#include "common/cores.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>
#endif

START_TEST(no_more_than_there_are) {
    ck_assert_int_ge(cores_physical(), 1);
    ck_assert_int_le(cores_physical(), sysconf(_SC_NPROCESSORS_ONLN));
}
END_TEST

#ifdef __linux__
/* As under taskset or in a container: the test's own process, on the first cpu it may use. */
START_TEST(bound_to_one) {
    cpu_set_t allowed, one;
    ck_assert_int_eq(sched_getaffinity(0, sizeof allowed, &allowed), 0);
    int cpu = 0;
    while (!CPU_ISSET(cpu, &allowed)) cpu++;
    CPU_ZERO(&one);
    CPU_SET(cpu, &one);
    ck_assert_int_eq(sched_setaffinity(0, sizeof one, &one), 0);
    ck_assert_int_eq(cores_physical(), 1);
    ck_assert_int_eq(sched_setaffinity(0, sizeof allowed, &allowed), 0);
}
END_TEST
#endif

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("cores");
    TCase *tests = tcase_create("cores");
    tcase_add_test(tests, no_more_than_there_are);
#ifdef __linux__
    tcase_add_test(tests, bound_to_one);
#endif
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
