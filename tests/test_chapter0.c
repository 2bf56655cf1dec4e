// Chapter 0: the numbers its lesson rests on.
#include "common/kernels.h"
#include "common/lab/descent.h"
#include "common/lab/differences.h"
#include "common/lab/expressions.h"
#include "common/lab/notebook.h"
#include "common/lab/python_random.h"
#include "common/lab/wrong_ways.h"
#include "common/optimizer.h"
#include "tests/suite.h"

#include <check.h>

/* ---- Gradients ------------------------------------------------------------------------------- */

static const bool is_double = sizeof(real) == sizeof(double);
static Graph *graph;

static void begin(void) {
    graph = graph_new();
    graph_use(graph);
}

static void end(void) {
    graph_free(graph);
}

/* By hand: dL/da = b f, dL/db = a f, dL/dc = f, dL/df = a b + c. */
START_TEST(the_chain) {
    const Chain x = chain_forward();
    backward(x.L);
    ck_assert(tensor_item(x.L) == -8 && tensor_grad(x.a)[0] == 6 && tensor_grad(x.b)[0] == -4 &&
              tensor_grad(x.c)[0] == -2 && tensor_grad(x.f)[0] == 4);
}
END_TEST

/* The README's three numbers, which it rounds to four decimals; a float has about seven digits. */
START_TEST(micrograds_numbers) {
    const Micrograd x = micrograd_forward();
    backward(x.g);
    ck_assert_double_eq_tol((double)tensor_item(x.g), 24.7041, 5.1e-5);
    ck_assert_double_eq_tol((double)tensor_grad(x.a)[0], 138.8338, 7e-5);
    ck_assert_double_eq_tol((double)tensor_grad(x.b)[0], 645.5773, is_double ? 5.1e-5 : 2e-4);
}
END_TEST

/* h^2 to one side of the best h, lost digits to the other; and float never comes as far. */
START_TEST(difference_quotients) {
    ck_assert_double_eq_tol(differences_central(1e-2), 1e-4, 1e-12);
    ck_assert_double_eq_tol(differences_one_sided(1e-2), 3.01e-2, 1e-12);
    double best = 1, best_float = 1;
    for (double h = 0.1; h > 1e-13; h /= 2) {
        best = fmin(best, differences_central(h));
        best_float = fmin(best_float, differences_central_float(h));
    }
    ck_assert_double_lt(best, 1e-10);
    ck_assert_double_gt(best_float, 1e-8);
    ck_assert_double_gt(differences_central_float(1e-6), 1e-2);
}
END_TEST

/* All equal, as an added-up result sends them back, they tell none of the ways apart; the right one
 * is that of op_softmax. */
START_TEST(wrong_ways_pass_a_sum) {
    const real x_[3] = {3, 2, 1};
    const double ones[3] = {1, 1, 1}, some[3] = {0.3, -1.2, 0.8};
    Tensor *x = tensor_variable(x_, 1, SHAPE(3)), *y = op_softmax(x); // (3)
    Tensor *factors = TENSOR(3);
    for (int i = 0; i < 3; i++) factors->data[i] = (real)some[i];
    backward(op_sum(op_mul(y, factors)));
    const double p[3] = {(double)y->data[0], (double)y->data[1], (double)y->data[2]};
    for (Way way = 0; way < WAYS; way++) {
        double dx[3], largest = 0;
        way_back(way, p, ones, 3, dx);
        for (int i = 0; i < 3; i++) ck_assert_double_eq_tol(dx[i], 0, 1e-6);
        way_back(way, p, some, 3, dx);
        for (int i = 0; i < 3; i++)
            largest = fmax(largest, fabs(dx[i] - (double)tensor_grad(x)[i]));
        ck_assert_msg((largest < 1e-6) == (way == WAY_RIGHT), "%s: off by %g", way_name(way),
                      largest);
    }
}
END_TEST

/* ---- Training -------------------------------------------------------------------------------- */

/* What Python prints: random.seed(1337); random.random(), three times. */
START_TEST(pythons_draws) {
    Random random;
    python_random_seed(&random, 1337);
    const double expected[3] = {0.6177528569514706, 0.5332655736050008, 0.36584835924937553};
    for (int i = 0; i < 3; i++) ck_assert_double_eq(python_random_uniform(&random), expected[i]);
}
END_TEST

/* Half of the points each, and the one above the other; the notebook below tells whether they are
 * its own. */
START_TEST(the_moons) {
    Moons moons;
    moons_make(&moons, 1337);
    int lower = 0;
    double mean[2] = {0, 0};
    for (int i = 0; i < MOONS_POINTS; i++) {
        lower += moons.label[i];
        mean[moons.label[i]] += (double)moons.x[2 * i + 1] / (MOONS_POINTS / 2.0);
    }
    ck_assert_int_eq(lower, MOONS_POINTS / 2);
    ck_assert_double_gt(mean[0], mean[1] + 0.3);
}
END_TEST

/* All hundred lines of micrograd's notebook; it ends with all points right. */
START_TEST(the_notebook) {
    Notebook notebook;
    notebook_begin(&notebook);
    ck_assert_uint_eq(parameters_size(&notebook.net.parameters), 337);
    NotebookRow row = {0};
    for (int i = 0; i < NOTEBOOK_STEPS; i++) {
        row = notebook_step(&notebook, false);
        ck_assert_double_eq_tol(row.loss, notebook_loss[i], is_double ? 1e-10 : 1e-5);
        ck_assert_int_eq(row.correct, (int)notebook_correct[i]);
    }
    ck_assert_int_eq(row.correct, MOONS_POINTS);
    notebook_end(&notebook);
}
END_TEST

START_TEST(forgotten_gradients) {
    Notebook notebook;
    notebook_begin(&notebook);
    double first = 0, last = 0;
    for (int i = 0; i < NOTEBOOK_STEPS; i++) {
        last = notebook_step(&notebook, true).loss;
        if (i == 0) first = last;
    }
    ck_assert_double_gt(last, 2 * first);
    notebook_end(&notebook);
}
END_TEST

/* The demo's net at its rate: from a guess to all points right, whatever it was drawn from. */
START_TEST(all_points_right) {
    Moons moons;
    moons_make(&moons, 1337);
    Random random;
    random_seed(&random, 1337 + (uint64_t)_i);
    MoonsNet net;
    moons_net_new(&net, 2, &random);
    Optimizer *optimizer = optimizer_new(&net.parameters, adam_pytorch());
    int correct = 0;
    double first = 0, loss = 0;
    for (int step = 0; step <= 100; step++) {
        Tensor *logits = moons_net_forward(&net, TENSOR_FROM(moons.x, MOONS_POINTS, 2));
        Tensor *sum = op_cross_entropy(logits, moons.label, -1, 0);
        backward(sum);
        correct = moons_correct(logits, &moons);
        loss = (double)tensor_item(sum) / MOONS_POINTS;
        if (step == 0) first = loss;
        optimizer_step(optimizer, 0.05, 1.0 / MOONS_POINTS);
        graph_reset(graph);
    }
    ck_assert_double_eq_tol(first, log(2), 0.1);
    ck_assert_int_eq(correct, MOONS_POINTS);
    ck_assert_double_lt(loss, 0.01);
    // The map and the field say what the logits say.
    const MoonsGrid grid = {-1.5, 2.5, -1, 1.5, 9, 17};
    real field[9 * 17];
    char map[9 * 17];
    moons_field(&net, &grid, field);
    moons_map(&net, &grid, &moons, map);
    for (int r = 0; r < 9; r++)
        for (int c = 0; c < 17; c++) {
            const char shown = map[(8 - r) * 17 + c];
            if (shown == ':' || shown == ' ') ck_assert_int_eq(shown == ':', field[r * 17 + c] > 0);
        }
    optimizer_free(optimizer);
    moons_net_free(&net);
}
END_TEST

/* Below 2 / steepness gradient descent comes down, above it flies off; Adam gets further in as many
 * steps. */
START_TEST(the_valley) {
    enum { WALK = 60 };
    real x[WALK + 1] = {4}, y[WALK + 1] = {1};
    const double top = valley_height(4, 1);
    ck_assert_double_eq(top, (16 + VALLEY_STEEP) / 2.0);
    valley_descend(0.019, WALK, x, y);
    const double descended = valley_height((double)x[WALK], (double)y[WALK]);
    ck_assert_double_eq_tol((double)x[WALK], 4 * pow(1 - 0.019, WALK), 1e-5);
    valley_adam(0.2, WALK, x, y);
    ck_assert_double_lt(valley_height((double)x[WALK], (double)y[WALK]), descended / 5);
    valley_descend(0.021, WALK, x, y);
    ck_assert_double_gt(valley_height((double)x[WALK], (double)y[WALK]), 1000 * top);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("chapter0");
    TCase *lessons = tcase_create("lessons");
    tcase_add_checked_fixture(lessons, begin, end);
    tcase_add_test(lessons, the_chain);
    tcase_add_test(lessons, micrograds_numbers);
    tcase_add_test(lessons, difference_quotients);
    tcase_add_test(lessons, wrong_ways_pass_a_sum);
    tcase_add_test(lessons, pythons_draws);
    tcase_add_test(lessons, the_moons);
    tcase_add_test(lessons, the_notebook);
    tcase_add_test(lessons, forgotten_gradients);
    tcase_add_loop_test(lessons, all_points_right, 0, 3);
    tcase_add_test(lessons, the_valley);
    suite_add_tcase(suite, lessons);
    return suite_run(suite);
}
