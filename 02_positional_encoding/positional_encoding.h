/* positional_encoding.h - where a token stands, written as a vector. */
#ifndef POSITIONAL_ENCODING_H
#define POSITIONAL_ENCODING_H

#include "common/ops.h"

/* Three ways to write the same idea down. Each pair of a sine and a cosine turns at one frequency;
 * they differ in where the two stand and in how the frequencies are spaced. */
typedef enum {
    PE_PAPER,         // sine and cosine next to each other, 10000^(-2i/d_model)
    PE_TENSORFLOW,    // the same frequencies, all sines first, then all cosines
    PE_TENSOR2TENSOR, // the same order, but 10000^(-i/(d_model/2 - 1)): the slowest is 1/10000
} PositionalEncodingForm;

/* table (positions,d_model), row t for position first_position + t (Vaswani et al. 2017,
 * section 3.5):
 *     PE(pos, 2i)   = sin(pos / 10000^(2i/d_model))
 *     PE(pos, 2i+1) = cos(pos / 10000^(2i/d_model))
 * An odd d_model ends with a sine. Computed in double, so that both builds agree. */
void positional_encoding_table(real *table, int first_position, int positions, int d_model);

/* The same in any of the forms; all but the paper's need an even d_model of at least 4. */
void positional_encoding_form(real *table, PositionalEncodingForm form, int first_position,
                              int positions, int d_model);

/* rotation (d_model,d_model) such that PE(pos + k) = PE(pos) rotation, as rows, for every pos:
 * blocks of 2x2 on the diagonal, each turning one sine-cosine pair by k times its frequency. k may
 * be negative. d_model must be even. */
void positional_encoding_rotation(real *rotation, int k, int d_model);

/* x (B,T,E) -> x + PE(first_position + t) for each t. With first_position > 0 x continues a
 * sequence whose earlier tokens were given before (decoding step by step). */
Tensor *positional_encoding_add(Tensor *x, int first_position);

#endif
