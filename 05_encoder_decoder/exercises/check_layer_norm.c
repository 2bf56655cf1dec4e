#include "05_encoder_decoder/layer_norm.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { N = 3, E = 7 };

static const real ONE[] = {1, 1, 1, 1}, ZERO[] = {0, 0, 0, 0};

static void one_row(void) {
    const real x[] = {1, 2, 3, 6};
    real y[4], mean, rstd;
    layer_norm_forward(y, &mean, &rstd, x, ONE, ZERO, 1, 4);
    exercise_show_number("mean", (double)mean);
    exercise_show_number("rstd", (double)rstd);
    SHOW("y", y, 4);
}

static void weight_and_bias(void) {
    real x[N * E], w[E], b[E], y[N * E], mean[N], rstd[N];
    exercise_fill(x, N * E, 1);
    exercise_fill(w, E, 2);
    exercise_fill(b, E, 3);
    layer_norm_forward(y, mean, rstd, x, w, b, N, E);
    SHOW("mean", mean, N);
    SHOW("rstd", rstd, N);
    SHOW("y", y, N, E);
}

/* The variance is 0, so epsilon alone is under the root. */
static void all_equal(void) {
    const real x[] = {5, 5, 5, 5};
    real y[4], mean, rstd;
    layer_norm_forward(y, &mean, &rstd, x, ONE, ZERO, 1, 4);
    exercise_show_number("rstd", (double)rstd);
    SHOW("y", y, 4);
}

/* Small numbers, beside which epsilon is not small. */
static void small_numbers(void) {
    const real x[] = {(real)0.001, (real)0.002, (real)-0.001, 0};
    real y[4], mean, rstd;
    layer_norm_forward(y, &mean, &rstd, x, ONE, ZERO, 1, 4);
    exercise_show_number("rstd", (double)rstd);
    SHOW("y", y, 4);
}

/* Far from 0: E[x^2] - E[x]^2 has no digits left in float. */
static void far_from_zero(void) {
    const real x[] = {10001, 10002, 10003, 10006};
    real y[4], mean, rstd;
    layer_norm_forward(y, &mean, &rstd, x, ONE, ZERO, 1, 4);
    SHOW("y", y, 4);
}

/* mean and rstd of each row of x, worked out here: no other function of the piece is called. */
static void statistics(const real *x, real *mean, real *rstd) {
    for (int n = 0; n < N; n++) {
        double sum = 0, squares = 0;
        for (int e = 0; e < E; e++) sum += (double)x[n * E + e];
        for (int e = 0; e < E; e++) squares += pow((double)x[n * E + e] - sum / E, 2);
        mean[n] = (real)(sum / E);
        rstd[n] = (real)(1 / sqrt(squares / E + 1e-5));
    }
}

/* dx, dw, db begin with numbers, or are left out. */
static void back(bool with_dx, bool with_dw, bool with_db) {
    real x[N * E], w[E], dy[N * E], mean[N], rstd[N], dx[N * E], dw[E], db[E];
    exercise_fill(x, N * E, 1);
    exercise_fill(w, E, 2);
    exercise_fill(dy, N * E, 4);
    exercise_fill(dx, N * E, 5);
    exercise_fill(dw, E, 6);
    exercise_fill(db, E, 7);
    statistics(x, mean, rstd);
    layer_norm_backward(with_dx ? dx : NULL, with_dw ? dw : NULL, with_db ? db : NULL, dy, x, w,
                        mean, rstd, N, E);
    SHOW("db", db, E);
    SHOW("dw", dw, E);
    SHOW("dx", dx, N, E);
}

static void back_bias(void) {
    back(false, false, true);
}

static void back_weight(void) {
    back(false, true, false);
}

static void back_all(void) {
    back(true, true, true);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"layer_norm_forward", "1 2 3 6, weight 1, bias 0", one_row, VALUES},
        {"layer_norm_forward", "three rows with weight and bias", weight_and_bias, VALUES},
        {"layer_norm_forward", "four equal numbers", all_equal, VALUES},
        {"layer_norm_forward", "small numbers", small_numbers, VALUES},
        {"layer_norm_forward", "numbers far from 0", far_from_zero, VALUES},
        {"layer_norm_backward", "the bias alone", back_bias, GRADIENTS},
        {"layer_norm_backward", "the weight alone", back_weight, GRADIENTS},
        {"layer_norm_backward", "all three, into numbers that are there", back_all, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
