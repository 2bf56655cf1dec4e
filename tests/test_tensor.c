/* test_tensor.c - tensors, the graph and its errors, the arena, parameters, and e^x. */
#include <check.h>
#include <float.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/kernels.h"
#include "common/ops.h"
#include "common/parameters.h"
#include "common/random.h"
#include "tests/suite.h"

static Graph *graph;

static void setup(void) {
    graph = graph_new();
    graph_use(graph);
}

static void teardown(void) {
    graph_free(graph);
}

static Tensor *variable(double value) {
    return tensor_variable((const real[]){(real)value}, 0, NULL);
}

static Tensor *constant(double value) {
    return tensor_scalar((real)value);
}

/* ---- Graph ----------------------------------------------------------------------------------- */

/* The example of micrograd's README (github.com/karpathy/micrograd), with the values it prints. */
START_TEST(test_micrograd) {
    Tensor *a = variable(-4), *b = variable(2);
    Tensor *c = op_add(a, b);
    Tensor *d = op_add(op_mul(a, b), op_pow(b, 3));
    c = op_add(c, op_add(c, constant(1)));
    c = op_add(c, op_sub(op_add(constant(1), c), a));
    d = op_add(d, op_add(op_scale(d, 2), op_relu(op_add(b, a))));
    d = op_add(d, op_add(op_scale(d, 3), op_relu(op_sub(b, a))));
    Tensor *f = op_pow(op_sub(c, d), 2);
    Tensor *g = op_add(op_scale(f, (real)0.5), op_div(constant(10), f));
    backward(g);
    const double printed[] = {24.7041, 138.8338, 645.5773}; // to 4 decimals
    const real ours[] = {tensor_item(g), tensor_grad(a)[0], tensor_grad(b)[0]};
    for (int i = 0; i < 3; i++)
        ck_assert_double_eq_tol((double)ours[i], printed[i],
                                5e-5 + (sizeof(real) == sizeof(float) ? 1e-7 * printed[i] : 0));
}
END_TEST

START_TEST(test_graph_is_reused) {
    for (int step = 0; step < 3; step++) {
        Tensor *x = variable(3);
        backward(op_mul(x, x));
        ck_assert_double_eq((double)tensor_grad(x)[0], 6);
        graph_reset(graph);
    }
}
END_TEST

START_TEST(test_without_gradient) {
    Tensor *x = variable(3), *unused = variable(4), *y = constant(5);
    backward(op_mul(x, y));
    ck_assert_double_eq((double)tensor_grad(unused)[0], 0);
    ck_assert_ptr_null(tensor_grad(y));
    graph_reset(graph);
    graph->recording = false;
    ck_assert(!op_mul(variable(3), constant(5))->requires_grad);
    ck_assert_ptr_null(graph->last);
}
END_TEST

/* Whatever the mode was is restored, also by an inner pair within an outer one. */
START_TEST(test_quiet_and_restore) {
    graph->recording = false;
    const GraphMode outer = graph_quiet();
    ck_assert(!graph->recording && !graph->training);
    const GraphMode inner = graph_quiet();
    graph_restore(inner);
    ck_assert(!graph->recording && !graph->training);
    graph_restore(outer);
    ck_assert(!graph->recording && graph->training);
}
END_TEST

/* A parameter's gradient grows from step to step until it is cleared, or goes where the graph
 * says. */
START_TEST(test_parameter_gradients) {
    Parameters parameters = {0};
    Tensor *first = PARAMETER(&parameters, "", "first", 1), *w = PARAMETER(&parameters, "", "w", 2);
    w->data[0] = 3, w->data[1] = 4;
    for (int step = 0; step < 2; step++) {
        backward(op_sum(op_mul(w, w)));
        graph_reset(graph);
    }
    ck_assert(w->grad[0] == 12 && w->grad[1] == 16);
    ck_assert_double_eq_tol(parameters_grad_norm(&parameters), 20, 1e-6);
    real elsewhere[2] = {1, 0}, *places[2] = {first->grad, elsewhere};
    graph->parameter_grads = places;
    backward(op_sum(op_mul(w, w)));
    ck_assert(elsewhere[0] == 7 && elsewhere[1] == 8 && w->grad[0] == 12);
    ck_assert_ptr_eq(tensor_grad(w), elsewhere);
    parameters_zero_grad(&parameters);
    ck_assert(w->grad[0] == 0 && w->grad[1] == 0);
    parameters_free(&parameters);
}
END_TEST

/* ---- A programmer's errors: each of these aborts --------------------------------------------- */

START_TEST(test_backward_twice) {
    Tensor *x = variable(1), *loss = op_mul(x, x);
    backward(loss);
    backward(loss);
}
END_TEST

START_TEST(test_backward_of_a_matrix) {
    backward(tensor_variable((const real[]){1, 2}, 1, SHAPE(2)));
}
END_TEST

START_TEST(test_backward_after_reset) {
    Tensor *loss = op_exp(variable(1));
    graph_reset(graph);
    backward(loss);
}
END_TEST

START_TEST(test_backward_in_another_graph) {
    Tensor *loss = op_exp(variable(1));
    graph_use(graph_new());
    backward(loss);
}
END_TEST

START_TEST(test_backward_of_a_constant) {
    backward(op_exp(constant(1)));
}
END_TEST

START_TEST(test_no_graph) {
    graph_use(NULL);
    constant(1);
}
END_TEST

START_TEST(test_shapes_that_do_not_fit) {
    op_matmul(TENSOR(2, 3), TENSOR(2, 3));
}
END_TEST

START_TEST(test_reshape_to_another_size) {
    RESHAPE(TENSOR(2, 3), 4);
}
END_TEST

START_TEST(test_reshape_to_negative_sizes) {
    RESHAPE(TENSOR(2, 3), -2, -3);
}
END_TEST

START_TEST(test_item_of_a_vector) {
    tensor_item(TENSOR(2));
}
END_TEST

START_TEST(test_tensor_beyond_memory) {
    TENSOR(1 << 30, 1 << 30, 1 << 30);
}
END_TEST

START_TEST(test_parameter_named_twice) {
    Parameters parameters = {0};
    PARAMETER(&parameters, "layer.", "weight", 2);
    PARAMETER(&parameters, "", "layer.weight", 3);
}
END_TEST

/* ---- Arena ----------------------------------------------------------------------------------- */

START_TEST(test_arena) {
    Arena arena = {0};
    char *small = arena_alloc(&arena, 3), *next = arena_alloc(&arena, 1);
    ck_assert_uint_eq((uintptr_t)small % 64, 0);
    ck_assert_uint_eq((uintptr_t)next % 64, 0);
    ck_assert(next >= small + 3);
    const ArenaMark mark = arena_mark(&arena);
    char *large = arena_alloc(&arena, 5 << 20); // beyond the first block
    memset(large, 1, 5 << 20);
    arena_release(&arena, mark);
    ck_assert_ptr_eq(arena_alloc(&arena, 1), next + 64);
    ck_assert_ptr_eq(arena_alloc(&arena, 5 << 20), large); // what was released is there again
    arena_reset(&arena); // keeps room for all that was there at once
    char *again = arena_calloc(&arena, 3);
    ck_assert(again[0] == 0 && again[2] == 0);
    const ArenaBlock *block = arena.block;
    arena_alloc(&arena, 5 << 20);
    ck_assert_ptr_eq(arena.block, block);
    arena_free(&arena);
    ck_assert_ptr_null(arena.block);
    arena_alloc(&arena, 1);
    arena_free(&arena);
}
END_TEST

/* What was expected comes from one block, which serves the next time, too; what was not comes
 * all the same. */
START_TEST(test_arena_expects) {
    Arena arena = {0};
    arena_alloc(&arena, 1);
    const ArenaMark mark = arena_mark(&arena);
    arena_expect(&arena, 8 << 20);
    const ArenaBlock *block = arena.block;
    char *first = arena_alloc(&arena, 3 << 20);
    memset(arena_alloc(&arena, 5 << 20), 1, 5 << 20);
    ck_assert_ptr_eq(arena.block, block);
    arena_release(&arena, mark);
    arena_reset(&arena); // whose one block is that one
    ck_assert_ptr_eq(arena.block, block);
    arena_expect(&arena, 8 << 20);
    ck_assert_ptr_eq(arena_alloc(&arena, 3 << 20), first);
    memset(arena_alloc(&arena, 20 << 20), 1, 20 << 20);
    const ArenaBlock *larger = arena.block;
    arena_expect(&arena, (size_t)1 << 60);
    ck_assert_ptr_eq(arena.block, larger);
    arena_free(&arena);
}
END_TEST

START_TEST(test_arena_released_to_empty) {
    Arena arena = {0};
    const ArenaMark mark = arena_mark(&arena);
    for (int i = 0; i < 3; i++) {
        memset(arena_alloc(&arena, 3 << 20), 1, 3 << 20);
        arena_release(&arena, mark);
        ck_assert_uint_eq(arena.total, 0);
    }
    arena_free(&arena);
}
END_TEST

/* ---- Parameters ------------------------------------------------------------------------------ */

START_TEST(test_parameters) {
    Parameters parameters = {0};
    Tensor *a = PARAMETER(&parameters, "encoder.", "weight", 2, 3);
    Tensor *b = PARAMETER(&parameters, "", "bias", 5);
    parameters_alias(&parameters, "generator.weight", a);
    ck_assert_str_eq(a->name, "encoder.weight");
    ck_assert_ptr_eq(parameters_find(&parameters, "bias"), b);
    ck_assert_ptr_eq(parameters_find(&parameters, "generator.weight"), a);
    ck_assert_ptr_null(parameters_find(&parameters, "weight"));
    ck_assert_uint_eq(parameters_size(&parameters), 11);
    for (size_t i = 0; i < 6; i++) a->grad[i] = 1;
    for (size_t i = 0; i < 5; i++) b->grad[i] = 2;
    ck_assert_double_eq(parameters_grad_squares(&parameters, 4, 3), 1 + 1 + 4);
    ck_assert_double_eq(parameters_grad_squares(&parameters, 0, 11), 6 + 20);
    ck_assert_ptr_null(parameters_grad_not_finite(&parameters));
    b->grad[4] = NAN;
    ck_assert_ptr_eq(parameters_grad_not_finite(&parameters), b);
    ck_assert(isnan(parameters_grad_norm(&parameters)));
    a->grad[0] = INFINITY;
    ck_assert_ptr_eq(parameters_grad_not_finite(&parameters), a);
    a->grad[0] = (real)(sizeof(real) == 4 ? 1e30 : 1e300); // finite, but not when squared
    ck_assert_ptr_eq(parameters_grad_not_finite(&parameters), a);
    size_t element;
    ck_assert_ptr_null(parameters_not_finite(&parameters, &element));
    b->data[3] = -INFINITY;
    ck_assert_ptr_eq(parameters_not_finite(&parameters, &element), b);
    ck_assert_uint_eq(element, 3);
    parameters_free(&parameters);
}
END_TEST

START_TEST(test_parameter_runs) {
    Parameters parameters = {0};
    Tensor *a = PARAMETER(&parameters, "", "a", 4), *empty = PARAMETER(&parameters, "", "e", 0);
    Tensor *b = PARAMETER(&parameters, "", "b", 2, 3);
    ParameterRun run = {0};
    ck_assert(parameters_next_run(&parameters, 3, 5, &run));
    ck_assert(run.tensor == a && run.first == 3 && run.count == 1 && run.flat == 3);
    ck_assert(parameters_next_run(&parameters, 3, 5, &run));
    ck_assert(run.tensor == b && run.first == 0 && run.count == 4 && run.flat == 4);
    ck_assert(!parameters_next_run(&parameters, 3, 5, &run));
    ck_assert(empty->size == 0);
    parameters_free(&parameters);
}
END_TEST

/* ---- e^x ------------------------------------------------------------------------------------- */

static int compute_exp(const real *x, real *y, int n) {
    for (int i = 0; i < n; i++) y[i] = real_exp(x[i]); // a loop: the vectorised form
    return n;
}

START_TEST(test_exp_special) {
    const real least = sizeof(real) == sizeof(float) ? (real)-87.34 : (real)-746;
    const real most = sizeof(real) == sizeof(float) ? (real)88.73 : (real)710;
    const real x[] = {0, -INFINITY, INFINITY, NAN, least, most, (real)-1e30, (real)1e30};
    real y[8];
    compute_exp(x, y, 8);
    ck_assert(y[0] == 1 && y[1] == 0 && y[2] == INFINITY && isnan(y[3]));
    ck_assert(y[4] == 0 && y[5] == INFINITY && y[6] == 0 && y[7] == INFINITY);
}
END_TEST

/* In units of the last place of the float result; the double build calls exp itself. */
START_TEST(test_exp_accuracy) {
    enum { N = 1000000 };
    real *x = memory_alloc(N * sizeof(real)), *y = memory_alloc(N * sizeof(real));
    for (int i = 0; i < N; i++)
        x[i] = (real)(float)(-87.33 + (88.72 + 87.33) * i / (N - 1)); // the whole range
    for (int i = 0; i < N / 10; i++) x[i] = (real)((float)i * 1e-6f); // and near 0
    compute_exp(x, y, N);
    double worst = 0;
    for (int i = 0; i < N; i++) {
        const double exact = exp((double)x[i]);
        const double unit = ldexp(1, ilogb(exact) - (FLT_MANT_DIG - 1));
        worst = fmax(worst, fabs((double)y[i] - exact) / unit);
    }
    free(x);
    free(y);
    ck_assert_msg(worst <= 2, "e^x is wrong by %.3f units in the last place", worst);
}
END_TEST

static TCase *errors_case(void) {
    const TTest *const aborting[] = {
        test_backward_twice,
        test_backward_of_a_matrix,
        test_backward_after_reset,
        test_backward_of_a_constant,
        test_no_graph,
        test_backward_in_another_graph,
        test_shapes_that_do_not_fit,
        test_reshape_to_another_size,
        test_item_of_a_vector,
        test_reshape_to_negative_sizes,
        test_tensor_beyond_memory,
        test_parameter_named_twice,
    };
    TCase *errors = tcase_create("errors");
    tcase_add_checked_fixture(errors, setup, teardown);
    for (size_t i = 0; i < sizeof aborting / sizeof *aborting; i++)
        tcase_add_test_raise_signal(errors, aborting[i], SIGABRT);
    return errors;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("tensor");
    TCase *tests = tcase_create("tensor");
    const TTest *const all[] = {
        test_micrograd,           test_graph_is_reused,
        test_without_gradient,    test_quiet_and_restore,
        test_parameter_gradients, test_arena,
        test_arena_expects,       test_arena_released_to_empty,
        test_parameters,          test_parameter_runs,
        test_exp_special,         test_exp_accuracy,
    };
    tcase_add_checked_fixture(tests, setup, teardown);
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) tcase_add_test(tests, all[i]);
    suite_add_tcase(suite, tests);
    if (suite_forks())
        suite_add_tcase(suite, errors_case());
    else
        puts("skipped: errors that abort (they need CK_FORK=yes)");
    fflush(stdout);
    return suite_run(suite);
}
