#include "common/cross_entropy.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { V = 13 };

static void show(double loss, const real *row, int n) {
    exercise_show_number("the loss", loss);
    exercise_show("the gradient, in row", row, 1, &n);
}

static void by_hand(void) {
    real row[] = {3, 2, 1};
    show(cross_entropy_row(row, NULL, NULL, 3, 0, 1, 0), row, 3);
}

/* Equal shares cost ln 2. */
static void two_equal(void) {
    real row[] = {0, 0};
    show(cross_entropy_row(row, NULL, NULL, 2, 1, 1, 0), row, 2);
}

static void one_class(void) {
    real row[] = {5};
    show(cross_entropy_row(row, NULL, NULL, 1, 0, 1, 0), row, 1);
}

static void many(void) {
    real row[V];
    exercise_fill(row, V, 1);
    show(cross_entropy_row(row, NULL, NULL, V, 7, 1, 0), row, V);
}

static void large(void) {
    real row[] = {1001, 1003, 1002};
    show(cross_entropy_row(row, NULL, NULL, 3, 0, 1, 0), row, 3);
}

static void negative(void) {
    real row[] = {-1001, -1003, -1002};
    show(cross_entropy_row(row, NULL, NULL, 3, 2, 1, 0), row, 3);
}

/* p_target is 0 in any precision; its logarithm must not be taken. */
static void hopeless(void) {
    real row[] = {-2000, 0, 1};
    show(cross_entropy_row(row, NULL, NULL, 3, 0, 1, 0), row, 3);
}

/* A class that is ruled out is no target, and nothing is smoothed. */
static void ruled_out(void) {
    real row[] = {1, -INFINITY, 2};
    show(cross_entropy_row(row, NULL, NULL, 3, 2, 1, 0), row, 3);
}

static void with_bias(void) {
    real row[V], bias[V];
    exercise_fill(row, V, 2);
    exercise_fill(bias, V, 3);
    show(cross_entropy_row(row, bias, NULL, V, 0, 1, 0), row, V);
    real untouched[V];
    exercise_fill(untouched, V, 3);
    exercise_holds("bias itself stays as it is", memcmp(bias, untouched, sizeof bias) == 0);
}

static void bias_gradient(void) {
    real row[V], bias[V], dbias[V];
    exercise_fill(row, V, 4);
    exercise_fill(bias, V, 5);
    exercise_fill(dbias, V, 6);
    show(cross_entropy_row(row, bias, dbias, V, 12, 1, 0), row, V);
    SHOW("dbias, which held numbers,", dbias, V);
}

static void smoothed_by_hand(void) {
    real row[] = {3, 2, 1, 0};
    show(cross_entropy_row(row, NULL, NULL, 4, 0, (real)0.6, (real)0.1), row, 4);
}

static void smoothed(void) {
    real row[V], dbias[V] = {0};
    exercise_fill(row, V, 8);
    show(cross_entropy_row(row, NULL, dbias, V, 3, (real)0.87, (real)0.01), row, V);
    SHOW("dbias", dbias, V);
}

/* p and q both sum to 1. */
static void sums_to_zero(void) {
    real row[V], sum = 0;
    exercise_fill(row, V, 9);
    cross_entropy_row(row, NULL, NULL, V, 3, (real)0.87, (real)0.01);
    for (int i = 0; i < V; i++) sum += row[i];
    exercise_holds("the gradient's entries sum to 0", fabs(sum) < 1e-5);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"cross_entropy_row", "the chapter's 3 2 1, the first is right", by_hand, GRADIENTS},
        {"cross_entropy_row", "two equal logits", two_equal, GRADIENTS},
        {"cross_entropy_row", "one class", one_class, GRADIENTS},
        {"cross_entropy_row", "13 classes", many, GRADIENTS},
        {"cross_entropy_row", "1001 1003 1002", large, VALUES},
        {"cross_entropy_row", "-1001 -1003 -1002", negative, VALUES},
        {"cross_entropy_row", "a target 2000 below the others", hopeless, VALUES},
        {"cross_entropy_row", "a class at -infinity, nothing smoothed", ruled_out, VALUES},
        {"cross_entropy_row", "bias", with_bias, GRADIENTS},
        {"cross_entropy_row", "dbias: gradients add", bias_gradient, GRADIENTS},
        {"cross_entropy_row", "certainty 0.6 and 0.1 for each of four", smoothed_by_hand,
         GRADIENTS},
        {"cross_entropy_row", "certainty 0.87 and 0.01 for each of 13", smoothed, GRADIENTS},
        {"cross_entropy_row", "p and q both sum to 1", sums_to_zero, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
