/* suite.h - how every Check program ends. */
#ifndef TESTS_SUITE_H
#define TESTS_SUITE_H

#include <check.h>
#include <stdbool.h>

/* Runs the suite, frees it, and returns main's exit status: 0, or 1 if a test failed. */
int suite_run(Suite *suite);

/* The same in this process and without a word on stdout: what the tests collect stays here. */
int suite_run_silently(Suite *suite);

/* Runs each test in a process of its own, without a word, and shows how each went. */
void suite_run_each(Suite *suite, void (*show)(TestResult *result));

/* Whether each test runs in a process of its own (CK_FORK): only then may one abort on purpose. */
bool suite_forks(void);

#endif
