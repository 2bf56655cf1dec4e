/* ops_loss.c - cross-entropy with label smoothing, from logits or fused with the layer before. The
 * arithmetic of one row is cross_entropy.h's, the target distribution label_smoothing.h's. */
#include "common/cross_entropy.h"
#include "common/cross_entropy_twice.h"
#include "common/label_smoothing.h"
#include "common/matmul.h"
#include "common/ops.h"

/* What the mean is over: padding is no prediction. */
int cross_entropy_count(const int *targets, int n, int ignore_index) {
    int count = 0;
    for (int i = 0; i < n; i++) count += targets[i] != ignore_index;
    return count;
}

/* What is asked of N rows of logits. */
typedef struct {
    const real *bias; // (V), added to every row; NULL: none
    real *dbias;      // (V), where its gradient is added; NULL: nowhere
    const int *targets;
    size_t N, V;
    int ignore_index;
    real smoothing, consistency;
    real *difference; // (V), working memory; NULL: rows are read once
} Question;

/* rows (N,V), or (2 N,V), of which row N + n predicts again what row n does: logits on entry, the
 * gradient of the loss with respect to them on return; ignored rows become zeros. Returns the sum
 * of their losses. */
static double cross_entropy_rows(real *rows, const Question *q) {
    const LabelSmoothing target = label_smoothing(q->smoothing, q->V);
    double loss = 0;
    for (size_t n = 0; n < q->N; n++) {
        real *row = rows + n * q->V, *again = q->difference ? row + q->N * q->V : NULL;
        const int id = q->targets[n];
        if (id == q->ignore_index) {
            memset(row, 0, q->V * sizeof(real));
            if (again) memset(again, 0, q->V * sizeof(real));
            continue;
        }
        REQUIRE(id >= 0 && (size_t)id < q->V, "target %d of row %zu, V is %zu", id, n, q->V);
        loss += again ? cross_entropy_twice_row(row, again, q->difference, q->bias, q->dbias, q->V,
                                                id, target, q->consistency)
                      : cross_entropy_row(row, q->bias, q->dbias, q->V, id, target.certainty,
                                          target.share);
    }
    return loss;
}

/* The loss is a scalar and its gradient with respect to what came in was computed on the way
 * forward; what is left is to multiply by what flows back into the loss itself. */
static void add_scaled(Tensor *tensor, const real *gradient, real factor) {
    real *grad = tensor_grad(tensor);
    for (size_t i = 0; i < tensor->size && grad; i++) grad[i] += factor * gradient[i];
}

typedef struct {
    Tensor *logits, *loss;
    const real *dlogits; // for a loss of weight 1
} CrossEntropyNode;

static void cross_entropy_go_back(const void *saved) {
    const CrossEntropyNode *s = saved;
    add_scaled(s->logits, s->dlogits, s->loss->grad[0]);
}

Tensor *op_cross_entropy(Tensor *logits, const int *targets, int ignore_index,
                         real label_smoothing) {
    REQUIRE(logits->ndim == 2, "logits must be (N,V), not %d-dimensional", logits->ndim);
    Tensor *loss = tensor_new(0, NULL, logits->requires_grad);
    real *rows = graph_alloc(logits->size * sizeof(real));
    memcpy(rows, logits->data, logits->size * sizeof(real));
    loss->data[0] = (real)cross_entropy_rows(rows, &(Question){.targets = targets,
                                                               .N = (size_t)logits->shape[0],
                                                               .V = (size_t)logits->shape[1],
                                                               .ignore_index = ignore_index,
                                                               .smoothing = label_smoothing});
    RECORD(loss, cross_entropy_go_back, CrossEntropyNode, logits, loss, rows);
    return loss;
}

/* ---- Fused with the output layer ------------------------------------------------------------- */

typedef struct {
    Tensor *x, *weight, *bias, *loss;
    const real *dx, *dweight, *dbias; // for a loss of weight 1; NULL where not needed
} LinearCrossEntropyNode;

/* For each tensor its gradient times the loss's, which is 1 in a plain training step. */
static void linear_cross_entropy_go_back(const void *saved) {
    const LinearCrossEntropyNode *s = saved;
    const real factor = s->loss->grad[0];
    if (s->dx) add_scaled(s->x, s->dx, factor);
    if (s->dweight) add_scaled(s->weight, s->dweight, factor);
    if (s->dbias) add_scaled(s->bias, s->dbias, factor);
}

/* How many rows of logits exist at a time: enough for the products around them to run at full
 * speed (measured: 256 rows of 10,000 make 141 GFLOP/s where 64 make 110 and 26 make 68). */
enum { LOSS_BLOCK = 512 };

Tensor *op_linear_cross_entropy(Tensor *x, Tensor *weight, Tensor *bias, const int *targets,
                                int ignore_index, real label_smoothing, real consistency) {
    char tx[64], tw[64];
    REQUIRE(x->ndim == 2 && weight->ndim == 2 && x->shape[1] == weight->shape[1] &&
                (!bias || bias->size == (size_t)weight->shape[0]),
            "x %s does not fit weight %s and its bias", shape_text(tx, x->ndim, x->shape),
            shape_text(tw, weight->ndim, weight->shape));
    const size_t N = (size_t)x->shape[0], E = (size_t)x->shape[1], V = (size_t)weight->shape[0];
    const bool track = graph_recording();
    Tensor *loss = tensor_new(
        0, NULL, x->requires_grad || weight->requires_grad || (bias && bias->requires_grad));
    Arena *arena = &graph_current()->arena;
    real *dx = track && x->requires_grad ? arena_alloc(arena, N * E * sizeof(real)) : NULL;
    real *dw = track && weight->requires_grad ? arena_alloc(arena, V * E * sizeof(real)) : NULL;
    real *db = track && bias && bias->requires_grad ? arena_calloc(arena, V * sizeof(real)) : NULL;
    // Read twice, a block is half of rows of the first reading and half of the second's.
    const size_t readings = consistency > 0 ? 2 : 1, count = N / readings;
    REQUIRE(N % readings == 0, "%zu rows are not two readings of the same", N);
    const size_t block = count < LOSS_BLOCK / readings ? count : LOSS_BLOCK / readings;
    const ArenaMark mark = arena_mark(arena);
    real *logits = arena_alloc(arena, readings * block * V * sizeof(real));
    real *difference = readings == 2 ? arena_alloc(arena, V * sizeof(real)) : NULL;
    double total = 0;
    for (size_t first = 0; first < count; first += block) {
        const size_t rows = count - first < block ? count - first : block;
        const int n = (int)rows, e = (int)E, v = (int)V;
        // logits (rows,V) = x W^T, turned into p - q in place; then dx = (p - q) W and
        // dW += (p - q)^T x.
        for (size_t r = 0; r < readings; r++)
            matmul_transpose_b(logits + r * rows * V, 0, x->data + (r * count + first) * E,
                               weight->data, n, e, v);
        const ProfilePlace before = profile_enter(PROFILE_LOSS);
        total += cross_entropy_rows(logits, &(Question){.bias = bias ? bias->data : NULL,
                                                        .dbias = db,
                                                        .targets = targets + first,
                                                        .N = rows,
                                                        .V = V,
                                                        .ignore_index = ignore_index,
                                                        .smoothing = label_smoothing,
                                                        .consistency = consistency,
                                                        .difference = difference});
        profile_leave(before);
        for (size_t r = 0; r < readings; r++) {
            const size_t at = (r * count + first) * E;
            const real *dlogits = logits + r * rows * V;
            if (dx) matmul(dx + at, 0, dlogits, weight->data, n, v, e);
            if (dw) matmul_transpose_a(dw, first || r ? 1 : 0, dlogits, x->data + at, v, n, e);
        }
    }
    arena_release(arena, mark);
    // Without rows no product has written dw.
    if (N == 0 && dw) memset(dw, 0, V * E * sizeof(real));
    loss->data[0] = (real)total;
    RECORD(loss, linear_cross_entropy_go_back, LinearCrossEntropyNode, x, weight, bias, loss, dx,
           dw, db);
    return loss;
}
