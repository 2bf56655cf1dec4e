#include "tests/suite.h"

#include <stdlib.h>

static int finish(SRunner *runner) {
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

int suite_run(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    return finish(runner);
}

int suite_run_silently(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_NOFORK);
    srunner_run_all(runner, CK_SILENT);
    return finish(runner);
}

void suite_run_each(Suite *suite, void (*show)(TestResult *result)) {
    SRunner *runner = srunner_create(suite);
    srunner_set_fork_status(runner, CK_FORK);
    srunner_run_all(runner, CK_SILENT);
    TestResult **results = srunner_results(runner);
    for (int i = 0; i < srunner_ntests_run(runner); i++) show(results[i]);
    free(results);
    srunner_free(runner);
}

bool suite_forks(void) {
    SRunner *runner = srunner_create(suite_create("forks?"));
    const bool forks = srunner_fork_status(runner) == CK_FORK;
    srunner_free(runner);
    return forks;
}
