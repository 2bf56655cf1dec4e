#include "common/adam.h"

AdamConfig adam_pytorch(void) {
    return (AdamConfig){.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8};
}

AdamConfig adam_paper(void) {
    return (AdamConfig){.beta1 = 0.9, .beta2 = 0.98, .eps = 1e-9};
}

AdamConfig adamw_pytorch(void) {
    return (AdamConfig){
        .beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8, .weight_decay = 0.01, .decoupled = true};
}

/* What is the same for all weights is computed first, in double: 1 - 0.98^1 in float has lost
 * digits already. Both corrections become scalars: that of m part of the rate, that of v a factor
 * on the root. */
void adam_step(real *restrict w, real *restrict g, real *restrict m, real *restrict v, size_t n,
               AdamConfig config, int64_t step, double lr, double scale) {
    const real beta1 = (real)config.beta1, keep1 = (real)(1 - config.beta1);
    const real beta2 = (real)config.beta2, keep2 = (real)(1 - config.beta2);
    const real rate = (real)(lr / (1 - pow(config.beta1, (double)step)));
    const real root = (real)(1 / sqrt(1 - pow(config.beta2, (double)step)));
    const real l2 = config.decoupled ? 0 : (real)config.weight_decay;
    const real shrink = config.decoupled ? (real)(1 - lr * config.weight_decay) : 1;
    const real gscale = (real)scale, eps = (real)config.eps;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        const real grad = gscale * g[i] + l2 * w[i];
        m[i] = beta1 * m[i] + keep1 * grad;
        v[i] = beta2 * v[i] + keep2 * grad * grad;
        w[i] = shrink * w[i] - rate * m[i] / ((real)sqrt(v[i]) * root + eps);
        g[i] = 0;
    }
}
