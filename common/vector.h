/* vector.h - what one asks of a row of numbers. */
#ifndef COMMON_VECTOR_H
#define COMMON_VECTOR_H

#include <stddef.h>

#include "common/real.h"

/* The place of the largest of x (n), n > 0; the first of equal ones, as torch.argmax on a CPU. A
 * NaN is larger than nothing. */
int vector_argmax(const real *x, size_t n);

/* The largest of x (n), -infinity if n is 0; a NaN counts as nothing. */
real vector_max(const real *x, size_t n);

/* sum_i e^(x_i - shift) of x (n). */
real vector_exp_sum(const real *x, size_t n, real shift);

/* Whether no number of x (n) is infinite or NaN. */
bool vector_is_finite(const real *x, size_t n);

/* The largest |x_i| of x (n). NaN if any of them is. */
double vector_max_abs(const real *x, size_t n);

/* The largest |a_i - b_i| of a (n) and b (n). NaN if any of them is: what cannot be compared is not
 * equal. */
double vector_max_difference(const real *a, const real *b, size_t n);

#endif
