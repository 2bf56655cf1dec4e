#include "02_positional_encoding/lab/sinusoid_form.h"

#include "02_positional_encoding/sinusoid.h"
#include "common/arena.h"
#include "common/error.h"

#include <stdlib.h>

/* Moves each row's sines, the even columns, in front of its cosines. */
static void sines_first(real *table, int positions, int d_model) {
    const size_t E = (size_t)d_model, half = E / 2;
    real *sorted = memory_alloc(E * sizeof *sorted);
    for (size_t t = 0; t < (size_t)positions; t++) {
        real *row = table + t * E;
        for (size_t i = 0; i < half; i++) {
            sorted[i] = row[2 * i];
            sorted[half + i] = row[2 * i + 1];
        }
        memcpy(row, sorted, E * sizeof *row);
    }
    free(sorted);
}

/* Interleaved as the paper's, but with tensor2tensor's frequencies: the exponent runs to 1. */
static void wider_spaced(real *table, int first_position, int positions, int d_model) {
    for (int i = 0; i < d_model / 2; i++) {
        // i / (d_model/2 - 1) goes from 0 to 1, the paper's 2i/d_model stops short of it.
        const double frequency = pow(10000.0, -(i / (d_model / 2 - 1.0)));
        for (int t = 0; t < positions; t++) {
            real *row = table + (size_t)t * (size_t)d_model;
            row[2 * i] = (real)sin((first_position + t) * frequency);
            row[2 * i + 1] = (real)cos((first_position + t) * frequency);
        }
    }
}

void sinusoid_form_table(real *table, SinusoidForm form, int first_position, int positions,
                         int d_model) {
    REQUIRE(form == SINUSOID_PAPER || (d_model % 2 == 0 && d_model >= 4), "d_model %d", d_model);
    // Interleaved first, whatever the frequencies, and sorted afterwards where the form wants it.
    if (form == SINUSOID_TENSOR2TENSOR)
        wider_spaced(table, first_position, positions, d_model);
    else
        sinusoid_table(table, first_position, positions, d_model);
    if (form != SINUSOID_PAPER) sines_first(table, positions, d_model);
}
