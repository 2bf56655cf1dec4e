#include "02_positional_encoding/sinusoid.h"

void sinusoid_table(real *table, int first_position, int positions, int d_model) {
    for (int i = 0; 2 * i < d_model; i++) {
        // Radians that the clock of pair i turns from one place to the next: 1, ..., 1/10000.
        const double frequency = pow(10000.0, -2.0 * i / d_model);
        for (int t = 0; t < positions; t++) {
            // The two hands of one clock: together they tell the angle, either alone does not.
            const double angle = (first_position + t) * frequency;
            real *row = table + (size_t)t * (size_t)d_model;
            row[2 * i] = (real)sin(angle);
            if (2 * i + 1 < d_model) row[2 * i + 1] = (real)cos(angle);
        }
    }
}

Tensor *sinusoid_add(Tensor *x, int first_position) {
    REQUIRE(x->ndim == 3, "x must be (B,T,E), not %d-dimensional", x->ndim);
    Tensor *table = TENSOR(x->shape[1], x->shape[2]); // (T,E)
    sinusoid_table(table->data, first_position, x->shape[1], x->shape[2]);
    return op_add(x, table); // (B,T,E) + (T,E): the same places in every sentence of the batch
}
