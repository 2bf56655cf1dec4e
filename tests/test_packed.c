// A packed weight against plain loops, and where an operation meets one.
#include <check.h>
#include <signal.h>
#include <stdlib.h>

#include "common/kernels.h"
#include "common/ops.h"
#include "common/optimizer.h"
#include "common/packed.h"
#include "common/random.h"
#include "common/vector.h"
#include "tests/suite.h"

enum { M = 27, N = 333, K = 29 };

static real x[M * K], w[N * K], bias[N];

static void fill(void) {
    Random random;
    random_seed(&random, 1);
    random_fill_uniform(&random, x, M * K, -1, 1);
    random_fill_uniform(&random, w, N * K, -1, 1);
    random_fill_uniform(&random, bias, N, -1, 1);
}

static double plain(int m, int n, const real *b) {
    double sum = b ? (double)b[n] : 0;
    for (int k = 0; k < K; k++) sum += (double)x[m * K + k] * (double)w[n * K + k];
    return sum;
}

/* Every number of rows, so that all sizes of a block occur, and numbers of columns around whole
 * panels, of which there are none, one, and several. */
START_TEST(is_the_product) {
    static const int columns[] = {1, 2, 15, 16, 17, 63, 64, 65, 128, 200, N};
    static real y[M * N + 1];
    fill();
    PackedMatrix *packed = packed_new(w, N, K);
    const real *b = _i ? bias : NULL;
    for (size_t c = 0; c < sizeof columns / sizeof *columns; c++)
        for (int rows = 1; rows <= M; rows++) {
            const int count = columns[c];
            y[rows * count] = 42;
            packed_product(y, x, rows, packed, b, 0, count);
            for (int i = 0; i < rows * count; i++)
                ck_assert_double_eq_tol((double)y[i], plain(i / count, i % count, b), 1e-5);
            ck_assert_double_eq((double)y[rows * count], 42); // what lies behind is not touched
        }
    packed_free(packed);
}
END_TEST

/* From where a panel begins; elsewhere one is told that it cannot be had. */
START_TEST(some_of_the_rows) {
    static real y[M * N];
    fill();
    PackedMatrix *packed = packed_new(w, N, K);
    int begins = 0;
    for (int first = 0; first < N; first++) {
        if (!packed_begins_at(packed, first)) continue;
        const int count = N - first;
        packed_product(y, x, M, packed, bias, first, count);
        for (int i = 0; i < M * count; i++)
            ck_assert_double_eq_tol((double)y[i], plain(i / count, first + i % count, bias), 1e-5);
        begins++;
    }
    ck_assert_int_gt(begins, 2);
    ck_assert(packed_begins_at(packed, 64) && packed_begins_at(packed, 128));
    ck_assert(!packed_begins_at(packed, 1) && !packed_begins_at(packed, N + 1));
    packed_free(packed);
}
END_TEST

/* To the last bit: a sentence is not translated otherwise for the company it is in. */
START_TEST(a_row_does_not_see_the_others) {
    static real together[M * N], alone[N];
    fill();
    PackedMatrix *packed = packed_new(w, N, K);
    packed_product(together, x, M, packed, bias, 0, N);
    for (int m = 0; m < M; m++) {
        packed_product(alone, x + m * K, 1, packed, bias, 0, N);
        ck_assert_int_eq(memcmp(alone, together + m * N, sizeof alone), 0);
    }
    packed_free(packed);
}
END_TEST

static Tensor *parameter_of(Parameters *parameters) {
    fill();
    Tensor *weight = PARAMETER(parameters, "", "weight", N, K);
    memcpy(weight->data, w, sizeof w);
    return weight;
}

/* Forward and backward, for all rows, for rows where a panel begins, and for others. */
START_TEST(an_operation_gives_the_same) {
    static const int first[] = {0, 128, 5};
    Graph *graph = graph_new();
    graph_use(graph);
    Parameters parameters = {0};
    Tensor *weight = parameter_of(&parameters);
    Tensor *b = tensor_variable(bias, 1, SHAPE(N)), *in = tensor_variable(x, 2, SHAPE(M, K));
    Tensor *before = op_linear_rows(in, weight, b, first[_i], N - first[_i]);
    weight->packed = packed_new(w, N, K);
    Tensor *after = op_linear_rows(in, weight, b, first[_i], N - first[_i]);
    ck_assert_double_le(vector_max_difference(before->data, after->data, before->size), 1e-5);
    // Half of the sum each: the gradient is what either gives.
    backward(op_sum(op_sub(op_mul(after, after), op_mul(before, before))));
    ck_assert_double_le(vector_max_abs(tensor_grad(in), in->size), 1e-2);
    parameters_free(&parameters); // the packed copy with it
    graph_free(graph);
}
END_TEST

/* A step would change the weight and not its copy. */
START_TEST(training_is_refused) {
    Parameters parameters = {0};
    Tensor *weight = parameter_of(&parameters);
    Optimizer *optimizer = optimizer_new(&parameters, adam_paper());
    optimizer_step(optimizer, 1e-3, 1);
    weight->packed = packed_new(weight->data, N, K);
    optimizer_step(optimizer, 1e-3, 1);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("packed");
    TCase *tests = tcase_create("packed");
    tcase_add_loop_test(tests, is_the_product, 0, 2); // without a bias, with
    tcase_add_test(tests, some_of_the_rows);
    tcase_add_test(tests, a_row_does_not_see_the_others);
    tcase_add_loop_test(tests, an_operation_gives_the_same, 0, 3);
    if (suite_forks()) tcase_add_test_raise_signal(tests, training_is_refused, SIGABRT);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
