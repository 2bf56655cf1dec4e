/* init.c - bounds are computed step by step as PyTorch computes them, in double: a shorter formula
 * for the same bound can differ in its last bit, and then so does every weight. Each product
 * stands in a statement of its own, so that no compiler fuses it with a sum.
 */
#include "common/init.h"

#include <math.h>

void init_constant(real *x, size_t n, double value) {
    for (size_t i = 0; i < n; i++) x[i] = (real)value;
}

void init_xavier_uniform(Random *random, real *w, size_t fan_out, size_t fan_in, double gain) {
    REQUIRE(fan_in + fan_out > 0, "a weight of shape (0,0) has no bound");
    const double std = gain * sqrt(2.0 / (double)(fan_in + fan_out));
    const double bound = sqrt(3.0) * std;
    random_fill_uniform(random, w, fan_out * fan_in, -bound, bound);
}

/* nn.Linear asks kaiming_uniform_ for its weight, with the gain of a leaky ReLU of slope
 * sqrt(5): sqrt(3) * sqrt(2 / (1 + 5)) / sqrt(fan_in), which is 1/sqrt(fan_in) but for rounding. */
static double linear_weight_bound(size_t fan_in) {
    const double slope = sqrt(5.0);
    const double slope_squared = slope * slope;
    const double gain = sqrt(2.0 / (1.0 + slope_squared));
    const double std = gain / sqrt((double)fan_in);
    return sqrt(3.0) * std;
}

void init_linear(Random *random, real *w, real *bias, size_t out_features, size_t in_features) {
    REQUIRE(in_features > 0, "a linear layer of no inputs has no bound");
    const double bound = linear_weight_bound(in_features);
    random_fill_uniform(random, w, out_features * in_features, -bound, bound);
    const double bias_bound = 1.0 / sqrt((double)in_features);
    if (bias) random_fill_uniform(random, bias, out_features, -bias_bound, bias_bound);
}
