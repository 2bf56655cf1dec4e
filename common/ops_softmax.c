/* ops_softmax.c - from scores to probabilities. */
#include "common/ops.h"
#include "common/softmax.h"

typedef struct {
    Tensor *x, *y;
} SoftmaxNode;

/* Row by row: each is a distribution of its own. */
static void softmax_go_back(const void *saved) {
    const SoftmaxNode *s = saved;
    const size_t V = (size_t)s->y->shape[s->y->ndim - 1];
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->y->size; i += V)
        softmax_row_backward(dx + i, s->y->grad + i, s->y->data + i, V);
}

Tensor *op_softmax(Tensor *x) {
    REQUIRE(x->ndim >= 1, "softmax of a scalar");
    Tensor *y = tensor_new(x->ndim, x->shape, x->requires_grad);
    const size_t V = (size_t)x->shape[x->ndim - 1];
    for (size_t i = 0; i < x->size; i += V) {
        memcpy(y->data + i, x->data + i, V * sizeof(real));
        softmax_row(y->data + i, V);
    }
    RECORD(y, softmax_go_back, SoftmaxNode, x, y);
    return y;
}

/* ln sum_j e^x_j of a row x (n), which is overwritten; -infinity if all of x is. */
static real log_sum_exp(real *x, size_t n) {
    real max = -INFINITY;
    for (size_t i = 0; i < n; i++) max = x[i] > max ? x[i] : max;
    const real shift = max == -INFINITY ? 0 : max;
    return shift + (real)log(softmax_exp_row(x, n, shift));
}

/* forward was y = x - ln sum e^x, so now dx = dy - softmax(x) sum dy. */
static void log_softmax_go_back(const void *saved) {
    const SoftmaxNode *s = saved;
    const size_t V = (size_t)s->y->shape[s->y->ndim - 1];
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->y->size; i += V) {
        const real *dy = s->y->grad + i;
        real total = 0;
        for (size_t j = 0; j < V; j++) total += dy[j];
        for (size_t j = 0; j < V; j++) dx[i + j] += dy[j] - real_exp(s->y->data[i + j]) * total;
    }
}

Tensor *op_log_softmax(Tensor *x) {
    REQUIRE(x->ndim >= 1, "log_softmax of a scalar");
    Tensor *y = tensor_new(x->ndim, x->shape, x->requires_grad);
    const size_t V = (size_t)x->shape[x->ndim - 1];
    for (size_t i = 0; i < x->size; i += V) {
        memcpy(y->data + i, x->data + i, V * sizeof(real));
        const real log_sum = log_sum_exp(y->data + i, V);
        // A row that is all -infinity stays so: subtracting its sum's logarithm would make NaN.
        const real shift = log_sum == -INFINITY ? 0 : log_sum;
        for (size_t j = 0; j < V; j++) y->data[i + j] = x->data[i + j] - shift;
    }
    RECORD(y, log_softmax_go_back, SoftmaxNode, x, y);
    return y;
}
