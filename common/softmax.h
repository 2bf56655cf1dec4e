/* softmax.h - the softmax of one row, and its way back. */
#ifndef COMMON_SOFTMAX_H
#define COMMON_SOFTMAX_H

#include <stddef.h>

#include "common/real.h"

/* row (n) <- e^(row - shift), in place; returns the sum. */
real softmax_exp_row(real *row, size_t n, real shift);

/* row (n) <- softmax(row), in place: p_i = e^row_i / sum_j e^row_j. The largest entry is subtracted
 * first, so no entry overflows. If all entries are -infinity (all keys masked) the row becomes
 * zeros: such a query attends to nothing. NaN spreads, as it should. */
void softmax_row(real *row, size_t n);

/* sum_j dp_j p_j, the part of the way back that all entries of a row share. */
real softmax_row_dot(const real *dp, const real *p, size_t n);

/* In the forward pass p = softmax(x), so now dx_i += p_i (dp_i - sum_j dp_j p_j). A row of zeros,
 * that of a fully masked query, passes nothing back. dx, dp, p (n). */
void softmax_row_backward(real *dx, const real *dp, const real *p, size_t n);

#endif
