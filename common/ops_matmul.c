/* ops_matmul.c - products of matrices; on plain arrays and on the way back they are matmul.h's. */
#include "common/matmul.h"
#include "common/ops.h"
#include "common/packed.h"

/* ---- Batched product ------------------------------------------------------------------------- */

typedef struct {
    Tensor *a, *b, *y;
    int batch, m, n, k;
} MatmulNode;

/* Matrix by matrix. b (K,N) meets every matrix of a: its gradient is the sum over all of them, and
 * matmul_backward adds it up. */
static void matmul_go_back(const void *saved) {
    const MatmulNode *s = saved;
    const size_t a_size = (size_t)(s->m * s->k), y_size = (size_t)(s->m * s->n);
    const size_t b_size = s->b->ndim == 2 ? 0 : (size_t)(s->k * s->n);
    real *da = tensor_grad(s->a), *db = tensor_grad(s->b);
    for (size_t i = 0; i < (size_t)s->batch; i++)
        matmul_backward(da ? da + i * a_size : NULL, db ? db + i * b_size : NULL,
                        s->y->grad + i * y_size, s->a->data + i * a_size, s->b->data + i * b_size,
                        s->m, s->k, s->n);
}

/* One product for each matrix of the batch. Heads of attention are such batches, and small; the
 * fused operation of chapter 4 exists because of what this costs. */
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
    const size_t b_size = b->ndim == 2 ? 0 : (size_t)(k * n);
    for (size_t i = 0; i < (size_t)batch; i++)
        matmul(y->data + i * (size_t)(m * n), 0, a->data + i * (size_t)(m * k),
               b->data + i * b_size, m, k, n);
    RECORD(y, matmul_go_back, MatmulNode, a, b, y, batch, m, n, k);
    return y;
}

/* ---- Linear ---------------------------------------------------------------------------------- */

typedef struct {
    Tensor *x, *weight, *bias, *y;
    int first; // row of weight that makes column 0 of y
} LinearNode;

/* In the forward pass y = x w^T + b, so now dx = dy w, dw += dy^T x, and db += the column sums of
 * dy. Only rows [first, first + O) of the weight took part: their gradients are a part of all. */
static void linear_go_back(const void *saved) {
    const LinearNode *s = saved;
    const int I = s->weight->shape[1], O = s->y->shape[s->y->ndim - 1];
    const size_t N = s->y->size / (size_t)O, offset = (size_t)s->first * (size_t)I;
    const real *dy = s->y->grad;
    real beta;
    real *dx = tensor_grad_gemm(s->x, &beta), *dw = tensor_grad(s->weight);
    real *db = s->bias ? tensor_grad(s->bias) : NULL;
    if (dx) matmul(dx, beta, dy, s->weight->data + offset, (int)N, O, I);
    if (dw) matmul_transpose_a(dw + offset, 1, dy, s->x->data, O, (int)N, I);
    for (size_t n = 0; n < N && db; n++)
        for (size_t o = 0; o < (size_t)O; o++) db[(size_t)s->first + o] += dy[n * (size_t)O + o];
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
    const size_t N = y->size / (size_t)count;
    if (weight->packed && packed_begins_at(weight->packed, first)) {
        packed_product(y->data, x->data, (int)N, weight->packed, bias ? bias->data : NULL, first,
                       count);
    } else {
        for (size_t n = 0; n < N && bias; n++)
            memcpy(y->data + n * (size_t)count, bias->data + first, (size_t)count * sizeof(real));
        matmul_transpose_b(y->data, bias ? 1 : 0, x->data, weight->data + (size_t)first * (size_t)I,
                           (int)N, I, count);
    }
    RECORD(y, linear_go_back, LinearNode, x, weight, bias, y, first);
    return y;
}

Tensor *op_linear(Tensor *x, Tensor *weight, Tensor *bias) {
    return op_linear_rows(x, weight, bias, 0, weight->shape[0]);
}
