/* exercise.h - tries a learner's piece, function by function.
 *
 * A program exercises/check_PIECE.c is a table of cases. A case calls one function of the piece on
 * fixed inputs and shows what came out. The same program is linked several times: with the module
 * of this repository, with the learner's file, and with the module after each known mistake. Each
 * writes what its functions gave; then `report` compares. So the module is the solution, no
 * expected number is written down anywhere, and an output equal to that of a known mistake is that
 * mistake.
 *
 *     FOLDER is what one of these programs writes, one file a case:
 *     check_x FOLDER                                       runs all cases
 *     check_x --report PIECE FLOATS DOUBLES                compares FLOATS/yours with FLOATS/ours,
 *                                                          DOUBLES/yours with DOUBLES/ours and
 *                                                          with each DOUBLES/mistakes/NAME
 *
 * Each case runs in a process of its own with a time limit (Check), so that a crash or an endless
 * loop is one case's affair.
 */
#ifndef TESTS_EXERCISE_H
#define TESTS_EXERCISE_H

#include "common/ops.h"
#include "tests/exercise_case.h"

/* The rest of a check program's main. The cases of a function follow one another, from easy to
 * hard. Returns the exit status: 0, or with --report 1 unless every function is right. */
int exercise_main(int argc, char **argv, const ExerciseCase *cases, size_t count);

/* ---- Within a case --------------------------------------------------------------------------- */

/* values <- count numbers in [-1.5, 1.5] that look random: the same for the same seed, in float and
 * in double. */
void exercise_fill(real *values, size_t count, unsigned seed);

/* A tensor of such numbers, which wants a gradient. */
Tensor *exercise_variable(unsigned seed, int ndim, const int *shape);
#define SOME(seed, ...) exercise_variable(seed, NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))

/* What came out, under a name; shape as of a tensor. */
void exercise_show(const char *name, const real *values, int ndim, const int *shape);
#define SHOW(name, values, ...) exercise_show(name, values, NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))
void exercise_show_tensor(const char *name, const Tensor *tensor);
void exercise_show_ints(const char *name, const int *values, int count);
void exercise_show_bytes(const char *name, const unsigned char *values, int ndim, const int *shape);
#define SHOW_BYTES(name, values, ...)                                                              \
    exercise_show_bytes(name, values, NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))
void exercise_show_number(const char *name, double value);

/* A property that the function must have: named where it does not hold. */
void exercise_holds(const char *property, bool holds);

#endif
