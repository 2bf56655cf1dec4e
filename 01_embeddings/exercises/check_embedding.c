#include "01_embeddings/embedding.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { V = 4, E = 3 };

static const real TABLE[V * E] = {1, 2, 3, 11, 12, 13, 21, 22, 23, 31, 32, 33};

static void two_rows(void) {
    real y[2 * E];
    embedding_lookup_forward(y, TABLE, (int[]){2, 0}, 2, E, 1);
    SHOW("y", y, 2, E);
}

static void one_row_twice(void) {
    real y[3 * E];
    embedding_lookup_forward(y, TABLE, (int[]){3, 1, 3}, 3, E, 1);
    SHOW("y", y, 3, E);
}

static void scaled(void) {
    real weight[V * E], y[2 * E];
    exercise_fill(weight, V * E, 1);
    embedding_lookup_forward(y, weight, (int[]){1, 3}, 2, E, (real)1.5);
    SHOW("y, 1.5 times the rows", y, 2, E);
}

static void back_two_rows(void) {
    const real dy[2 * E] = {1, 2, 3, 4, 5, 6};
    real dweight[V * E] = {0};
    embedding_lookup_backward(dweight, dy, (int[]){2, 0}, 2, E, 1);
    SHOW("dweight", dweight, V, E);
}

static void back_one_row_twice(void) {
    real dy[3 * E], dweight[V * E] = {0};
    exercise_fill(dy, 3 * E, 2);
    embedding_lookup_backward(dweight, dy, (int[]){3, 1, 3}, 3, E, 1);
    SHOW("dweight", dweight, V, E);
}

static void back_scaled(void) {
    real dy[2 * E], dweight[V * E];
    exercise_fill(dy, 2 * E, 3);
    exercise_fill(dweight, V * E, 4);
    embedding_lookup_backward(dweight, dy, (int[]){1, 3}, 2, E, (real)1.5);
    SHOW("dweight, to which was added", dweight, V, E);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"embedding_lookup_forward", "rows 2 and 0", two_rows, VALUES},
        {"embedding_lookup_forward", "row 3 twice", one_row_twice, VALUES},
        {"embedding_lookup_forward", "scaled", scaled, VALUES},
        {"embedding_lookup_backward", "rows 2 and 0", back_two_rows, GRADIENTS},
        {"embedding_lookup_backward", "row 3 twice", back_one_row_twice, GRADIENTS},
        {"embedding_lookup_backward", "scaled, into numbers that are there", back_scaled,
         GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
