/* ops_shape.c - operations that move numbers about or add them up, and compute nothing else. */
#include "common/ops.h"

typedef struct {
    Tensor *x, *y;
} ShapeNode;

/* ---- Reshape --------------------------------------------------------------------------------- */

/* The numbers did not move, so the gradient is added as it lies. */
static void reshape_go_back(const void *saved) {
    const ShapeNode *s = saved;
    tensor_grad_add(s->x, s->y->grad);
}

/* The data are shared, so a reshape costs nothing, and neither copy may be written to. */
Tensor *op_reshape(Tensor *x, int ndim, const int *shape) {
    REQUIRE(ndim >= 0 && ndim <= MAX_DIMS, "%d dimensions; at most %d", ndim, MAX_DIMS);
    Tensor *y = graph_alloc(sizeof *y);
    *y = *x; // shares the data; the gradient is its own
    y->ndim = ndim;
    y->grad = NULL;
    y->parameter = -1;
    y->name = NULL;
    y->graph = graph_current();
    y->generation = y->graph->generation;
    y->requires_grad = x->requires_grad && graph_recording();
    size_t size = 1;
    for (int i = 0; i < MAX_DIMS; i++) {
        y->shape[i] = i < ndim ? shape[i] : 1;
        REQUIRE(y->shape[i] >= 0, "dimension %d is %d", i, y->shape[i]);
        size *= (size_t)y->shape[i];
    }
    char from[64], to[64];
    REQUIRE(size == x->size, "cannot reshape %s to %s", shape_text(from, x->ndim, x->shape),
            shape_text(to, ndim, shape));
    RECORD(y, reshape_go_back, ShapeNode, x, y);
    return y;
}

/* ---- Transpose ------------------------------------------------------------------------------- */

/* Any transposition of two dimensions p < q is the exchange of the 2nd and 4th of the five blocks
 * (before p, p, between, q, after q). */
typedef struct {
    size_t before, p, between, q, after;
} Blocks;

typedef struct {
    Tensor *x, *y;
    Blocks x_blocks;
} TransposeNode;

static int dim_of(const Tensor *x, int dim) {
    const int at = dim < 0 ? dim + x->ndim : dim;
    REQUIRE(at >= 0 && at < x->ndim, "dimension %d of a tensor with %d", dim, x->ndim);
    return at;
}

/* (2,3,4,5) with p = 1, q = 3 is before 2, p 3, between 4, q 5, after 1. */
static Blocks blocks_of(const Tensor *x, int p, int q) {
    Blocks b = {1, (size_t)x->shape[p], 1, (size_t)x->shape[q], 1};
    for (int i = 0; i < x->ndim; i++) {
        if (i < p) b.before *= (size_t)x->shape[i];
        if (i > p && i < q) b.between *= (size_t)x->shape[i];
        if (i > q) b.after *= (size_t)x->shape[i];
    }
    return b;
}

/* to[before][q][between][p][after] = or += from[before][p][between][q][after] */
static void transpose_blocks(real *to, const real *from, Blocks b, bool add) {
    for (size_t i = 0; i < b.before; i++)
        for (size_t p = 0; p < b.p; p++)
            for (size_t j = 0; j < b.between; j++)
                for (size_t q = 0; q < b.q; q++) {
                    const real *source =
                        from + (((i * b.p + p) * b.between + j) * b.q + q) * b.after;
                    real *target = to + (((i * b.q + q) * b.between + j) * b.p + p) * b.after;
                    for (size_t k = 0; k < b.after; k++)
                        target[k] = add ? target[k] + source[k] : source[k];
                }
}

/* Swapping the same two dimensions again brings every gradient to where its number came from. */
static void transpose_go_back(const void *saved) {
    const TransposeNode *s = saved;
    const Blocks b = s->x_blocks, back = {b.before, b.q, b.between, b.p, b.after};
    transpose_blocks(tensor_grad(s->x), s->y->grad, back, true);
}

/* The data are moved, not viewed through strides: everything here stays contiguous, and what BLAS
 * reads afterwards it reads in order. */
Tensor *op_transpose(Tensor *x, int dim0, int dim1) {
    int p = dim_of(x, dim0), q = dim_of(x, dim1);
    if (p == q) return x;
    if (p > q) {
        const int swap = p;
        p = q;
        q = swap;
    }
    int shape[MAX_DIMS];
    memcpy(shape, x->shape, sizeof shape);
    shape[p] = x->shape[q];
    shape[q] = x->shape[p];
    Tensor *y = tensor_new(x->ndim, shape, x->requires_grad);
    const Blocks blocks = blocks_of(x, p, q);
    transpose_blocks(y->data, x->data, blocks, false);
    RECORD(y, transpose_go_back, TransposeNode, x, y, blocks);
    return y;
}

/* ---- Slice and concat ------------------------------------------------------------------------ */

/* Copies (or adds) `rows` runs of `length` elements between arrays with different row strides. */
static void copy_runs(real *to, size_t to_stride, const real *from, size_t from_stride, size_t rows,
                      size_t length, bool add) {
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < length; j++) {
            real *target = to + i * to_stride + j;
            *target = from[i * from_stride + j] + (add ? *target : 0);
        }
}

typedef struct {
    Tensor *x, *y;
    size_t rows, x_stride, length, offset; // runs of `length` at `offset` in rows of x_stride
} SliceNode;

/* What was not in the slice has no influence: only the slice's part of dx is added to. */
static void slice_go_back(const void *saved) {
    const SliceNode *s = saved;
    copy_runs(tensor_grad(s->x) + s->offset, s->x_stride, s->y->grad, s->length, s->rows, s->length,
              true);
}

/* Elements in one step along dim: the product of the dimensions after it. */
static size_t elements_after(const Tensor *x, int dim) {
    size_t elements = 1;
    for (int i = dim + 1; i < x->ndim; i++) elements *= (size_t)x->shape[i];
    return elements;
}

/* Everything up to dim counts as rows, dim and what follows as one run: two loops for any shape. */
Tensor *op_slice(Tensor *x, int dim, int start, int length) {
    const int at = dim_of(x, dim);
    REQUIRE(start >= 0 && length >= 0 && start <= x->shape[at] - length,
            "slice %d:%d of a dimension of %d", start, start + length, x->shape[at]);
    int shape[MAX_DIMS];
    memcpy(shape, x->shape, sizeof shape);
    shape[at] = length;
    Tensor *y = tensor_new(x->ndim, shape, x->requires_grad);
    const size_t after = elements_after(x, at), x_stride = after * (size_t)x->shape[at];
    const size_t rows = x_stride ? x->size / x_stride : 0, run = after * (size_t)length;
    const size_t offset = after * (size_t)start;
    copy_runs(y->data, run, x->data + offset, x_stride, rows, run, false);
    RECORD(y, slice_go_back, SliceNode, x, y, rows, x_stride, run, offset);
    return y;
}

typedef struct {
    Tensor *a, *b, *y;
    size_t rows, a_run, b_run;
} ConcatNode;

/* Each row of dy holds a run of a's gradient, then one of b's. */
static void concat_go_back(const void *saved) {
    const ConcatNode *s = saved;
    const size_t stride = s->a_run + s->b_run;
    real *da = tensor_grad(s->a), *db = tensor_grad(s->b);
    if (da) copy_runs(da, s->a_run, s->y->grad, stride, s->rows, s->a_run, true);
    if (db) copy_runs(db, s->b_run, s->y->grad + s->a_run, stride, s->rows, s->b_run, true);
}

Tensor *op_concat(Tensor *a, Tensor *b, int dim) {
    const int at = dim_of(a, dim);
    char text_a[64], text_b[64];
    int shape[MAX_DIMS];
    memcpy(shape, b->shape, sizeof shape);
    shape[at] = a->shape[at];
    REQUIRE(a->ndim == b->ndim && memcmp(shape, a->shape, sizeof shape) == 0,
            "%s and %s differ beyond dimension %d", shape_text(text_a, a->ndim, a->shape),
            shape_text(text_b, b->ndim, b->shape), at);
    shape[at] += b->shape[at];
    Tensor *y = tensor_new(a->ndim, shape, a->requires_grad || b->requires_grad);
    const size_t after = elements_after(a, at);
    const size_t a_run = after * (size_t)a->shape[at], b_run = after * (size_t)b->shape[at];
    const size_t rows = a_run + b_run ? y->size / (a_run + b_run) : 0;
    copy_runs(y->data, a_run + b_run, a->data, a_run, rows, a_run, false);
    copy_runs(y->data + a_run, a_run + b_run, b->data, b_run, rows, b_run, false);
    RECORD(y, concat_go_back, ConcatNode, a, b, y, rows, a_run, b_run);
    return y;
}

/* ---- Rows by their numbers ------------------------------------------------------------------- */

typedef struct {
    Tensor *x, *y;
    const int *ids;
} GatherNode;

/* Row n was copied from row ids[n], so there its gradient is added: a row that was taken twice
 * receives both, and one that was not taken nothing. */
static void gather_rows_go_back(const void *saved) {
    const GatherNode *s = saved;
    const size_t N = (size_t)s->y->shape[0], E = (size_t)s->y->shape[1];
    real *dx = tensor_grad(s->x);
    for (size_t n = 0; n < N; n++)
        for (size_t e = 0; e < E; e++) dx[(size_t)s->ids[n] * E + e] += s->y->grad[n * E + e];
}

Tensor *op_gather_rows(Tensor *x, const int *ids, int count) {
    REQUIRE(x->ndim == 2, "rows of a tensor of %d dimensions", x->ndim);
    for (int n = 0; n < count; n++)
        REQUIRE(ids[n] >= 0 && ids[n] < x->shape[0], "id %d at place %d; there are %d rows", ids[n],
                n, x->shape[0]);
    Tensor *y = tensor_new(2, SHAPE(count, x->shape[1]), x->requires_grad);
    const size_t E = (size_t)x->shape[1];
    for (size_t n = 0; n < (size_t)count; n++)
        memcpy(y->data + n * E, x->data + (size_t)ids[n] * E, E * sizeof(real));
    RECORD(y, gather_rows_go_back, GatherNode, x, y, ids);
    return y;
}

/* ---- Masked fill ----------------------------------------------------------------------------- */

typedef struct {
    Tensor *x, *y;
    const unsigned char *ignored;
    size_t ignored_size;
} MaskedFillNode;

/* A constant was put there, so nothing flows back where the mask is set. */
static void masked_fill_go_back(const void *saved) {
    const MaskedFillNode *s = saved;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i += s->ignored_size)
        for (size_t j = 0; j < s->ignored_size; j++)
            dx[i + j] +=
                s->ignored[j + (s->ignored_size == s->x->size ? i : 0)] ? 0 : s->y->grad[i + j];
}

/* The mask is kept by pointer until backward: it is as large as the scores and belongs to the
 * batch. */
Tensor *op_masked_fill(Tensor *x, const unsigned char *ignored, size_t ignored_size, real value) {
    REQUIRE(x->ndim >= 2, "a mask needs a tensor of at least 2 dimensions");
    const size_t matrix = (size_t)x->shape[x->ndim - 1] * (size_t)x->shape[x->ndim - 2];
    REQUIRE(ignored_size == x->size || ignored_size == matrix,
            "a mask of %zu for a tensor of %zu and matrices of %zu", ignored_size, x->size, matrix);
    Tensor *y = tensor_new(x->ndim, x->shape, x->requires_grad);
    for (size_t i = 0; i < x->size; i++)
        y->data[i] = ignored[i % ignored_size] ? value : x->data[i];
    RECORD(y, masked_fill_go_back, MaskedFillNode, x, y, ignored, ignored_size);
    return y;
}

/* ---- Sums ------------------------------------------------------------------------------------ */

/* forward was y = sum x, so each x got the same 1: dx = dy everywhere. */
static void sum_go_back(const void *saved) {
    const ShapeNode *s = saved;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->x->size; i++) dx[i] += s->y->grad[0];
}

Tensor *op_sum(Tensor *x) {
    Tensor *y = tensor_new(0, NULL, x->requires_grad);
    double total = 0; // in double: a long float sum would lose the small terms
    for (size_t i = 0; i < x->size; i++) total += x->data[i];
    y->data[0] = (real)total;
    RECORD(y, sum_go_back, ShapeNode, x, y);
    return y;
}

/* Through op_sum and op_scale: the way back is theirs. */
Tensor *op_mean(Tensor *x) {
    REQUIRE(x->size > 0, "the mean of nothing");
    return op_scale(op_sum(x), 1 / (real)x->size);
}

typedef struct {
    Tensor *x, *y;
    size_t rows, dim, after;
} SumDimNode;

/* Each dy goes to all the elements of dim that were added up into it. */
static void sum_dim_go_back(const void *saved) {
    const SumDimNode *s = saved;
    real *dx = tensor_grad(s->x);
    for (size_t i = 0; i < s->rows; i++)
        for (size_t j = 0; j < s->dim; j++)
            for (size_t k = 0; k < s->after; k++)
                dx[(i * s->dim + j) * s->after + k] += s->y->grad[i * s->after + k];
}

/* x as (rows, dim, after) -> (rows, after); the order of additions is that of the memory. */
Tensor *op_sum_dim(Tensor *x, int dim) {
    const int at = dim_of(x, dim);
    int shape[MAX_DIMS] = {0};
    for (int i = 0, j = 0; i < x->ndim; i++)
        if (i != at) shape[j++] = x->shape[i];
    Tensor *y = tensor_new(x->ndim - 1, shape, x->requires_grad);
    const size_t after = elements_after(x, at), length = (size_t)x->shape[at];
    const size_t rows = after ? y->size / after : 0;
    memset(y->data, 0, y->size * sizeof(real));
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < length; j++)
            for (size_t k = 0; k < after; k++)
                y->data[i * after + k] += x->data[(i * length + j) * after + k];
    RECORD(y, sum_dim_go_back, SumDimNode, x, y, rows, length, after);
    return y;
}
