#include "common/cross_entropy.h"

#include "common/softmax.h"

/* Three passes over the row, because it is the widest of a training step: bias and largest entry,
 * exponentials, gradient. */
double cross_entropy_row(real *row, const real *bias, real *dbias, size_t V, int target,
                         real certainty, real share) {
    real max = -INFINITY, sum = 0;
#pragma omp simd reduction(max : max) reduction(+ : sum)
    for (size_t i = 0; i < V; i++) {
        const real z = row[i] + (bias ? bias[i] : 0);
        row[i] = z;
        max = z > max ? z : max;
        sum += z;
    }
    const real target_logit = row[target];
    const real exp_sum = softmax_exp_row(row, V, max);
    const real scale = 1 / exp_sum;
    for (size_t i = 0; i < V; i++) {
        const real gradient = row[i] * scale - share;
        row[i] = gradient;
        if (dbias) dbias[i] += gradient;
    }
    row[target] -= certainty;
    if (dbias) dbias[target] -= certainty;
    return max + log(exp_sum) - certainty * target_logit -
           (share > 0 ? share * sum : 0); // without smoothing, a logit of -infinity may be
}
