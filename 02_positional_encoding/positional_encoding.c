#include "02_positional_encoding/positional_encoding.h"

/* Radians per position of sine-cosine pair i. */
static double pair_frequency(PositionalEncodingForm form, int i, int d_model) {
    const double exponent = form == PE_TENSOR2TENSOR ? i / (d_model / 2 - 1.0) : 2.0 * i / d_model;
    return pow(10000.0, -exponent);
}

void positional_encoding_form(real *table, PositionalEncodingForm form, int first_position,
                              int positions, int d_model) {
    REQUIRE(form == PE_PAPER || (d_model % 2 == 0 && d_model >= 4), "d_model %d", d_model);
    const int pairs = (d_model + 1) / 2;
    for (int i = 0; i < pairs; i++) {
        const double frequency = pair_frequency(form, i, d_model);
        const int sine = form == PE_PAPER ? 2 * i : i;
        const int cosine = form == PE_PAPER ? 2 * i + 1 : pairs + i;
        for (int t = 0; t < positions; t++) {
            // The two hands of one clock: together they tell the angle, either alone does not.
            const double angle = (first_position + t) * frequency;
            real *row = table + (size_t)t * (size_t)d_model;
            row[sine] = (real)sin(angle);
            if (cosine < d_model) row[cosine] = (real)cos(angle);
        }
    }
}

void positional_encoding_table(real *table, int first_position, int positions, int d_model) {
    positional_encoding_form(table, PE_PAPER, first_position, positions, d_model);
}

void positional_encoding_rotation(real *rotation, int k, int d_model) {
    REQUIRE(d_model % 2 == 0, "d_model %d", d_model);
    const size_t E = (size_t)d_model;
    memset(rotation, 0, E * E * sizeof *rotation);
    for (int i = 0; i < d_model / 2; i++) {
        const double angle = k * pair_frequency(PE_PAPER, i, d_model);
        real *block = rotation + (size_t)(2 * i) * (E + 1); // on the diagonal
        // sin(a + b) = sin a cos b + cos a sin b:  the column that makes the new sine
        block[0] = (real)cos(angle), block[E] = (real)sin(angle);
        // cos(a + b) = cos a cos b - sin a sin b:  the column that makes the new cosine
        block[1] = (real)-sin(angle), block[E + 1] = (real)cos(angle);
    }
}

Tensor *positional_encoding_add(Tensor *x, int first_position) {
    REQUIRE(x->ndim == 3, "x must be (B,T,E), not %d-dimensional", x->ndim);
    Tensor *table = TENSOR(x->shape[1], x->shape[2]);
    positional_encoding_table(table->data, first_position, x->shape[1], x->shape[2]);
    return op_add(x, table); // broadcast over the batch
}
