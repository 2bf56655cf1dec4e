/* exercise_report.h - what a learner is told: exercise.h's second half. */
#ifndef TESTS_EXERCISE_REPORT_H
#define TESTS_EXERCISE_REPORT_H

#include "tests/exercise_case.h"

#include <stddef.h>

/* How a case ended, as the running program writes it. */
#define ENDED_WELL "well"
#define ENDED_NOT_BEGUN "not-begun"
#define ENDED_HUNG "hung"
#define ENDED_CRASHED "crashed"

/* Prints a line for each function: right, not begun, or wrong with every case that is, the largest
 * error, the first wrong place, and the mistake's hint where it is a known one. Returns 0 if all
 * are right, else 1. FLOATS and DOUBLES hold the folders ours, yours and (DOUBLES) mistakes/NAME,
 * each of those with the files `function`, `name` and `hint` beside the cases'. */
int exercise_report(const char *piece, const char *floats, const char *doubles,
                    const ExerciseCase *cases, size_t count);

#endif
