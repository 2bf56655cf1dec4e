/* ops_elementwise.c - operations in which element i of the result depends on element i alone.
 *
 * Each computes its result where it is defined. The ways back of those that a lesson teaches are
 * the derivative rules of elementwise.h; the others' stand here, above the operation.
 */
#include "common/dropout.h"
#include "common/elementwise.h"
#include "common/ops.h"

/* A way back adds to a gradient, which must be cleared before. A long one is cleared and added to
 * a part at a time: the part then still lies in the cache nearest to the processor, and clearing
 * it costs no pass over memory. A part holds 16 KB of floats. */
enum { PART = 4096 };

typedef struct {
    real *grad;
    bool fresh; // not cleared yet
    size_t size;
} Parts;

static Parts parts_of(Tensor *tensor) {
    real beta;
    real *grad = tensor_grad_gemm(tensor, &beta);
    return (Parts){grad, grad && beta == 0, tensor->size};
}

/* How many elements the part that begins at `first` has; it is ready to be added to. */
static size_t part_begin(Parts parts, size_t first) {
    const size_t n = parts.size - first < PART ? parts.size - first : PART;
    if (parts.fresh) memset(parts.grad + first, 0, n * sizeof(real));
    return n;
}

/* ---- Two tensors, broadcast ------------------------------------------------------------------ */

typedef enum { ADD, SUB, MUL, DIV } Binary;

/* How to walk a result of four dimensions beside two operands: the steps, in elements, that each
 * operand takes along each dimension; 0 where it is broadcast. Along the last dimension lies a
 * "run", whose steps are 0 or 1. */
typedef struct {
    size_t shape[MAX_DIMS], runs;
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

/* Everything is padded to MAX_DIMS in front with ones, so that one loop over runs serves all. Equal
 * shapes, by far the most frequent case, are a single run. */
static Walk walk_of(const Tensor *a, const Tensor *b, const Tensor *y) {
    if (same_shape(a, b)) return (Walk){{1, 1, 1, y->size}, 1, {0, 0, 0, 1}, {0, 0, 0, 1}};
    Walk walk = {.runs = 1};
    for (int i = 0; i < MAX_DIMS; i++)
        walk.shape[i] = i < MAX_DIMS - y->ndim ? 1 : (size_t)y->shape[i - (MAX_DIMS - y->ndim)];
    for (int i = 0; i < MAX_DIMS - 1; i++) walk.runs *= walk.shape[i];
    operand_steps(a, y->ndim, y->shape, walk.a_step);
    operand_steps(b, y->ndim, y->shape, walk.b_step);
    return walk;
}

/* Where a run begins in an operand that takes these steps. */
static size_t run_start(const Walk *walk, const size_t *step, size_t run) {
    const size_t k = run % walk->shape[2], rest = run / walk->shape[2];
    return rest / walk->shape[1] * step[0] + rest % walk->shape[1] * step[1] + k * step[2];
}

typedef struct {
    Binary kind;
    Tensor *a, *b, *y;
    Walk walk;
} BinaryNode;

static void binary_rule(Binary kind, ElementwiseOperand a, ElementwiseOperand b, const real *dy,
                        size_t n) {
    if (kind == ADD) elementwise_add_backward(a, b, dy, n);
    if (kind == SUB) elementwise_sub_backward(a, b, dy, n);
    if (kind == MUL) elementwise_mul_backward(a, b, dy, n);
    if (kind == DIV) elementwise_div_backward(a, b, dy, n);
}

/* Two of a kind, part by part. If they are one tensor, only the first finds its gradient fresh. */
static void same_shape_go_back(const BinaryNode *s) {
    const Parts da = parts_of(s->a), db = parts_of(s->b);
    for (size_t i = 0, n; i < s->y->size; i += n) {
        n = s->y->size - i < PART ? s->y->size - i : PART;
        if (da.grad) part_begin(da, i);
        if (db.grad) part_begin(db, i);
        binary_rule(s->kind, (ElementwiseOperand){s->a->data + i, da.grad ? da.grad + i : NULL, 1},
                    (ElementwiseOperand){s->b->data + i, db.grad ? db.grad + i : NULL, 1},
                    s->y->grad + i, n);
    }
}

/* Run by run, the derivative rules: see elementwise.h. */
static void binary_go_back(const void *saved) {
    const BinaryNode *s = saved;
    const Walk *walk = &s->walk;
    const size_t n = walk->shape[3];
    if (same_shape(s->a, s->b)) {
        same_shape_go_back(s);
        return;
    }
    real *da = tensor_grad(s->a), *db = tensor_grad(s->b);
    for (size_t run = 0; run < walk->runs; run++) {
        const size_t in_a = run_start(walk, walk->a_step, run);
        const size_t in_b = run_start(walk, walk->b_step, run);
        binary_rule(s->kind,
                    (ElementwiseOperand){s->a->data + in_a, da ? da + in_a : NULL, walk->a_step[3]},
                    (ElementwiseOperand){s->b->data + in_b, db ? db + in_b : NULL, walk->b_step[3]},
                    s->y->grad + run * n, n);
    }
}

/* One run: y (n); the steps are 0 or 1. */
static void binary_run(Binary kind, real *y, const real *a, size_t a_step, const real *b,
                       size_t b_step, size_t n) {
    for (size_t i = 0; i < n; i++) {
        const real p = a[i * a_step], q = b[i * b_step];
        y[i] = kind == ADD ? p + q : kind == SUB ? p - q : kind == MUL ? p * q : p / q;
    }
}

static Tensor *binary(Binary kind, Tensor *a, Tensor *b) {
    int shape[MAX_DIMS];
    const int ndim = broadcast_shape(a, b, shape);
    Tensor *y = tensor_new(ndim, shape, a->requires_grad || b->requires_grad);
    const Walk walk = walk_of(a, b, y);
    const size_t n = walk.shape[3];
    for (size_t run = 0; run < walk.runs; run++)
        binary_run(kind, y->data + run * n, a->data + run_start(&walk, walk.a_step, run),
                   walk.a_step[3], b->data + run_start(&walk, walk.b_step, run), walk.b_step[3], n);
    RECORD(y, binary_go_back, BinaryNode, kind, a, b, y, walk);
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

/* kept is what the derivative rule needs: the data of x, or those of y. */
typedef struct {
    Tensor *x, *y;
    const real *kept;
    void (*backward)(real *dx, const real *dy, const real *kept, size_t n);
} UnaryNode;

static void unary_go_back(const void *saved) {
    const UnaryNode *s = saved;
    const Parts dx = parts_of(s->x);
    for (size_t i = 0, n; i < dx.size; i += n) {
        n = part_begin(dx, i);
        s->backward(dx.grad + i, s->y->grad + i, s->kept + i, n);
    }
}

/* An operation on one tensor never changes the shape. */
static Tensor *unary_result(const Tensor *x) {
    return tensor_new(x->ndim, x->shape, x->requires_grad);
}

/* y = e^x */
Tensor *op_exp(Tensor *x) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = real_exp(x->data[i]);
    RECORD(y, unary_go_back, UnaryNode, x, y, y->data, elementwise_exp_backward);
    return y;
}

/* y = ln x */
Tensor *op_log(Tensor *x) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = (real)log(x->data[i]);
    RECORD(y, unary_go_back, UnaryNode, x, y, x->data, elementwise_log_backward);
    return y;
}

Tensor *op_tanh(Tensor *x) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = (real)tanh(x->data[i]);
    RECORD(y, unary_go_back, UnaryNode, x, y, y->data, elementwise_tanh_backward);
    return y;
}

/* y = 1 / (1 + e^-x) */
Tensor *op_sigmoid(Tensor *x) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = 1 / (1 + real_exp(-x->data[i]));
    RECORD(y, unary_go_back, UnaryNode, x, y, y->data, elementwise_sigmoid_backward);
    return y;
}

/* y = max(x, 0), written so that NaN stays NaN: a broken input must not look like a zero. */
Tensor *op_relu(Tensor *x) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = x->data[i] < 0 ? 0 : x->data[i];
    RECORD(y, unary_go_back, UnaryNode, x, y, y->data, elementwise_relu_backward);
    return y;
}

/* The tanh form of Hendrycks and Gimpel (2016), which GPT-2 uses:
 *     y = x/2 (1 + t) with t = tanh(a (x + c x^3)), a = sqrt(2/pi), c = 0.044715 */
static const double GELU_SLOPE = 0.7978845608028654; // a
static const double GELU_CUBE = 0.044715;            // c

/* So now, by the product rule, dx = dy (1 + t + x dt/dx) / 2. */
static void gelu_go_back(const void *saved) {
    const UnaryNode *s = saved;
    const real a = (real)GELU_SLOPE, c = (real)GELU_CUBE;
    const real *dy = s->y->grad;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++) {
        const real x = s->x->data[i];
        const real t = (real)tanh(a * (x + c * x * x * x));
        const real dt = (1 - t * t) * a * (1 + 3 * c * x * x);
        dx[i] += dy[i] * (1 + t + x * dt) / 2;
    }
}

Tensor *op_gelu(Tensor *x) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) {
        const double v = x->data[i];
        y->data[i] = (real)(v / 2 * (1 + tanh(GELU_SLOPE * (v + GELU_CUBE * v * v * v))));
    }
    RECORD(y, gelu_go_back, UnaryNode, .x = x, .y = y);
    return y;
}

/* ---- One tensor and a number ----------------------------------------------------------------- */

typedef struct {
    Tensor *x, *y;
    real number;
} NumberNode;

/* y = c x, so now dx = c dy. */
static void scale_go_back(const void *saved) {
    const NumberNode *s = saved;
    const real *dy = s->y->grad;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++) dx[i] += s->number * dy[i];
}

Tensor *op_scale(Tensor *x, real factor) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = factor * x->data[i];
    RECORD(y, scale_go_back, NumberNode, x, y, factor);
    return y;
}

static void pow_go_back(const void *saved) {
    const NumberNode *s = saved;
    elementwise_pow_backward(tensor_grad(s->x), s->y->grad, s->x->data, s->number, s->x->size);
}

Tensor *op_pow(Tensor *x, real exponent) {
    Tensor *y = unary_result(x);
    for (size_t i = 0; i < x->size; i++) y->data[i] = (real)pow(x->data[i], exponent);
    RECORD(y, pow_go_back, NumberNode, x, y, exponent);
    return y;
}

/* ---- Dropout --------------------------------------------------------------------------------- */

typedef struct {
    Tensor *x, *y;
    Dropout dropout;
} DropoutNode;

/* Which elements were dropped is asked of the key once more. */
static void dropout_go_back(const void *saved) {
    const DropoutNode *s = saved;
    const Parts dx = parts_of(s->x);
    for (size_t i = 0, n; i < dx.size; i += n) {
        n = part_begin(dx, i);
        dropout_backward(&s->dropout, dx.grad + i, s->y->grad + i, i, n);
    }
}

Tensor *op_dropout(Tensor *x, real p) {
    REQUIRE(p >= 0 && p < 1, "dropout %g is not in [0, 1)", (double)p);
    // Nothing to record either: the way back is that of x.
    if (p == 0 || !graph_current()->training) return x;
    Tensor *y = unary_result(x);
    const Dropout dropout = dropout_new(graph_dropout_key(), p);
    dropout_apply(&dropout, y->data, x->data, 0, x->size);
    RECORD(y, dropout_go_back, DropoutNode, x, y, dropout);
    return y;
}
