#include "tests/suite.h"

#include <stdlib.h>

int suite_run(Suite *suite) {
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed == 0 ? EXIT_SUCCESS : EXIT_FAILURE;
}

bool suite_forks(void) {
    SRunner *runner = srunner_create(suite_create("forks?"));
    const bool forks = srunner_fork_status(runner) == CK_FORK;
    srunner_free(runner);
    return forks;
}
