#include "02_positional_encoding/rotary.h"

/* y = or += x turned by `direction` times the angle of its place. */
static void rotary_pairs(real *y, const real *x, int first_position, int B, int T, int E, int D,
                         double direction, bool add) {
    const size_t sentence = (size_t)T * (size_t)E;
    for (int t = 0; t < T; t++)
        for (int i = 0; i < D / 2; i++) {
            // In double, as the sinusoid's: at place 5000 a float angle is off by 1/4000.
            const double theta = pow(10000.0, -2.0 * i / D);
            const double angle = direction * (first_position + t) * theta;
            const real c = (real)cos(angle), s = (real)sin(angle);
            // One angle serves pair i of every head of every sentence.
            for (int b = 0; b < B; b++)
                for (int h = 0; h < E / D; h++) {
                    // [first second] times [c s; -s c]: both are read before either is written
                    const size_t at = (size_t)b * sentence + (size_t)(t * E + h * D + 2 * i);
                    const real first = x[at], second = x[at + 1];
                    y[at] = (add ? y[at] : 0) + first * c - second * s;
                    y[at + 1] = (add ? y[at + 1] : 0) + first * s + second * c;
                }
        }
}

void rotary_forward(real *y, const real *x, int first_position, int B, int T, int E, int D) {
    rotary_pairs(y, x, first_position, B, T, E, D, 1, false);
}

/* forward was y = R x with R a turn, so now dx += R^T dy, and R^T turns the other way. */
void rotary_backward(real *dx, const real *dy, int first_position, int B, int T, int E, int D) {
    rotary_pairs(dx, dy, first_position, B, T, E, D, -1, true);
}

typedef struct {
    Tensor *x, *y;
    int head_dim, first_position;
} RotaryNode;

/* Given. */
static void rotary_go_back(const void *saved) {
    const RotaryNode *s = saved;
    const int *shape = s->x->shape;
    rotary_backward(tensor_grad(s->x), s->y->grad, s->first_position, shape[0], shape[1], shape[2],
                    s->head_dim);
}

/* Given. Checks, allocates and records. */
Tensor *rotary_turn(Tensor *x, int head_dim, int first_position) {
    REQUIRE(x->ndim == 3, "x must be (B,T,E), not %d-dimensional", x->ndim);
    const int B = x->shape[0], T = x->shape[1], E = x->shape[2];
    REQUIRE(head_dim > 0 && head_dim % 2 == 0 && E % head_dim == 0,
            "%d columns cannot be heads of %d, in pairs", E, head_dim);
    Tensor *y = tensor_new(3, x->shape, x->requires_grad); // (B,T,E)
    rotary_forward(y->data, x->data, first_position, B, T, E, head_dim);
    RECORD(y, rotary_go_back, RotaryNode, x, y, head_dim, first_position);
    return y;
}
