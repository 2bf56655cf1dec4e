/* test_ops.c - the gradient of every operation of common/: one row of the table each, and more
 * where shapes or masks make a difference. */
#include <stdlib.h>

#include "common/kernels.h"
#include "common/random.h"
#include "tests/gradcheck.h"

typedef const void *Context;

/* ---- Builders: what each row computes -------------------------------------------------------- */

/* An operation that takes tensors and nothing else is itself the context of its row. */
typedef Tensor *(*Unary)(Tensor *);
typedef Tensor *(*Binary)(Tensor *, Tensor *);

static Tensor *build_unary(Context op, Tensor **x) {
    return (*(const Unary *)op)(x[0]);
}

static Tensor *build_binary(Context op, Tensor **x) {
    return (*(const Binary *)op)(x[0], x[1]);
}

static Tensor *build_binary_self(Context op, Tensor **x) {
    return (*(const Binary *)op)(x[0], x[0]);
}

static Tensor *build_scale(Context factor, Tensor **x) {
    return op_scale(x[0], *(const real *)factor);
}

static Tensor *build_pow(Context exponent, Tensor **x) {
    return op_pow(x[0], *(const real *)exponent);
}

static Tensor *build_dropout(Context p, Tensor **x) {
    return op_dropout(x[0], *(const real *)p);
}

static Tensor *build_dropout_evaluating(Context p, Tensor **x) {
    graph_current()->training = false;
    Tensor *y = op_dropout(x[0], *(const real *)p);
    graph_current()->training = true;
    return y;
}

static Tensor *build_reshape(Context unused, Tensor **x) {
    (void)unused;
    return op_exp(RESHAPE(x[0], 3, 1, 4)); // exp: the data must be shared in the right order
}

static Tensor *build_reshape_scalar(Context unused, Tensor **x) {
    (void)unused;
    return op_mul(op_reshape(x[0], 0, NULL), x[1]);
}

static Tensor *build_transpose(Context dims, Tensor **x) {
    const int *d = dims;
    return op_mul(op_transpose(x[0], d[0], d[1]), op_transpose(x[0], d[1], d[0]));
}

static Tensor *build_slice(Context slice, Tensor **x) {
    const int *s = slice;
    return op_slice(x[0], s[0], s[1], s[2]);
}

/* Row 2 twice, row 0 not at all. */
static const int IDS[] = {2, 1, 2, 3};

static Tensor *build_gather_rows(Context count, Tensor **x) {
    return op_gather_rows(x[0], IDS, *(const int *)count);
}

static Tensor *build_concat(Context dim, Tensor **x) {
    return op_concat(x[0], x[1], *(const int *)dim);
}

static Tensor *build_concat_self(Context dim, Tensor **x) {
    return op_concat(x[0], x[0], *(const int *)dim);
}

static Tensor *build_sum_dim(Context dim, Tensor **x) {
    return op_sum_dim(x[0], *(const int *)dim);
}

/* x[0] (2,3,4), a mask for all of its matrices or one for each. */
static const unsigned char MASK[24] = {0, 1, 0, 0, /**/ 1, 1, 1, 1, /**/ 0, 0, 1, 1,
                                       1, 0, 0, 0, /**/ 0, 0, 0, 0, /**/ 1, 1, 1, 1};

static Tensor *build_masked_fill(Context size, Tensor **x) {
    return op_masked_fill(x[0], MASK, (size_t) * (const int *)size, 2);
}

/* Rows 1 and 5 are fully masked. */
static Tensor *build_masked_softmax(Context size, Tensor **x) {
    return op_softmax(op_masked_fill(x[0], MASK, (size_t) * (const int *)size, -INFINITY));
}

static Tensor *build_linear(Context unused, Tensor **x) {
    (void)unused;
    return op_linear(x[0], x[1], x[2]);
}

static Tensor *build_linear_without_bias(Context unused, Tensor **x) {
    (void)unused;
    return op_linear(x[0], x[1], NULL);
}

/* Another gradient reaches x before that of the product does, and one after. */
static Tensor *build_linear_residual(Context unused, Tensor **x) {
    (void)unused;
    Tensor *h = op_tanh(x[0]);
    return op_add(op_mul(h, op_linear(h, x[1], x[2])), h);
}

static Tensor *build_linear_rows(Context rows, Tensor **x) {
    const int *r = rows;
    return op_linear_rows(x[0], x[1], x[2], r[0], r[1]);
}

static Tensor *build_linear_rows_without_bias(Context rows, Tensor **x) {
    const int *r = rows;
    return op_linear_rows(x[0], x[1], NULL, r[0], r[1]);
}

typedef struct {
    int targets[5], ignored;
    real smoothing, consistency;
} Targets;

static Tensor *build_cross_entropy(Context context, Tensor **x) {
    const Targets *t = context;
    return op_cross_entropy(x[0], t->targets, t->ignored, t->smoothing);
}

static Tensor *build_linear_cross_entropy(Context context, Tensor **x) {
    const Targets *t = context;
    return op_linear_cross_entropy(x[0], x[1], x[2], t->targets, t->ignored, t->smoothing,
                                   t->consistency);
}

static Tensor *build_linear_cross_entropy_without_bias(Context context, Tensor **x) {
    const Targets *t = context;
    return op_linear_cross_entropy(x[0], x[1], NULL, t->targets, t->ignored, t->smoothing,
                                   t->consistency);
}

/* (x + y) z / y - x^2 with x and y used again: sums of several paths. */
static Tensor *build_expression(Context unused, Tensor **x) {
    (void)unused;
    Tensor *sum = op_add(x[0], x[1]);
    Tensor *quotient = op_div(op_mul(sum, x[2]), x[1]);
    return op_sub(op_add(quotient, sum), op_mul(x[0], x[0]));
}

/* ---- The table ------------------------------------------------------------------------------- */

#define NUMBER(x)                                                                                  \
    &(const real) {                                                                                \
        (real)(x)                                                                                  \
    }
#define INT(x)                                                                                     \
    &(const int) {                                                                                 \
        x                                                                                          \
    }
#define INTS(...)                                                                                  \
    (const int[]) {                                                                                \
        __VA_ARGS__                                                                                \
    }
#define READ_TWICE(...)                                                                            \
    &(const Targets) {                                                                             \
        __VA_ARGS__                                                                                \
    }
#define TARGETS(...) READ_TWICE(__VA_ARGS__, 0)

#define UNARY(op)                                                                                  \
    &(const Unary) {                                                                               \
        op                                                                                         \
    }
#define BINARY(op)                                                                                 \
    &(const Binary) {                                                                              \
        op                                                                                         \
    }

#define ROW(name, build, domain, context, ...)                                                     \
    { name, build, domain, {__VA_ARGS__}, context, NULL }

static const GradCase CASES[] = {
    ROW("add", build_binary, ANY, BINARY(op_add), INPUT(2, 3), INPUT(2, 3)),
    ROW("add", build_binary, ANY, BINARY(op_add), INPUT(2, 3, 4), INPUT(4)),
    ROW("add", build_binary, ANY, BINARY(op_add), INPUT(3), INPUT(2, 1, 1, 3)),
    ROW("add", build_binary, ANY, BINARY(op_add), INPUT(1, 3, 1, 2), INPUT(2, 1, 4, 1)),
    ROW("add to itself", build_binary_self, ANY, BINARY(op_add), INPUT(3, 1)),
    ROW("sub", build_binary, ANY, BINARY(op_sub), INPUT(2, 3), INPUT(2, 3)),
    ROW("sub", build_binary, ANY, BINARY(op_sub), INPUT(2, 1, 3), INPUT(4, 1)),
    ROW("sub from itself", build_binary_self, ANY, BINARY(op_sub), INPUT(3)),
    ROW("mul", build_binary, ANY, BINARY(op_mul), INPUT(5), INPUT(5)),
    ROW("mul", build_binary, ANY, BINARY(op_mul), INPUT(2, 3, 4), INPUT(2, 1, 4)),
    ROW("mul", build_binary, ANY, BINARY(op_mul), INPUT(1), INPUT(3, 2)),
    ROW("mul by itself", build_binary_self, ANY, BINARY(op_mul), INPUT(2, 2)),
    ROW("div", build_binary, POSITIVE, BINARY(op_div), INPUT(2, 3), INPUT(2, 3)),
    ROW("div", build_binary, POSITIVE, BINARY(op_div), INPUT(2, 1), INPUT(2, 2, 3)),
    ROW("div", build_binary, POSITIVE, BINARY(op_div), INPUT(2, 2, 3), INPUT(3)),
    ROW("div by itself", build_binary_self, POSITIVE, BINARY(op_div), INPUT(3)),
    ROW("expression", build_expression, POSITIVE, NULL, INPUT(2, 3), INPUT(3), INPUT(2, 1)),
    ROW("scale", build_scale, ANY, NUMBER(-1.7), INPUT(2, 3)),
    ROW("square", build_pow, ANY, NUMBER(2), INPUT(2, 3)),
    ROW("cube", build_pow, ANY, NUMBER(3), INPUT(4)),
    ROW("pow 2.5", build_pow, POSITIVE, NUMBER(2.5), INPUT(2, 3)),
    ROW("pow -1", build_pow, POSITIVE, NUMBER(-1), INPUT(2, 3)),
    ROW("pow 0", build_pow, ANY, NUMBER(0), INPUT(3)),
    ROW("exp", build_unary, ANY, UNARY(op_exp), INPUT(2, 3)),
    ROW("log", build_unary, POSITIVE, UNARY(op_log), INPUT(2, 3)),
    ROW("tanh", build_unary, ANY, UNARY(op_tanh), INPUT(2, 3)),
    ROW("sigmoid", build_unary, ANY, UNARY(op_sigmoid), INPUT(2, 3)),
    ROW("relu", build_unary, NO_KINK, UNARY(op_relu), INPUT(3, 5)),
    ROW("gelu", build_unary, ANY, UNARY(op_gelu), INPUT(3, 5)),
    ROW("dropout 0.3", build_dropout, ANY, NUMBER(0.3), INPUT(4, 5)),
    ROW("dropout 0.9", build_dropout, ANY, NUMBER(0.9), INPUT(1, 20)),
    ROW("dropout 0", build_dropout, ANY, NUMBER(0), INPUT(4)),
    ROW("dropout while evaluating", build_dropout_evaluating, ANY, NUMBER(0.5), INPUT(4)),
    ROW("reshape", build_reshape, ANY, NULL, INPUT(2, 6)),
    ROW("reshape to a scalar", build_reshape_scalar, ANY, NULL, INPUT(1, 1), INPUT(3)),
    ROW("transpose 0 1", build_transpose, ANY, INTS(0, 1), INPUT(3, 4)),
    ROW("transpose -1 -2", build_transpose, ANY, INTS(-1, -2), INPUT(2, 3, 4)),
    ROW("transpose 1 2", build_transpose, ANY, INTS(1, 2), INPUT(2, 3, 2, 2)),
    ROW("transpose 3 0", build_transpose, ANY, INTS(3, 0), INPUT(2, 1, 3, 4)),
    ROW("transpose 1 1", build_transpose, ANY, INTS(1, 1), INPUT(2, 3)),
    ROW("slice 0", build_slice, ANY, INTS(0, 1, 2), INPUT(4, 3)),
    ROW("slice 1", build_slice, ANY, INTS(1, 3, 2), INPUT(2, 5, 3)),
    ROW("slice -1", build_slice, ANY, INTS(-1, 2, 1), INPUT(2, 1, 5)),
    ROW("gather_rows", build_gather_rows, ANY, INT(4), INPUT(4, 3)),
    ROW("gather_rows", build_gather_rows, ANY, INT(1), INPUT(3, 1)),
    ROW("gather_rows, none", build_gather_rows, ANY, INT(0), INPUT(2, 2)),
    ROW("concat 0", build_concat, ANY, INT(0), INPUT(1, 3), INPUT(2, 3)),
    ROW("concat 1", build_concat, ANY, INT(1), INPUT(2, 1, 3), INPUT(2, 2, 3)),
    ROW("concat -1", build_concat, ANY, INT(-1), INPUT(2, 4), INPUT(2, 1)),
    ROW("concat with itself", build_concat_self, ANY, INT(1), INPUT(2, 2)),
    ROW("masked_fill, one mask", build_masked_fill, ANY, INT(12), INPUT(2, 3, 4)),
    ROW("masked_fill, a mask each", build_masked_fill, ANY, INT(24), INPUT(2, 3, 4)),
    ROW("sum", build_unary, ANY, UNARY(op_sum), INPUT(2, 3)),
    ROW("mean", build_unary, ANY, UNARY(op_mean), INPUT(2, 3, 1)),
    ROW("sum_dim 0", build_sum_dim, ANY, INT(0), INPUT(3, 2)),
    ROW("sum_dim 1", build_sum_dim, ANY, INT(1), INPUT(2, 3, 4)),
    ROW("sum_dim -1", build_sum_dim, ANY, INT(-1), INPUT(2, 3)),
    ROW("sum_dim of a vector", build_sum_dim, ANY, INT(0), INPUT(3)),
    ROW("matmul", build_binary, ANY, BINARY(op_matmul), INPUT(2, 3), INPUT(3, 4)),
    ROW("matmul", build_binary, ANY, BINARY(op_matmul), INPUT(1, 1), INPUT(1, 1)),
    ROW("matmul", build_binary, ANY, BINARY(op_matmul), INPUT(2, 3, 2), INPUT(2, 2, 3)),
    ROW("matmul", build_binary, ANY, BINARY(op_matmul), INPUT(2, 2, 1, 3), INPUT(2, 2, 3, 2)),
    ROW("matmul, shared", build_binary, ANY, BINARY(op_matmul), INPUT(3, 2, 2), INPUT(2, 3)),
    ROW("matmul with itself", build_binary_self, ANY, BINARY(op_matmul), INPUT(2, 3, 3)),
    ROW("linear", build_linear, ANY, NULL, INPUT(2, 3, 4), INPUT(5, 4), INPUT(5)),
    ROW("linear", build_linear, ANY, NULL, INPUT(3), INPUT(1, 3), INPUT(1)),
    ROW("linear without bias", build_linear_without_bias, ANY, NULL, INPUT(3, 2), INPUT(4, 2)),
    ROW("linear, residual", build_linear_residual, ANY, NULL, INPUT(2, 3), INPUT(3, 3), INPUT(3)),
    ROW("linear_rows", build_linear_rows, ANY, INTS(2, 3), INPUT(2, 3), INPUT(7, 3), INPUT(7)),
    ROW("linear_rows without bias", build_linear_rows_without_bias, ANY, INTS(3, 1), INPUT(1, 2, 3),
        INPUT(4, 3)),
    ROW("softmax", build_unary, ANY, UNARY(op_softmax), INPUT(2, 3, 5)),
    ROW("softmax", build_unary, ANY, UNARY(op_softmax), INPUT(3, 1)),
    ROW("softmax, one mask", build_masked_softmax, ANY, INT(12), INPUT(2, 3, 4)),
    ROW("softmax, a mask each", build_masked_softmax, ANY, INT(24), INPUT(2, 3, 4)),
    ROW("log_softmax", build_unary, ANY, UNARY(op_log_softmax), INPUT(2, 5)),
    ROW("log_softmax", build_unary, ANY, UNARY(op_log_softmax), INPUT(1)),
    ROW("cross_entropy", build_cross_entropy, ANY, TARGETS({3, 0, 1}, -1, 0), INPUT(3, 4)),
    ROW("cross_entropy, ignored rows", build_cross_entropy, ANY, TARGETS({0, 2, 0, 1, 0}, 0, 0),
        INPUT(5, 3)),
    ROW("cross_entropy, smoothed", build_cross_entropy, ANY, TARGETS({0, 2, 4, 1}, 2, (real)0.1),
        INPUT(4, 5)),
    ROW("cross_entropy, nothing left", build_cross_entropy, ANY, TARGETS({1, 1}, 1, 0),
        INPUT(2, 3)),
    ROW("cross_entropy, one class", build_cross_entropy, ANY, TARGETS({0}, -1, 0), INPUT(1, 1)),
    ROW("linear_cross_entropy", build_linear_cross_entropy, ANY, TARGETS({4, 0, 2, 0}, -1, 0),
        INPUT(4, 3), INPUT(5, 3), INPUT(5)),
    ROW("linear_cross_entropy, smoothed, ignored rows", build_linear_cross_entropy, ANY,
        TARGETS({3, 0, 1, 0, 2}, 0, (real)0.2), INPUT(5, 2), INPUT(4, 2), INPUT(4)),
    ROW("linear_cross_entropy without bias", build_linear_cross_entropy_without_bias, ANY,
        TARGETS({0, 1, 2}, 1, (real)0.1), INPUT(3, 1), INPUT(3, 1)),
    ROW("linear_cross_entropy, read twice", build_linear_cross_entropy, ANY,
        READ_TWICE({3, 0, 1}, 0, (real)0.1, (real)0.7), INPUT(6, 2), INPUT(4, 2), INPUT(4)),
    ROW("linear_cross_entropy, read twice without bias", build_linear_cross_entropy_without_bias,
        ANY, READ_TWICE({1, 2}, -1, 0, 5), INPUT(4, 3), INPUT(3, 3)),
};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES, DRAWS = 5 };

START_TEST(test_gradients) {
    for (uint64_t seed = 0; seed < DRAWS; seed++) gradcheck(&CASES[_i], 100 + seed);
}
END_TEST

/* ---- What the table cannot say --------------------------------------------------------------- */

static void expect_close(const real *a, const real *b, size_t n, double tolerance,
                         const char *what) {
    double largest = 1e-30;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs((double)b[i]));
    for (size_t i = 0; i < n; i++)
        ck_assert_msg(fabs((double)a[i] - (double)b[i]) <= tolerance * largest,
                      "%s, element %zu: %.9g and %.9g", what, i, (double)a[i], (double)b[i]);
}

/* The two halves' symmetric divergence, sum_i (p_i - p'_i) (ln p_i - ln p'_i) over all rows. */
static Tensor *divergence(Tensor *logits, int half) {
    Tensor *log_p = op_log_softmax(logits);
    Tensor *first = op_slice(log_p, 0, 0, half), *second = op_slice(log_p, 0, half, half);
    return op_sum(op_mul(op_sub(op_exp(first), op_exp(second)), op_sub(first, second)));
}

/* The fused loss works through the rows block by block: 1,100 rows are two whole blocks and
 * a rest, also when they are 550 read twice. */
START_TEST(test_blocks) {
    enum { N = 1100, E = 3, V = 50 };
    const bool twice = _i == 1;
    const int ignored = twice ? -1 : 0;
    gradcheck_graph();
    Random random;
    random_seed(&random, 3);
    int targets[N];
    for (int n = 0; n < N; n++) targets[n] = (int)random_below(&random, n % 3 ? V : 1);
    if (twice) memcpy(targets + N / 2, targets, N / 2 * sizeof *targets);
    Tensor *x = TENSOR(N, E), *weight = TENSOR(V, E), *bias = TENSOR(V);
    random_fill_normal(&random, x->data, x->size, 0, 1);
    random_fill_normal(&random, weight->data, weight->size, 0, 1);
    random_fill_normal(&random, bias->data, bias->size, 0, 1);
    Tensor *in[2][3]; // the same leaves twice, to keep their gradients apart
    for (int i = 0; i < 2; i++) {
        in[i][0] = tensor_variable(x->data, 2, x->shape);
        in[i][1] = tensor_variable(weight->data, 2, weight->shape);
        in[i][2] = tensor_variable(bias->data, 1, bias->shape);
    }
    Tensor *fused = op_linear_cross_entropy(in[0][0], in[0][1], in[0][2], targets, ignored,
                                            (real)0.1, twice ? 3 : 0);
    Tensor *logits = op_linear(in[1][0], in[1][1], in[1][2]);
    Tensor *composed = op_cross_entropy(logits, targets, ignored, (real)0.1);
    if (twice) composed = op_add(composed, op_scale(divergence(logits, N / 2), (real)1.5));
    backward(op_add(op_scale(fused, 2), op_scale(composed, 2)));
    const double tolerance = sizeof(real) == sizeof(double) ? 1e-12 : 1e-5;
    expect_close(fused->data, composed->data, 1, tolerance, "loss");
    const char *names[] = {"dx", "dweight", "dbias"};
    for (int i = 0; i < 3; i++)
        expect_close(tensor_grad(in[0][i]), tensor_grad(in[1][i]), in[0][i]->size, tolerance,
                     names[i]);
}
END_TEST

/* A long gradient is cleared and added to part by part: here two whole parts and a rest, of two
 * variables with
 *     y = max(b - drop(a^2), 0), L = sum y^2, so that dL/db = 2 y and dL/da = -2 y f 2 a
 * where f, 0 or 1/(1-p), is what a dropout of ones gives. In a graph that recycles, fresh gradients
 * hold old numbers. */
START_TEST(test_parts) {
    enum { N = 9003 };
    const real p = (real)0.25;
    Graph *graph = gradcheck_graph();
    graph->recycle = _i ? tensor_recycle : NULL;
    Random random;
    random_seed(&random, 4);
    Tensor *noise = TENSOR(2, N), *ones = TENSOR(N);
    random_fill_normal(&random, noise->data, noise->size, 0, 1);
    for (int i = 0; i < N; i++) ones->data[i] = 1;
    Tensor *a = tensor_variable(noise->data, 1, SHAPE(N));
    Tensor *b = tensor_variable(noise->data + N, 1, SHAPE(N));
    const Tensor *f = op_dropout(ones, p);
    graph->dropout_calls = 0;
    Tensor *y = op_relu(op_sub(b, op_dropout(op_mul(a, a), p)));
    backward(op_sum(op_mul(y, y)));
    for (int i = 0; i < N; i++) {
        const real dy = 2 * y->data[i], da = -dy * f->data[i] * 2 * a->data[i];
        ck_assert_msg(tensor_grad(b)[i] == dy, "db of %d: %g, not %g", i, (double)tensor_grad(b)[i],
                      (double)dy);
        ck_assert_msg(fabs((double)(tensor_grad(a)[i] - da)) <= 1e-6 * fabs((double)da),
                      "da of %d: %g, not %g", i, (double)tensor_grad(a)[i], (double)da);
    }
}
END_TEST

START_TEST(test_fully_masked_row) {
    gradcheck_graph();
    const real values[] = {1, 2, -INFINITY, -INFINITY, -INFINITY, 3}, weights[] = {5, 7};
    Tensor *x = TENSOR_FROM(values, 3, 2);
    x->requires_grad = true;
    Tensor *y = op_softmax(x);
    backward(op_sum(op_mul(y, TENSOR_FROM(weights, 2))));
    const real expected[] = {(real)(1 / (1 + exp(1.0))), (real)(1 / (1 + exp(-1.0))), 0, 0, 0, 1};
    for (int i = 0; i < 6; i++)
        ck_assert_double_eq_tol((double)y->data[i], (double)expected[i], 1e-6);
    const real *dx = tensor_grad(x);
    ck_assert(dx[0] < 0 && dx[1] > 0);
    for (int i = 2; i < 6; i++) ck_assert_msg(dx[i] == 0, "gradient %d is %g", i, (double)dx[i]);
    const real *log = op_log_softmax(x)->data;
    ck_assert(log[2] == -INFINITY && log[3] == -INFINITY && log[5] == 0);
}
END_TEST

START_TEST(test_not_a_number_spreads) {
    gradcheck_graph();
    const real values[] = {1, NAN, 3};
    Tensor *x = TENSOR_FROM(values, 3);
    Tensor *results[] = {op_softmax(x), op_log_softmax(x), op_sum(x),  op_mean(x),
                         op_mul(x, x),  op_exp(x),         op_relu(x), op_gelu(x)};
    for (size_t i = 0; i < sizeof results / sizeof *results; i++) {
        bool found = false;
        for (size_t j = 0; j < results[i]->size; j++) found |= isnan(results[i]->data[j]) != 0;
        ck_assert_msg(found, "operation %zu of the list hid a NaN", i);
    }
}
END_TEST

START_TEST(test_dropout_masks) {
    Graph *graph = gradcheck_graph();
    enum { N = 100000 };
    Tensor *ones = TENSOR(N);
    for (int i = 0; i < N; i++) ones->data[i] = 1;
    graph->dropout_key = 7;
    const Tensor *first = op_dropout(ones, (real)0.25), *second = op_dropout(ones, (real)0.25);
    int dropped = 0, same = 0;
    for (int i = 0; i < N; i++) {
        ck_assert(first->data[i] == 0 || fabs((double)first->data[i] - 4.0 / 3) < 1e-6);
        dropped += first->data[i] == 0;
        same += first->data[i] == second->data[i];
    }
    ck_assert_int_lt(abs(dropped - N / 4), 600);         // 4.4 deviations of 137
    ck_assert_int_lt(abs(same - (int)(N * 0.625)), 700); // independent: .75^2 + .25^2
    graph->dropout_key = 8; // the next step's first mask must not be this step's second
    graph->dropout_calls = 0;
    ck_assert(memcmp(op_dropout(ones, (real)0.25)->data, second->data, N * sizeof(real)) != 0);
    graph->dropout_key = 7;
    graph->dropout_calls = 0;
    ck_assert(memcmp(op_dropout(ones, (real)0.25)->data, first->data, N * sizeof(real)) == 0);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("operations");
    TCase *table = tcase_create("gradients");
    tcase_set_timeout(table, 60);
    tcase_add_loop_test(table, test_gradients, 0, CASE_COUNT);
    suite_add_tcase(suite, table);
    TCase *others = tcase_create("others");
    tcase_add_loop_test(others, test_blocks, 0, 2);
    tcase_add_test(others, test_fully_masked_row);
    tcase_add_test(others, test_not_a_number_spreads);
    tcase_add_test(others, test_dropout_masks);
    tcase_add_loop_test(others, test_parts, 0, 2);
    suite_add_tcase(suite, others);
    return gradcheck_main(argc, argv, suite);
}
