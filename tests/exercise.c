#include "tests/exercise.h"

#include "common/exercise.h"
#include "tests/exercise_report.h"
#include "tests/suite.h"

#include <check.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { SECONDS = 3 }; // a case takes milliseconds; on a slow machine a few more

static const ExerciseCase *all; // of the program, for the tests that Check calls without arguments
static const char *folder;
static FILE *shown; // in the process of a case: where it shows what came out

/* ---- Running one case ------------------------------------------------------------------------ */

static FILE *open_file(int number, const char *suffix, const char *mode) {
    char path[1024];
    const int length = snprintf(path, sizeof path, "%s/%d%s", folder, number, suffix);
    REQUIRE(length > 0 && (size_t)length < sizeof path, "%s is too long", folder);
    FILE *file = fopen(path, mode);
    REQUIRE(file, "cannot open %s", path);
    return file;
}

/* What the function prints, a failed REQUIRE above all, goes to a file of its own. */
START_TEST(run_case) {
    FILE *complaints = open_file(_i, ".err", "w");
    fflush(stderr);
    dup2(fileno(complaints), STDERR_FILENO);
    dup2(fileno(complaints), STDOUT_FILENO);
    shown = open_file(_i, ".out", "w");
    graph_use(graph_new());
    all[_i].run();
    fclose(shown);
}
END_TEST

/* One test case of Check for each of ours: its name carries the number to the result. */
static Suite *suite_of(size_t count, char (*names)[24]) {
    Suite *suite = suite_create("exercise");
    for (size_t i = 0; i < count; i++) {
        snprintf(names[i], sizeof names[i], "%zu", i);
        TCase *test = tcase_create(names[i]);
        tcase_set_timeout(test, SECONDS);
        tcase_add_loop_test(test, run_case, (int)i, (int)i + 1);
        suite_add_tcase(suite, test);
    }
    return suite;
}

/* How a case ended, in one word that --report reads. */
static const char *ending(TestResult *result) {
    char early[64];
    snprintf(early, sizeof early, "return value %d", EXERCISE_NOT_BEGUN);
    const char *message = tr_msg(result);
    if (tr_rtype(result) == CK_PASS) return ENDED_WELL;
    if (strstr(message, early)) return ENDED_NOT_BEGUN;
    if (strstr(message, "timeout")) return ENDED_HUNG;
    return ENDED_CRASHED;
}

static void write_ending(TestResult *result) {
    FILE *file = open_file(atoi(tr_tcname(result)), ".end", "w");
    fprintf(file, "%s\n", ending(result));
    fclose(file);
}

static int run_all(size_t count) {
    char(*names)[24] = memory_alloc(count * sizeof *names);
    suite_run_each(suite_of(count, names), write_ending);
    free(names);
    return EXIT_SUCCESS;
}

int exercise_main(int argc, char **argv, const ExerciseCase *cases, size_t count) {
    if (argc == 5 && strcmp(argv[1], "--report") == 0)
        return exercise_report(argv[2], argv[3], argv[4], cases, count);
    if (argc != 2) {
        fprintf(stderr, "usage: %s FOLDER | --report PIECE FLOATS DOUBLES\n", argv[0]);
        return 2;
    }
    all = cases;
    folder = argv[1];
    return run_all(count);
}

/* ---- Within a case --------------------------------------------------------------------------- */

/* The high bits of a linear congruential generator (Knuth's MMIX constants), cut to 22 bits, which
 * a float holds exactly. */
void exercise_fill(real *values, size_t count, unsigned seed) {
    uint64_t state = seed * 0x9E3779B97F4A7C15u + 1;
    for (size_t i = 0; i < count; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        values[i] = (real)((double)(state >> 42) / 4194304.0 * 3 - 1.5);
    }
}

static size_t size_of(int ndim, const int *shape) {
    size_t size = 1;
    for (int i = 0; i < ndim; i++) size *= (size_t)shape[i];
    return size;
}

Tensor *exercise_variable(unsigned seed, int ndim, const int *shape) {
    const size_t count = size_of(ndim, shape);
    real *values = graph_alloc(count * sizeof *values);
    exercise_fill(values, count, seed);
    return tensor_variable(values, ndim, shape);
}

/* One line: NAME, a tab, the dimensions, a tab, the numbers with all their digits. */
static void begin_line(const char *name, int ndim, const int *shape) {
    fprintf(shown, "%s\t", name);
    for (int i = 0; i < ndim; i++) fprintf(shown, i ? ",%d" : "%d", shape[i]);
    fputc('\t', shown);
}

void exercise_show(const char *name, const real *values, int ndim, const int *shape) {
    begin_line(name, ndim, shape);
    for (size_t i = 0; i < size_of(ndim, shape); i++) fprintf(shown, " %.17g", (double)values[i]);
    fputc('\n', shown);
}

void exercise_show_tensor(const char *name, const Tensor *tensor) {
    exercise_show(name, tensor->data, tensor->ndim, tensor->shape);
}

void exercise_show_ints(const char *name, const int *values, int count) {
    begin_line(name, 1, &count);
    for (int i = 0; i < count; i++) fprintf(shown, " %d", values[i]);
    fputc('\n', shown);
}

void exercise_show_bytes(const char *name, const unsigned char *values, int ndim,
                         const int *shape) {
    begin_line(name, ndim, shape);
    for (size_t i = 0; i < size_of(ndim, shape); i++) fprintf(shown, " %d", values[i]);
    fputc('\n', shown);
}

void exercise_show_number(const char *name, double value) {
    begin_line(name, 0, NULL);
    fprintf(shown, " %.17g\n", value);
}

void exercise_holds(const char *property, bool holds) {
    begin_line(property, 0, NULL);
    fprintf(shown, " %s\n", holds ? "holds" : "fails");
}
