#include "02_positional_encoding/lab/sinusoid_shift.h"

#include "common/error.h"

void sinusoid_shift(real *shift, int k, int d_model) {
    REQUIRE(d_model % 2 == 0, "d_model %d", d_model);
    const size_t E = (size_t)d_model;
    memset(shift, 0, E * E * sizeof *shift);
    for (int i = 0; i < d_model / 2; i++) {
        const double angle = k * pow(10000.0, -2.0 * i / d_model);
        real *block = shift + (size_t)(2 * i) * (E + 1); // 2x2, on the diagonal
        // sin(a + b) = sin a cos b + cos a sin b:  the column that makes the new sine
        block[0] = (real)cos(angle), block[E] = (real)sin(angle);
        // cos(a + b) = cos a cos b - sin a sin b:  the column that makes the new cosine
        block[1] = (real)-sin(angle), block[E + 1] = (real)cos(angle);
    }
}
