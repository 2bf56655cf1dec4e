#include "02_positional_encoding/rotary.h"
#include "common/kernels.h"
#include "tests/exercise.h"

static void turn_one_pair(void) {
    const real x[3 * 2] = {1, 0, 1, 0, 1, 0};
    real y[3 * 2];
    rotary_forward(y, x, 0, 1, 3, 2, 2);
    SHOW("y", y, 3, 2);
}

static void turn_two_pairs(void) {
    real x[3 * 4], y[3 * 4];
    exercise_fill(x, 12, 1);
    rotary_forward(y, x, 0, 1, 3, 4, 4);
    SHOW("y", y, 3, 4);
}

static void turn_heads(void) {
    real x[2 * 3 * 8], y[2 * 3 * 8];
    exercise_fill(x, 48, 2);
    rotary_forward(y, x, 0, 2, 3, 8, 4);
    SHOW("y", y, 2, 3, 8);
}

static void turn_later(void) {
    real x[2 * 4], y[2 * 4];
    exercise_fill(x, 8, 3);
    rotary_forward(y, x, 9, 1, 2, 4, 4);
    SHOW("y, places 9 and 10", y, 2, 4);
}

static void turn_in_place(void) {
    real x[3 * 4];
    exercise_fill(x, 12, 4);
    rotary_forward(x, x, 1, 1, 3, 4, 4);
    SHOW("x, turned into itself", x, 3, 4);
}

/* The product of the query at place `at` + `apart` with the key at place `at`. */
static double product(int at, int apart) {
    real q[4], k[4], sum = 0;
    exercise_fill(q, 4, 5);
    exercise_fill(k, 4, 6);
    rotary_forward(q, q, at + apart, 1, 1, 4, 4);
    rotary_forward(k, k, at, 1, 1, 4, 4);
    for (int i = 0; i < 4; i++) sum += q[i] * k[i];
    return (double)sum;
}

static void turn_is_relative(void) {
    exercise_holds("query times key depends on how far apart they are, not on where they are",
                   fabs(product(0, 3) - product(40, 3)) < 1e-4);
    exercise_holds("and it does depend on that", fabs(product(0, 3) - product(0, 1)) > 1e-3);
}

static void back_one_pair(void) {
    const real dy[3 * 2] = {1, 0, 1, 0, 1, 0};
    real dx[3 * 2] = {0};
    rotary_backward(dx, dy, 0, 1, 3, 2, 2);
    SHOW("dx", dx, 3, 2);
}

static void back_heads(void) {
    real dy[2 * 3 * 8], dx[2 * 3 * 8] = {0};
    exercise_fill(dy, 48, 7);
    rotary_backward(dx, dy, 2, 2, 3, 8, 4);
    SHOW("dx", dx, 2, 3, 8);
}

static void back_adds(void) {
    real dy[3 * 4], dx[3 * 4];
    exercise_fill(dy, 12, 8);
    exercise_fill(dx, 12, 9);
    rotary_backward(dx, dy, 0, 1, 3, 4, 4);
    SHOW("dx, to which was added", dx, 3, 4);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"rotary_forward", "one pair at places 0, 1, 2", turn_one_pair, VALUES},
        {"rotary_forward", "two pairs", turn_two_pairs, VALUES},
        {"rotary_forward", "two sentences, two heads", turn_heads, VALUES},
        {"rotary_forward", "from place 9 on", turn_later, VALUES},
        {"rotary_forward", "into itself", turn_in_place, VALUES},
        {"rotary_forward", "what it is for", turn_is_relative, VALUES},
        {"rotary_backward", "one pair at places 0, 1, 2", back_one_pair, GRADIENTS},
        {"rotary_backward", "two sentences, two heads, from place 2", back_heads, GRADIENTS},
        {"rotary_backward", "into numbers that are there", back_adds, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
