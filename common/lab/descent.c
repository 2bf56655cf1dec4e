#include "common/lab/descent.h"

#include "common/adam.h"

void descent_step(Parameters *parameters, double rate) {
    for (int i = 0; i < parameters->count; i++) {
        Tensor *w = parameters->items[i];
        const real *grad = tensor_grad(w);
        for (size_t k = 0; k < w->size; k++) w->data[k] -= (real)rate * grad[k];
    }
}

double valley_height(double x, double y) {
    return (x * x + VALLEY_STEEP * y * y) / 2;
}

/* The gradient of valley_height at w = (x, y). */
static void valley_slope(const real w[2], real g[2]) {
    g[0] = w[0];
    g[1] = VALLEY_STEEP * w[1];
}

void valley_descend(double rate, int steps, real *x, real *y) {
    for (int i = 0; i < steps; i++) {
        real w[2] = {x[i], y[i]}, g[2];
        valley_slope(w, g);
        x[i + 1] = w[0] - (real)rate * g[0];
        y[i + 1] = w[1] - (real)rate * g[1];
    }
}

void valley_adam(double rate, int steps, real *x, real *y) {
    real w[2] = {x[0], y[0]}, g[2], m[2] = {0}, v[2] = {0};
    for (int i = 0; i < steps; i++) {
        valley_slope(w, g);
        adam_step(w, g, m, v, 2, adam_pytorch(), i + 1, rate, 1);
        x[i + 1] = w[0];
        y[i + 1] = w[1];
    }
}
