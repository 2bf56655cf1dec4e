#include "common/kernels.h"
#include "common/softmax.h"
#include "tests/exercise.h"

enum { N = 13 }; // no multiple of what a processor does at a time

/* ---- e^(row - shift) ------------------------------------------------------------------------- */

static void exp_by_hand(void) {
    real row[] = {3, 2, 1};
    const real sum = softmax_exp_row(row, 3, 0);
    SHOW("row", row, 3);
    exercise_show_number("the sum", sum);
}

static void exp_shifted(void) {
    real row[N];
    exercise_fill(row, N, 1);
    const real sum = softmax_exp_row(row, N, (real)1.5);
    SHOW("row", row, N);
    exercise_show_number("the sum", sum);
}

static void exp_masked(void) {
    real row[] = {1, -INFINITY, 2, -INFINITY};
    const real sum = softmax_exp_row(row, 4, 2);
    SHOW("row", row, 4);
    exercise_show_number("the sum", sum);
}

static void exp_none(void) {
    exercise_show_number("the sum", softmax_exp_row(NULL, 0, 0));
}

/* ---- Softmax --------------------------------------------------------------------------------- */

static void row_by_hand(void) {
    real row[] = {3, 2, 1};
    softmax_row(row, 3);
    SHOW("p", row, 3);
}

static void row_of_one(void) {
    real row[] = {-7};
    softmax_row(row, 1);
    SHOW("p", row, 1);
}

static void row_of_many(void) {
    real row[N];
    exercise_fill(row, N, 1);
    softmax_row(row, N);
    SHOW("p", row, N);
}

static void row_sums_to_one(void) {
    real row[N], sum = 0;
    exercise_fill(row, N, 2);
    for (int i = 0; i < N; i++) row[i] *= 5;
    softmax_row(row, N);
    for (int i = 0; i < N; i++) sum += row[i];
    exercise_holds("the entries sum to 1", fabs(sum - 1) < 1e-5);
}

/* Only differences count. These are too large for e^x in float, and in double as well. */
static void row_large(void) {
    real row[] = {1003, 1002, 1001};
    softmax_row(row, 3);
    SHOW("p", row, 3);
}

static void row_very_negative(void) {
    real row[] = {-1003, -1002, -1001};
    softmax_row(row, 3);
    SHOW("p", row, 3);
}

static void row_masked(void) {
    real row[] = {1, -INFINITY, 2, -INFINITY};
    softmax_row(row, 4);
    SHOW("p", row, 4);
}

static void row_all_masked(void) {
    real row[] = {-INFINITY, -INFINITY, -INFINITY};
    softmax_row(row, 3);
    SHOW("p", row, 3);
}

/* ---- The way back ---------------------------------------------------------------------------- */

static void dot_by_hand(void) {
    const real p[] = {(real)0.5, (real)0.25, (real)0.25}, dp[] = {1, 2, 4};
    exercise_show_number("sum", softmax_row_dot(dp, p, 3));
}

static void dot_of_many(void) {
    real p[N], dp[N];
    exercise_fill(p, N, 1);
    exercise_fill(dp, N, 2);
    exercise_show_number("sum", softmax_row_dot(dp, p, N));
}

static void dot_of_none(void) {
    exercise_show_number("sum", softmax_row_dot(NULL, NULL, 0));
}

/* p (n) <- what a softmax gives, without calling it: each function is tried by itself. */
static void some_softmax(real *p, int n, unsigned seed) {
    real sum = 0;
    exercise_fill(p, (size_t)n, seed);
    for (int i = 0; i < n; i++) p[i] = (real)exp(p[i]);
    for (int i = 0; i < n; i++) sum += p[i];
    for (int i = 0; i < n; i++) p[i] /= sum;
}

static void back_by_hand(void) {
    const real p[] = {(real)0.5, (real)0.25, (real)0.25}, dp[] = {1, 2, 4};
    real dx[3] = {0};
    softmax_row_backward(dx, dp, p, 3);
    SHOW("dx", dx, 3);
}

static void back_random(void) {
    real p[N], dp[N], dx[N] = {0};
    some_softmax(p, N, 1);
    exercise_fill(dp, N, 2);
    softmax_row_backward(dx, dp, p, N);
    SHOW("dx", dx, N);
}

static void back_twice(void) {
    real p[N], dp[N], dx[N];
    some_softmax(p, N, 1);
    exercise_fill(dp, N, 2);
    exercise_fill(dx, N, 3);
    softmax_row_backward(dx, dp, p, N);
    softmax_row_backward(dx, dp, p, N);
    SHOW("dx, which held numbers,", dx, N);
}

/* If all entries rise by the same, p does not change: so what flows back sums to 0. */
static void back_sums_to_zero(void) {
    real p[N], dp[N], dx[N] = {0}, sum = 0;
    some_softmax(p, N, 4);
    exercise_fill(dp, N, 5);
    softmax_row_backward(dx, dp, p, N);
    for (int i = 0; i < N; i++) sum += dx[i];
    exercise_holds("the entries of dx sum to 0", fabs(sum) < 1e-5);
}

static void back_masked(void) {
    const real p[] = {0, 0, 0}, dp[] = {1, -2, 3};
    real dx[] = {4, 5, 6};
    softmax_row_backward(dx, dp, p, 3);
    SHOW("dx, which was 4 5 6,", dx, 3);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"softmax_exp_row", "3 2 1, not shifted", exp_by_hand, VALUES},
        {"softmax_exp_row", "13 numbers, shifted by 1.5", exp_shifted, VALUES},
        {"softmax_exp_row", "some are -infinity", exp_masked, VALUES},
        {"softmax_exp_row", "an empty row", exp_none, VALUES},
        {"softmax_row", "the chapter's 3 2 1", row_by_hand, VALUES},
        {"softmax_row", "a row of one", row_of_one, VALUES},
        {"softmax_row", "13 numbers", row_of_many, VALUES},
        {"softmax_row", "13 numbers five times as far apart", row_sums_to_one, VALUES},
        {"softmax_row", "1003 1002 1001", row_large, VALUES},
        {"softmax_row", "-1003 -1002 -1001", row_very_negative, VALUES},
        {"softmax_row", "two of four keys masked", row_masked, VALUES},
        {"softmax_row", "all keys masked", row_all_masked, VALUES},
        {"softmax_row_dot", "three numbers", dot_by_hand, GRADIENTS},
        {"softmax_row_dot", "13 numbers", dot_of_many, GRADIENTS},
        {"softmax_row_dot", "none", dot_of_none, GRADIENTS},
        {"softmax_row_backward", "p = 1/2 1/4 1/4, dp = 1 2 4", back_by_hand, GRADIENTS},
        {"softmax_row_backward", "13 numbers", back_random, GRADIENTS},
        {"softmax_row_backward", "twice: gradients add", back_twice, GRADIENTS},
        {"softmax_row_backward", "all entries together cannot change p", back_sums_to_zero,
         GRADIENTS},
        {"softmax_row_backward", "a fully masked row", back_masked, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
