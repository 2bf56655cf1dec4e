/* ops_elementwise.c - operations in which element i of the result depends on element i alone. */
#include "common/dropout.h"
#include "common/ops.h"

/* ---- Two tensors, broadcast ------------------------------------------------------------------ */

typedef enum { ADD, SUB, MUL, DIV } Binary;

/* How to walk a result of up to four dimensions beside two operands: the steps, in elements, that
 * each operand takes along each dimension; 0 where it is broadcast. */
typedef struct {
    int shape[MAX_DIMS];
    size_t a_step[MAX_DIMS], b_step[MAX_DIMS];
} Walk;

/* Shapes are aligned at their last dimension, so the loop runs from there; dimensions that x does
 * not have, or has as 1, are not walked. */
static void operand_steps(const Tensor *x, int ndim, const int *shape, size_t *step) {
    size_t elements = 1;
    for (int i = MAX_DIMS - 1; i >= 0; i--) step[i] = 0;
    for (int i = x->ndim - 1; i >= 0; i--) {
        const int at = MAX_DIMS - x->ndim + i;
        if (x->shape[i] == shape[ndim - x->ndim + i] && x->shape[i] != 1) step[at] = elements;
        elements *= (size_t)x->shape[i];
    }
}

/* The broadcast shape of a and b into shape; returns its ndim. */
static int broadcast_shape(const Tensor *a, const Tensor *b, int *shape) {
    const int ndim = a->ndim > b->ndim ? a->ndim : b->ndim;
    for (int i = 1; i <= ndim; i++) {
        const int from_a = i <= a->ndim ? a->shape[a->ndim - i] : 1;
        const int from_b = i <= b->ndim ? b->shape[b->ndim - i] : 1;
        char text_a[64], text_b[64];
        REQUIRE(from_a == from_b || from_a == 1 || from_b == 1, "%s and %s do not broadcast",
                shape_text(text_a, a->ndim, a->shape), shape_text(text_b, b->ndim, b->shape));
        shape[ndim - i] = from_a == 1 ? from_b : from_a;
    }
    return ndim;
}

/* Everything is padded to MAX_DIMS in front with ones, so that four loops serve all. */
static Walk walk_of(const Tensor *a, const Tensor *b, const Tensor *y) {
    Walk walk;
    for (int i = 0; i < MAX_DIMS; i++)
        walk.shape[i] = i < MAX_DIMS - y->ndim ? 1 : y->shape[i - (MAX_DIMS - y->ndim)];
    operand_steps(a, y->ndim, y->shape, walk.a_step);
    operand_steps(b, y->ndim, y->shape, walk.b_step);
    return walk;
}

typedef struct {
    Binary kind;
    Tensor *a, *b, *y;
} BinaryNode;

/* One run along the last dimension, n elements; sa, sb are 0 or 1. */
static void binary_forward(Binary kind, real *y, const real *a, size_t sa, const real *b, size_t sb,
                           size_t n) {
    for (size_t i = 0; i < n; i++) {
        const real p = a[i * sa], q = b[i * sb];
        y[i] = kind == ADD ? p + q : kind == SUB ? p - q : kind == MUL ? p * q : p / q;
    }
}

/* da and db may be NULL. */
static void binary_backward(Binary kind, real *da, real *db, const real *dy, const real *a,
                            size_t sa, const real *b, size_t sb, size_t n) {
    for (size_t i = 0; i < n && da; i++) {
        const real q = b[i * sb];
        da[i * sa] += kind == MUL ? dy[i] * q : kind == DIV ? dy[i] / q : dy[i];
    }
    for (size_t i = 0; i < n && db; i++) {
        const real p = a[i * sa], q = b[i * sb];
        if (kind == ADD) db[i * sb] += dy[i];
        if (kind == SUB) db[i * sb] -= dy[i];
        if (kind == MUL) db[i * sb] += dy[i] * p;
        if (kind == DIV) db[i * sb] -= dy[i] * p / (q * q);
    }
}

/* Calls forward or backward for every run along the last dimension. */
static void walk_rows(Binary kind, Tensor *a, Tensor *b, Tensor *y, real *da, real *db,
                      const real *dy) {
    const Walk w = walk_of(a, b, y);
    size_t at = 0; // in y
    const size_t n = (size_t)w.shape[3], sa = w.a_step[3], sb = w.b_step[3];
    for (int i = 0; i < w.shape[0]; i++)
        for (int j = 0; j < w.shape[1]; j++)
            for (int k = 0; k < w.shape[2]; k++, at += n) {
                const size_t in_a =
                    (size_t)i * w.a_step[0] + (size_t)j * w.a_step[1] + (size_t)k * w.a_step[2];
                const size_t in_b =
                    (size_t)i * w.b_step[0] + (size_t)j * w.b_step[1] + (size_t)k * w.b_step[2];
                if (dy)
                    binary_backward(kind, da ? da + in_a : NULL, db ? db + in_b : NULL, dy + at,
                                    a->data + in_a, sa, b->data + in_b, sb, n);
                else
                    binary_forward(kind, y->data + at, a->data + in_a, sa, b->data + in_b, sb, n);
            }
}

static void binary_go_back(const void *saved) {
    const BinaryNode *s = saved;
    // The residual connection is an addition of equal shapes: worth the copy instead of the walk.
    if (s->kind == ADD && same_shape(s->a, s->b)) {
        tensor_grad_add(s->a, s->y->grad);
        tensor_grad_add(s->b, s->y->grad);
        return;
    }
    walk_rows(s->kind, s->a, s->b, s->y, tensor_grad(s->a), tensor_grad(s->b), s->y->grad);
}

/* Equal shapes, by far the most frequent case, are one run over all elements. */
static Tensor *binary(Binary kind, Tensor *a, Tensor *b) {
    int shape[MAX_DIMS];
    const int ndim = broadcast_shape(a, b, shape);
    Tensor *y = tensor_new(ndim, shape, a->requires_grad || b->requires_grad);
    if (same_shape(a, b))
        binary_forward(kind, y->data, a->data, 1, b->data, 1, y->size);
    else
        walk_rows(kind, a, b, y, NULL, NULL, NULL);
    RECORD(y, binary_go_back, BinaryNode, kind, a, b, y);
    return y;
}

Tensor *op_add(Tensor *a, Tensor *b) {
    return binary(ADD, a, b);
}
Tensor *op_sub(Tensor *a, Tensor *b) {
    return binary(SUB, a, b);
}
Tensor *op_mul(Tensor *a, Tensor *b) {
    return binary(MUL, a, b);
}
Tensor *op_div(Tensor *a, Tensor *b) {
    return binary(DIV, a, b);
}

/* ---- One tensor ------------------------------------------------------------------------------ */

typedef struct {
    Tensor *x, *y;
    real constant; // the factor or the exponent
} UnaryNode;

/* An operation on one tensor never changes the shape. */
static Tensor *unary_result(const Tensor *x) {
    return tensor_new(x->ndim, x->shape, x->requires_grad);
}

/* forward was y = c x, so now dx = c dy. */
static void scale_go_back(const void *saved) {
    const UnaryNode *s = saved;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++) dx[i] += s->constant * s->y->grad[i];
}

Tensor *op_scale(Tensor *x, real factor) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = factor * x->data[i];
    RECORD(y, scale_go_back, UnaryNode, x, y, factor);
    return y;
}

static void pow_go_back(const void *saved) { // d x^p / dx = p x^(p-1)
    const UnaryNode *s = saved;
    const real p = s->constant;
    if (p == 0) return; // x^0 is 1 everywhere, but 0 * 0^-1 would be NaN
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++)
        dx[i] += s->y->grad[i] * p * (real)pow(s->x->data[i], p - 1);
}

Tensor *op_pow(Tensor *x, real exponent) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = (real)pow(x->data[i], exponent);
    RECORD(y, pow_go_back, UnaryNode, x, y, exponent);
    return y;
}

static void exp_go_back(const void *saved) { // d e^x / dx = e^x
    const UnaryNode *s = saved;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++) dx[i] += s->y->grad[i] * s->y->data[i];
}

Tensor *op_exp(Tensor *x) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = real_exp(x->data[i]);
    RECORD(y, exp_go_back, UnaryNode, x, y, 0);
    return y;
}

static void log_go_back(const void *saved) { // d ln x / dx = 1/x
    const UnaryNode *s = saved;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++) dx[i] += s->y->grad[i] / s->x->data[i];
}

Tensor *op_log(Tensor *x) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = (real)log(x->data[i]);
    RECORD(y, log_go_back, UnaryNode, x, y, 0);
    return y;
}

static void tanh_go_back(const void *saved) { // d tanh x / dx = 1 - tanh^2 x
    const UnaryNode *s = saved;
    const real *y = s->y->data, *dy = s->y->grad;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++) dx[i] += dy[i] * (1 - y[i] * y[i]);
}

Tensor *op_tanh(Tensor *x) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = (real)tanh(x->data[i]);
    RECORD(y, tanh_go_back, UnaryNode, x, y, 0);
    return y;
}

static void sigmoid_go_back(const void *saved) { // d s / dx = s (1 - s)
    const UnaryNode *s = saved;
    const real *y = s->y->data, *dy = s->y->grad;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++) dx[i] += dy[i] * y[i] * (1 - y[i]);
}

Tensor *op_sigmoid(Tensor *x) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = 1 / (1 + real_exp(-x->data[i]));
    RECORD(y, sigmoid_go_back, UnaryNode, x, y, 0);
    return y;
}

/* The result tells where the input was positive, so only it is needed. */
static void relu_go_back(const void *saved) {
    const UnaryNode *s = saved;
    const real *y = s->y->data, *dy = s->y->grad;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++) dx[i] += y[i] > 0 ? dy[i] : 0;
}

Tensor *op_relu(Tensor *x) {
    Tensor *y = unary_result(x);
    // Written so that NaN stays NaN: a broken input must not look like a healthy zero.
    for (size_t i = 0; i < x->size; i++) y->data[i] = x->data[i] < 0 ? 0 : x->data[i];
    RECORD(y, relu_go_back, UnaryNode, x, y, 0);
    return y;
}

/* The tanh form of Hendrycks and Gimpel (2016), which GPT-2 uses. */
static const double GELU_SLOPE = 0.7978845608028654; // sqrt(2/pi)
static const double GELU_CUBE = 0.044715;

static void gelu_go_back(const void *saved) {
    const UnaryNode *s = saved;
    const real a = (real)GELU_SLOPE, c = (real)GELU_CUBE;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++) {
        // forward was x/2 (1 + t) with t = tanh(a (x + c x^3)), so now, by the product rule:
        const real x = s->x->data[i];
        const real t = (real)tanh(a * (x + c * x * x * x));
        const real dt = (1 - t * t) * a * (1 + 3 * c * x * x);
        dx[i] += s->y->grad[i] * (1 + t + x * dt) / 2;
    }
}

Tensor *op_gelu(Tensor *x) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) {
        const double v = x->data[i];
        y->data[i] = (real)(v / 2 * (1 + tanh(GELU_SLOPE * (v + GELU_CUBE * v * v * v))));
    }
    RECORD(y, gelu_go_back, UnaryNode, x, y, 0);
    return y;
}

/* ---- Dropout --------------------------------------------------------------------------------- */

typedef struct {
    Tensor *x, *y;
    Dropout dropout;
} DropoutNode;

/* forward was y = x * factor(i), factor 0 or 1 / (1 - p), so now dx = dy * factor(i), made from
 * the key once more. */
static void dropout_go_back(const void *saved) {
    const DropoutNode *s = saved;
    const Dropout dropout = s->dropout;
    const real *dy = s->y->grad;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++) dx[i] += dy[i] * dropout_factor(&dropout, i);
}

Tensor *op_dropout(Tensor *x, real p) {
    REQUIRE(p >= 0 && p < 1, "dropout %g is not in [0, 1)", (double)p);
    // Nothing to record either: the way back is that of x.
    if (p == 0 || !graph_current()->training) return x;
    Tensor *y = unary_result(x);
    const Dropout dropout = dropout_next(p);
    for (size_t i = 0; i < x->size; i++) y->data[i] = x->data[i] * dropout_factor(&dropout, i);
    RECORD(y, dropout_go_back, DropoutNode, x, y, dropout);
    return y;
}
