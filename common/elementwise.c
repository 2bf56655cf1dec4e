#include "common/elementwise.h"

#include "common/product.h"

/* ---- One number ------------------------------------------------------------------------------ */

/* y is positive where x was. */
void elementwise_relu_backward(real *dx, const real *dy, const real *y, size_t n) {
    for (size_t i = 0; i < n; i++) dx[i] += y[i] > 0 ? dy[i] : 0;
}

/* d e^x / dx = e^x */
void elementwise_exp_backward(real *dx, const real *dy, const real *y, size_t n) {
    for (size_t i = 0; i < n; i++) dx[i] += dy[i] * y[i];
}

/* d ln x / dx = 1/x */
void elementwise_log_backward(real *dx, const real *dy, const real *x, size_t n) {
    for (size_t i = 0; i < n; i++) dx[i] += dy[i] / x[i];
}

/* d tanh x / dx = 1 - tanh^2 x */
void elementwise_tanh_backward(real *dx, const real *dy, const real *y, size_t n) {
    for (size_t i = 0; i < n; i++) dx[i] += dy[i] * (1 - y[i] * y[i]);
}

/* With s = 1 / (1 + e^-x), ds / dx = s (1 - s). */
void elementwise_sigmoid_backward(real *dx, const real *dy, const real *y, size_t n) {
    for (size_t i = 0; i < n; i++) dx[i] += dy[i] * y[i] * (1 - y[i]);
}

/* d x^p / dx = p x^(p-1) */
void elementwise_pow_backward(real *dx, const real *dy, const real *x, real p, size_t n) {
    if (p == 0) return; // 0 * 0^-1 would be NaN
    for (size_t i = 0; i < n; i++) dx[i] += dy[i] * p * (real)pow(x[i], p - 1);
}

/* ---- Two numbers ----------------------------------------------------------------------------- */

/* da = dy, db = dy */
void elementwise_add_backward(ElementwiseOperand a, ElementwiseOperand b, const real *dy,
                              size_t n) {
    for (size_t i = 0; i < n && a.dx; i++) a.dx[i * a.step] += dy[i];
    for (size_t i = 0; i < n && b.dx; i++) b.dx[i * b.step] += dy[i];
}

/* da = dy, db = -dy */
void elementwise_sub_backward(ElementwiseOperand a, ElementwiseOperand b, const real *dy,
                              size_t n) {
    for (size_t i = 0; i < n && a.dx; i++) a.dx[i * a.step] += dy[i];
    for (size_t i = 0; i < n && b.dx; i++) b.dx[i * b.step] -= dy[i];
}

/* da = dy b, db = dy a */
void elementwise_mul_backward(ElementwiseOperand a, ElementwiseOperand b, const real *dy,
                              size_t n) {
    for (size_t i = 0; i < n && a.dx; i++)
        product_backward(&a.dx[i * a.step], dy[i], b.x[i * b.step]);
    for (size_t i = 0; i < n && b.dx; i++)
        product_backward(&b.dx[i * b.step], dy[i], a.x[i * a.step]);
}

/* da = dy / b, db = -dy a / b^2 */
void elementwise_div_backward(ElementwiseOperand a, ElementwiseOperand b, const real *dy,
                              size_t n) {
    for (size_t i = 0; i < n && a.dx; i++) a.dx[i * a.step] += dy[i] / b.x[i * b.step];
    for (size_t i = 0; i < n && b.dx; i++) {
        const real q = b.x[i * b.step];
        b.dx[i * b.step] -= dy[i] * a.x[i * a.step] / (q * q);
    }
}
