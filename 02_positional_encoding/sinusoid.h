/* sinusoid.h - the paper's positions: each place is a row of clock hands, added to the word.
 *
 * Vaswani et al. 2017, section 3.5, for pos = 0, 1, ... and i = 0 .. d_model/2 - 1:
 *     PE(pos, 2i)   = sin(pos / 10000^(2i/d_model))
 *     PE(pos, 2i+1) = cos(pos / 10000^(2i/d_model))
 * Nothing in it is learned, and it exists for every position.
 */
#ifndef SINUSOID_H
#define SINUSOID_H

#include "common/ops.h"

/* table (positions,d_model): row t is position first_position + t. An odd d_model ends with a sine.
 * Computed in double and then rounded, so that both builds agree. */
void sinusoid_table(real *table, int first_position, int positions, int d_model);

/* x (B,T,E) + the rows of positions first_position .. first_position + T - 1 -> (B,T,E). The table
 * is a constant, so the gradient of x passes as if it were not there. */
Tensor *sinusoid_add(Tensor *x, int first_position);

#endif
