/* elementwise.h - the ways back of operations on single numbers: the derivative rules.
 *
 * All work on n numbers at a time. The operation has made y, the gradient of the loss with respect
 * to y arrives as dy, and the chain rule adds dy_i dy/dx to dx_i: it adds, because the same number
 * may have been used elsewhere, too.
 */
#ifndef COMMON_ELEMENTWISE_H
#define COMMON_ELEMENTWISE_H

#include <stddef.h>

#include "common/real.h"

/* ---- One number ------------------------------------------------------------------------------ */

/* y = max(x, 0). The slope at 0 counts as 0. Given y, which tells all that is needed. */
void elementwise_relu_backward(real *dx, const real *dy, const real *y, size_t n);

/* y = e^x, given y. */
void elementwise_exp_backward(real *dx, const real *dy, const real *y, size_t n);

/* y = ln x, given x. */
void elementwise_log_backward(real *dx, const real *dy, const real *x, size_t n);

/* y = tanh x, given y: its slope can be written with y alone. */
void elementwise_tanh_backward(real *dx, const real *dy, const real *y, size_t n);

/* y = 1 / (1 + e^-x), given y: its slope, too, can be written with y alone. */
void elementwise_sigmoid_backward(real *dx, const real *dy, const real *y, size_t n);

/* y = x^p, given x. For p = 0, where y is 1 everywhere, nothing flows back, not at x = 0 either. */
void elementwise_pow_backward(real *dx, const real *dy, const real *x, real p, size_t n);

/* ---- Two numbers ----------------------------------------------------------------------------- */

/* One of the two: element i of n is x[i step], and its gradient dx[i step]. A step of 0 is one
 * number that met all n of the other operand (broadcast), and what flows back to it is a sum over
 * them. */
typedef struct {
    const real *x;
    real *dx; // NULL: nobody asks for it. The other's as well, if both are the same numbers
    size_t step;
} ElementwiseOperand;

/* y_i = a_i + b_i */
void elementwise_add_backward(ElementwiseOperand a, ElementwiseOperand b, const real *dy, size_t n);

/* y_i = a_i - b_i */
void elementwise_sub_backward(ElementwiseOperand a, ElementwiseOperand b, const real *dy, size_t n);

/* y_i = a_i b_i */
void elementwise_mul_backward(ElementwiseOperand a, ElementwiseOperand b, const real *dy, size_t n);

/* y_i = a_i / b_i */
void elementwise_div_backward(ElementwiseOperand a, ElementwiseOperand b, const real *dy, size_t n);

#endif
