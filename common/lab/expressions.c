#include "common/lab/expressions.h"

static Tensor *leaf(double value) {
    const real number = (real)value;
    return tensor_variable(&number, 0, NULL);
}

Chain chain_forward(void) {
    Chain x = {.a = leaf(2), .b = leaf(-3), .c = leaf(10), .f = leaf(-2)};
    x.e = op_mul(x.a, x.b); // ()
    x.d = op_add(x.e, x.c); // ()
    x.L = op_mul(x.d, x.f); // ()
    return x;
}

static Tensor *plus(Tensor *x, double number) {
    return op_add(x, tensor_scalar((real)number));
}

/* Line by line as in the README; c and d are replaced by later versions of themselves, which in a
 * graph are new tensors that know the old ones. */
Micrograd micrograd_forward(void) {
    Tensor *a = leaf(-4), *b = leaf(2);
    Tensor *c = op_add(a, b);                                     // -2
    Tensor *d = op_add(op_mul(a, b), op_pow(b, 3));               // 0
    c = op_add(c, plus(c, 1));                                    // -3
    c = op_add(c, op_add(plus(c, 1), op_scale(a, -1)));           // -1
    d = op_add(d, op_add(op_scale(d, 2), op_relu(op_add(b, a)))); // 0
    d = op_add(d, op_add(op_scale(d, 3), op_relu(op_sub(b, a)))); // 6
    Tensor *e = op_sub(c, d);                                     // -7
    Tensor *f = op_pow(e, 2);                                     // 49
    Tensor *g = op_add(op_scale(f, (real)0.5), op_div(tensor_scalar(10), f));
    return (Micrograd){a, b, g};
}
