#include "02_positional_encoding/learned_positions.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { ROWS = 5, E = 3 };

static void first_rows(void) {
    const real weight[ROWS * E] = {1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33, 41, 42, 43};
    real y[2 * E];
    learned_positions_forward(y, weight, 0, 2, E);
    SHOW("y", y, 2, E);
}

static void later_rows(void) {
    real weight[ROWS * E], y[2 * E];
    exercise_fill(weight, ROWS * E, 1);
    learned_positions_forward(y, weight, 3, 2, E);
    SHOW("y", y, 2, E);
}

static void no_rows(void) {
    real weight[ROWS * E], y[E] = {7, 7, 7};
    exercise_fill(weight, ROWS * E, 1);
    learned_positions_forward(y, weight, 0, 0, E);
    SHOW("y, which nothing was to be written to", y, E);
}

static void back_first_rows(void) {
    const real dy[2 * E] = {1, 2, 3, 4, 5, 6};
    real dweight[ROWS * E] = {0};
    learned_positions_backward(dweight, dy, 0, 2, E);
    SHOW("dweight", dweight, ROWS, E);
}

static void back_later_rows(void) {
    real dy[2 * E], dweight[ROWS * E] = {0};
    exercise_fill(dy, 2 * E, 2);
    learned_positions_backward(dweight, dy, 3, 2, E);
    SHOW("dweight", dweight, ROWS, E);
}

static void back_adds(void) {
    real dy[2 * E], dweight[ROWS * E];
    exercise_fill(dy, 2 * E, 3);
    exercise_fill(dweight, ROWS * E, 4);
    learned_positions_backward(dweight, dy, 1, 2, E);
    learned_positions_backward(dweight, dy, 2, 2, E);
    SHOW("dweight", dweight, ROWS, E);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"learned_positions_forward", "two places from the start", first_rows, VALUES},
        {"learned_positions_forward", "two places from place 3", later_rows, VALUES},
        {"learned_positions_forward", "no place at all", no_rows, VALUES},
        {"learned_positions_backward", "two places from the start", back_first_rows, GRADIENTS},
        {"learned_positions_backward", "two places from place 3", back_later_rows, GRADIENTS},
        {"learned_positions_backward", "twice, into numbers that are there", back_adds, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
