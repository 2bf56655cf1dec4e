#include "02_positional_encoding/learned_positions.h"

void learned_positions_forward(real *y, const real *weight, int first_position, int T, int E) {
    // Neighbouring places are neighbouring rows, so the lookup is a run of memory.
    const real *row = weight + (size_t)first_position * (size_t)E;
    for (size_t i = 0; i < (size_t)T * (size_t)E; i++) y[i] = row[i];
}

void learned_positions_backward(real *dweight, const real *dy, int first_position, int T, int E) {
    // forward copied row first_position + t to row t, so now dy's row t goes to where it came from
    real *row = dweight + (size_t)first_position * (size_t)E;
    for (size_t i = 0; i < (size_t)T * (size_t)E; i++) row[i] += dy[i];
}

typedef struct {
    Tensor *weight, *y;
    int first_position;
} LearnedPositionsNode;

/* Given. */
static void learned_positions_go_back(const void *saved) {
    const LearnedPositionsNode *s = saved;
    learned_positions_backward(tensor_grad(s->weight), s->y->grad, s->first_position,
                               s->y->shape[0], s->y->shape[1]);
}

/* Given. Checks, allocates and records. */
Tensor *learned_positions(Tensor *weight, int first_position, int T) {
    REQUIRE(weight->ndim == 2, "the table must be (max_length,E), not %d-dimensional",
            weight->ndim);
    REQUIRE(first_position >= 0 && T >= 0 && first_position <= weight->shape[0] - T,
            "places %d to %d; the table has %d", first_position, first_position + T - 1,
            weight->shape[0]);
    const int E = weight->shape[1];
    Tensor *y = tensor_new(2, SHAPE(T, E), weight->requires_grad); // (T,E)
    learned_positions_forward(y->data, weight->data, first_position, T, E);
    RECORD(y, learned_positions_go_back, LearnedPositionsNode, weight, y, first_position);
    return y;
}
