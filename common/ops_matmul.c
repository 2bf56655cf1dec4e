/* ops_matmul.c - products of matrices, all of them done by BLAS. */
#include "common/ops.h"

/* ---- Batched product ------------------------------------------------------------------------- */

typedef struct {
    Tensor *a, *b, *y;
    int batch, m, n, k;
} MatmulNode;

/* In the forward pass, per matrix: Y = A B. So now dA += dY B^T and dB += A^T dY.
 * da and db may be NULL; with shared_b all matrices of a meet the same b. */
static void matmul_backward(real *da, real *db, const real *dy, const real *a, const real *b,
                            bool shared_b, int batch, int m, int n, int k) {
    for (int i = 0; i < batch; i++) {
        const size_t at_a = (size_t)i * (size_t)(m * k), at_y = (size_t)i * (size_t)(m * n);
        const size_t at_b = shared_b ? 0 : (size_t)i * (size_t)(k * n);
        if (da) gemm(false, true, m, k, n, 1, dy + at_y, n, b + at_b, n, 1, da + at_a, k);
        if (db) gemm(true, false, k, n, m, 1, a + at_a, k, dy + at_y, n, 1, db + at_b, n);
    }
}

/* b (K,N) meets every matrix of a: its gradient is the sum over all of them, which gemm with beta
 * = 1 adds up. */
static void matmul_go_back(const void *saved) {
    const MatmulNode *s = saved;
    matmul_backward(tensor_grad(s->a), tensor_grad(s->b), s->y->grad, s->a->data, s->b->data,
                    s->b->ndim == 2, s->batch, s->m, s->n, s->k);
}

/* One gemm for each matrix of the batch. Heads of attention are such batches, and small; the fused
 * operation of chapter 4 exists because of what this costs. */
Tensor *op_matmul(Tensor *a, Tensor *b) {
    char ta[64], tb[64];
    REQUIRE(a->ndim >= 2 && b->ndim >= 2, "matmul needs matrices, not %s x %s",
            shape_text(ta, a->ndim, a->shape), shape_text(tb, b->ndim, b->shape));
    const int m = a->shape[a->ndim - 2], k = a->shape[a->ndim - 1], n = b->shape[b->ndim - 1];
    REQUIRE(b->shape[b->ndim - 2] == k, "%s x %s: inner dimensions %d and %d differ",
            shape_text(ta, a->ndim, a->shape), shape_text(tb, b->ndim, b->shape), k,
            b->shape[b->ndim - 2]);
    REQUIRE(b->ndim == 2 || (a->ndim == b->ndim &&
                             memcmp(a->shape, b->shape, (size_t)(a->ndim - 2) * sizeof(int)) == 0),
            "%s x %s: leading dimensions differ", shape_text(ta, a->ndim, a->shape),
            shape_text(tb, b->ndim, b->shape));
    int shape[MAX_DIMS];
    memcpy(shape, a->shape, sizeof shape);
    shape[a->ndim - 1] = n;
    Tensor *y = tensor_new(a->ndim, shape, a->requires_grad || b->requires_grad);
    int batch = 1;
    for (int i = 0; i < a->ndim - 2; i++) batch *= a->shape[i];
    for (int i = 0; i < batch; i++)
        gemm(false, false, m, n, k, 1, a->data + (size_t)i * (size_t)(m * k), k,
             b->data + (b->ndim == 2 ? 0 : (size_t)i * (size_t)(k * n)), n, 0,
             y->data + (size_t)i * (size_t)(m * n), n);
    RECORD(y, matmul_go_back, MatmulNode, a, b, y, batch, m, n, k);
    return y;
}

/* ---- Linear ---------------------------------------------------------------------------------- */

typedef struct {
    Tensor *x, *weight, *bias, *y;
    int first; // row of weight that makes column 0 of y
} LinearNode;

/* x (N,I), w (O,I), b (O) or NULL -> y (N,O): y = x w^T + b */
static void linear_forward(real *y, const real *x, const real *w, const real *b, int N, int I,
                           int O) {
    for (size_t n = 0; n < (size_t)N && b; n++) memcpy(y + n * (size_t)O, b, (size_t)O * sizeof *b);
    gemm(false, true, N, O, I, 1, x, I, w, I, b ? 1 : 0, y, O);
}

/* dx = beta dx + dy w; dw += dy^T x; db += the column sums of dy. Any of them may be NULL. */
static void linear_backward(real *dx, real beta, real *dw, real *db, const real *dy, const real *x,
                            const real *w, int N, int I, int O) {
    if (dx) gemm(false, false, N, I, O, 1, dy, O, w, I, beta, dx, I);
    if (dw) gemm(true, false, O, I, N, 1, dy, O, x, I, 1, dw, I);
    for (size_t n = 0; n < (size_t)N && db; n++)
        for (size_t o = 0; o < (size_t)O; o++) db[o] += dy[n * (size_t)O + o];
}

/* Only rows [first, first + count) of the weight took part: their gradients are a part of dw and
 * db. */
static void linear_go_back(const void *saved) {
    const LinearNode *s = saved;
    const int I = s->weight->shape[1], O = s->y->shape[s->y->ndim - 1];
    const size_t offset = (size_t)s->first * (size_t)I;
    real beta = 0;
    real *dx = tensor_grad_gemm(s->x, &beta);
    real *dw = tensor_grad(s->weight), *db = s->bias ? tensor_grad(s->bias) : NULL;
    linear_backward(dx, beta, dw ? dw + offset : NULL, db ? db + s->first : NULL, s->y->grad,
                    s->x->data, s->weight->data + offset, (int)(s->y->size / (size_t)O), I, O);
}

/* PyTorch keeps the projections to q, k and v in one (3E,E) matrix, in_proj_weight; attention
 * takes a third of it at a time without copying it out. */
Tensor *op_linear_rows(Tensor *x, Tensor *weight, Tensor *bias, int first, int count) {
    char tx[64], tw[64];
    REQUIRE(weight->ndim == 2 && x->ndim >= 1 && x->shape[x->ndim - 1] == weight->shape[1],
            "x %s does not fit weight %s", shape_text(tx, x->ndim, x->shape),
            shape_text(tw, weight->ndim, weight->shape));
    REQUIRE(first >= 0 && count > 0 && first <= weight->shape[0] - count,
            "rows %d to %d of weight %s", first, first + count,
            shape_text(tw, weight->ndim, weight->shape));
    REQUIRE(!bias || (bias->ndim == 1 && bias->shape[0] == weight->shape[0]),
            "bias %s does not fit weight %s", shape_text(tx, bias->ndim, bias->shape),
            shape_text(tw, weight->ndim, weight->shape));
    int shape[MAX_DIMS];
    memcpy(shape, x->shape, sizeof shape);
    const int I = weight->shape[1];
    shape[x->ndim - 1] = count;
    Tensor *y = tensor_new(
        x->ndim, shape, x->requires_grad || weight->requires_grad || (bias && bias->requires_grad));
    linear_forward(y->data, x->data, weight->data + (size_t)first * (size_t)I,
                   bias ? bias->data + first : NULL, (int)(y->size / (size_t)count), I, count);
    RECORD(y, linear_go_back, LinearNode, x, weight, bias, y, first);
    return y;
}

Tensor *op_linear(Tensor *x, Tensor *weight, Tensor *bias) {
    return op_linear_rows(x, weight, bias, 0, weight->shape[0]);
}
