/* vector.h - what one asks of a row of numbers. */
#ifndef COMMON_VECTOR_H
#define COMMON_VECTOR_H

#include <stddef.h>

#include "common/real.h"

/* The place of the largest of x (n), n > 0; the first of equal ones, as torch.argmax on a CPU. A
 * NaN is larger than nothing. */
int vector_argmax(const real *x, size_t n);

/* The largest |x_i| of x (n). NaN if any of them is. */
double vector_max_abs(const real *x, size_t n);

/* The largest |a_i - b_i| of a (n) and b (n). NaN if any of them is: what cannot be compared is not
 * equal. */
double vector_max_difference(const real *a, const real *b, size_t n);

#endif
