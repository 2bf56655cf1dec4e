/* sinusoid_form.h - three ways in which published code writes the paper's table down.
 *
 * Each pair of a sine and a cosine turns at one frequency; the forms differ in where the two stand
 * and in how the frequencies are spaced.
 */
#ifndef SINUSOID_FORM_H
#define SINUSOID_FORM_H

#include "common/real.h"

typedef enum {
    SINUSOID_PAPER,         // sine and cosine next to each other, 10000^(-2i/d_model)
    SINUSOID_TENSORFLOW,    // the same frequencies, all sines first, then all cosines
    SINUSOID_TENSOR2TENSOR, // the same order, but 10000^(-i/(d_model/2 - 1)), down to 1/10000
} SinusoidForm;

/* table (positions,d_model), row t for position first_position + t. All but the paper's form need
 * an even d_model of at least 4. */
void sinusoid_form_table(real *table, SinusoidForm form, int first_position, int positions,
                         int d_model);

#endif
