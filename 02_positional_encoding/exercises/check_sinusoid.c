#include "02_positional_encoding/sinusoid.h"
#include "common/kernels.h"
#include "tests/exercise.h"

/* ---- The table ------------------------------------------------------------------------------- */

static void table_of_one_clock(void) {
    real table[4 * 2];
    sinusoid_table(table, 0, 4, 2);
    SHOW("table", table, 4, 2);
}

static void table_of_three_clocks(void) {
    real table[5 * 6];
    sinusoid_table(table, 0, 5, 6);
    SHOW("table", table, 5, 6);
}

static void table_later_places(void) {
    real table[3 * 4];
    sinusoid_table(table, 17, 3, 4);
    SHOW("table, places 17 to 19", table, 3, 4);
}

static void table_odd(void) {
    real table[3 * 5];
    sinusoid_table(table, 1, 3, 5);
    SHOW("table that ends with a sine", table, 3, 5);
}

static void table_is_bounded(void) {
    real table[50 * 8];
    bool bounded = true;
    sinusoid_table(table, 0, 50, 8);
    for (int i = 0; i < 50 * 8; i++) bounded = bounded && fabs((double)table[i]) <= 1;
    exercise_holds("no entry is above 1 or below -1, at any place", bounded);
}

/* ---- Added to words -------------------------------------------------------------------------- */

static void add_one_sentence(void) {
    real x[1 * 3 * 4];
    exercise_fill(x, 12, 1);
    exercise_show_tensor("x + table", sinusoid_add(TENSOR_FROM(x, 1, 3, 4), 0));
}

static void add_later(void) {
    real x[2 * 2 * 4];
    exercise_fill(x, 16, 2);
    exercise_show_tensor("x + table from place 5", sinusoid_add(TENSOR_FROM(x, 2, 2, 4), 5));
}

static void add_gradient(void) {
    real x[2 * 3 * 4], factors[2 * 3 * 4];
    exercise_fill(x, 24, 3);
    exercise_fill(factors, 24, 4);
    Tensor *words = tensor_variable(x, 3, SHAPE(2, 3, 4));
    backward(op_sum(op_mul(sinusoid_add(words, 0), TENSOR_FROM(factors, 2, 3, 4))));
    SHOW("dx", tensor_grad(words), 2, 3, 4);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"sinusoid_table", "one clock, places 0 to 3", table_of_one_clock, VALUES},
        {"sinusoid_table", "three clocks", table_of_three_clocks, VALUES},
        {"sinusoid_table", "from place 17 on", table_later_places, VALUES},
        {"sinusoid_table", "an odd width", table_odd, VALUES},
        {"sinusoid_table", "50 places", table_is_bounded, VALUES},
        {"sinusoid_add", "one sentence", add_one_sentence, VALUES},
        {"sinusoid_add", "two sentences that go on at place 5", add_later, VALUES},
        {"sinusoid_add", "what flows back", add_gradient, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
