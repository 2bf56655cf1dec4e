#include "common/linear.h"

#include "common/init.h"

/* Weight before bias, drawn in that order: with the same seed PyTorch's nn.Linear holds the same
 * numbers. */
Linear linear_new(Parameters *parameters, const char *prefix, int in, int out, bool with_bias,
                  Random *random) {
    Linear linear = {PARAMETER(parameters, prefix, "weight", out, in), NULL};
    if (with_bias) linear.bias = PARAMETER(parameters, prefix, "bias", out);
    init_linear(random, linear.weight->data, with_bias ? linear.bias->data : NULL, (size_t)out,
                (size_t)in);
    return linear;
}

Tensor *linear_forward(const Linear *linear, Tensor *x) {
    return op_linear(x, linear->weight, linear->bias);
}
