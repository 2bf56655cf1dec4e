#include "common/kernels.h"
#include "common/matmul.h"
#include "tests/exercise.h"

enum { MOST = 512 };

/* In the arrays of a case: a, b, y (or dy), da, db. */
static real a[MOST], b[MOST], y[MOST], da[MOST], db[MOST];

static void fill_all(void) {
    exercise_fill(a, MOST, 1);
    exercise_fill(b, MOST, 2);
    exercise_fill(y, MOST, 3);
    exercise_fill(da, MOST, 4);
    exercise_fill(db, MOST, 5);
}

/* ---- y = a b --------------------------------------------------------------------------------- */

/* The chapter's numbers: (2,3) times (3,2). Zeros follow, for those who read too far. */
enum { ROOM = 16 };
static const real X[ROOM] = {1, 2, 3, 4, 5, 6}, W[ROOM] = {1, 0, 0, 1, 1, 1};

static void small(void) {
    matmul(y, 0, X, W, 2, 3, 2);
    SHOW("y", y, 2, 2);
}

static void one_by_one(void) {
    fill_all();
    matmul(y, 0, a, b, 1, 1, 1);
    SHOW("y", y, 1, 1);
}

static void oblong(void) {
    fill_all();
    matmul(y, 0, a, b, 3, 9, 5);
    SHOW("y", y, 3, 5);
}

static void row_times_column(void) {
    fill_all();
    matmul(y, 0, a, b, 1, 17, 1);
    SHOW("y", y, 1, 1);
}

static void column_times_row(void) {
    fill_all();
    matmul(y, 0, a, b, 4, 1, 6);
    SHOW("y", y, 4, 6);
}

static void adds(void) {
    fill_all();
    matmul(y, 1, a, b, 3, 4, 2);
    SHOW("y, which held numbers,", y, 3, 2);
}

/* 0 times NaN is NaN: with beta 0, what y holds must not even be multiplied. */
static void uninitialised(void) {
    fill_all();
    for (int i = 0; i < 6; i++) y[i] = NAN;
    matmul(y, 0, a, b, 3, 4, 2);
    SHOW("y, which held NaN,", y, 3, 2);
}

/* ---- y = a b^T ------------------------------------------------------------------------------- */

static void b_small(void) {
    const real w[ROOM] = {1, 0, 1, 0, 1, 1}; // W the other way round
    matmul_transpose_b(y, 0, X, w, 2, 3, 2);
    SHOW("y", y, 2, 2);
}

static void b_square(void) {
    fill_all();
    matmul_transpose_b(y, 0, a, b, 3, 3, 3);
    SHOW("y", y, 3, 3);
}

static void b_oblong(void) {
    fill_all();
    matmul_transpose_b(y, 0, a, b, 3, 9, 5);
    SHOW("y", y, 3, 5);
}

static void b_adds(void) {
    fill_all();
    matmul_transpose_b(y, 1, a, b, 2, 4, 3);
    SHOW("y, which held numbers,", y, 2, 3);
}

static void b_uninitialised(void) {
    fill_all();
    for (int i = 0; i < 6; i++) y[i] = NAN;
    matmul_transpose_b(y, 0, a, b, 2, 4, 3);
    SHOW("y, which held NaN,", y, 2, 3);
}

/* ---- y = a^T b ------------------------------------------------------------------------------- */

static void a_small(void) {
    const real x[ROOM] = {1, 4, 2, 5, 3, 6}; // X the other way round
    matmul_transpose_a(y, 0, x, W, 2, 3, 2);
    SHOW("y", y, 2, 2);
}

static void a_square(void) {
    fill_all();
    matmul_transpose_a(y, 0, a, b, 3, 3, 3);
    SHOW("y", y, 3, 3);
}

static void a_oblong(void) {
    fill_all();
    matmul_transpose_a(y, 0, a, b, 3, 9, 5);
    SHOW("y", y, 3, 5);
}

static void a_adds(void) {
    fill_all();
    matmul_transpose_a(y, 1, a, b, 2, 4, 3);
    SHOW("y, which held numbers,", y, 2, 3);
}

static void a_uninitialised(void) {
    fill_all();
    for (int i = 0; i < 6; i++) y[i] = NAN;
    matmul_transpose_a(y, 0, a, b, 2, 4, 3);
    SHOW("y, which held NaN,", y, 2, 3);
}

/* ---- The way back ---------------------------------------------------------------------------- */

/* The chapter's numbers; dy is mostly 0, so that one can follow the 10. */
static void back_small(void) {
    const real dy[] = {1, 0, 0, 10};
    real dx[6] = {0}, dw[6] = {0};
    matmul_backward(dx, dw, dy, X, W, 2, 3, 2);
    SHOW("da", dx, 2, 3);
    SHOW("db", dw, 3, 2);
}

static void back(int M, int K, int N) {
    fill_all();
    matmul_backward(da, db, y, a, b, M, K, N);
    SHOW("da, which held numbers,", da, M, K);
    SHOW("db, which held numbers,", db, K, N);
}

static void back_square(void) {
    back(3, 3, 3);
}

static void back_oblong(void) {
    back(5, 9, 3);
}

static void back_row(void) {
    back(1, 7, 1);
}

static void back_twice(void) {
    fill_all();
    matmul_backward(da, db, y, a, b, 2, 3, 4);
    matmul_backward(da, db, y, a, b, 2, 3, 4);
    SHOW("da", da, 2, 3);
    SHOW("db", db, 3, 4);
}

static void back_only_b(void) {
    fill_all();
    matmul_backward(NULL, db, y, a, b, 2, 3, 4);
    SHOW("db", db, 3, 4);
}

static void back_only_a(void) {
    fill_all();
    matmul_backward(da, NULL, y, a, b, 2, 3, 4);
    SHOW("da", da, 2, 3);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"matmul", "the chapter's (2,3) times (3,2)", small, VALUES},
        {"matmul", "(1,1) times (1,1)", one_by_one, VALUES},
        {"matmul", "(3,9) times (9,5)", oblong, VALUES},
        {"matmul", "a row times a column", row_times_column, VALUES},
        {"matmul", "a column times a row", column_times_row, VALUES},
        {"matmul", "beta 1: added", adds, VALUES},
        {"matmul", "beta 0: y need not be initialised", uninitialised, VALUES},
        {"matmul_transpose_b", "the chapter's product, w stored as (2,3)", b_small, VALUES},
        {"matmul_transpose_b", "square", b_square, VALUES},
        {"matmul_transpose_b", "(3,9) times (5,9)^T", b_oblong, VALUES},
        {"matmul_transpose_b", "beta 1: added", b_adds, VALUES},
        {"matmul_transpose_b", "beta 0: y need not be initialised", b_uninitialised, VALUES},
        {"matmul_transpose_a", "the chapter's product, x stored as (3,2)", a_small, VALUES},
        {"matmul_transpose_a", "square", a_square, VALUES},
        {"matmul_transpose_a", "(9,3)^T times (9,5)", a_oblong, VALUES},
        {"matmul_transpose_a", "beta 1: added", a_adds, VALUES},
        {"matmul_transpose_a", "beta 0: y need not be initialised", a_uninitialised, VALUES},
        {"matmul_backward", "the chapter's, follow the 10", back_small, GRADIENTS},
        {"matmul_backward", "square: no shape tells what is wrong", back_square, GRADIENTS},
        {"matmul_backward", "M 5, K 9, N 3", back_oblong, GRADIENTS},
        {"matmul_backward", "M 1, K 7, N 1", back_row, GRADIENTS},
        {"matmul_backward", "twice: gradients add", back_twice, GRADIENTS},
        {"matmul_backward", "da is NULL", back_only_b, GRADIENTS},
        {"matmul_backward", "db is NULL", back_only_a, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
