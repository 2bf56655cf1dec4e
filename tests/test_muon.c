/* test_muon.c - Muon against its definition by singular values, and as part of the optimizer: cut
 * into bands, in pieces, and through a file. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/kernels.h"
#include "common/muon.h"
#include "common/optimizer.h"
#include "tests/suite.h"

static const double TOLERANCE = sizeof(real) == sizeof(double) ? 1e-13 : 2e-5;

static real cosine(int i) {
    return (real)cos(1.7 * i);
}

/* What five iterations make of a singular value. */
static double iterated(double s) {
    for (int i = 0; i < 5; i++) s = s * (3.4445 + s * s * (-4.7750 + s * s * 2.0315));
    return s;
}

/* ---- The iteration --------------------------------------------------------------------------- */

/* Singular values of a matrix (2,3): of equal size, far apart, and one that is none. */
static const double SINGULAR[][2] = {{1, 1}, {1, 0.3}, {5, 0.01}, {2, 0}, {1e-4, 3e-5}, {0, 0}};

/* X = U S V^T with U a turn by 0.4, and the rows of V^T the first two of a turn in space. The
 * iteration is a polynomial in X: it changes S alone. */
START_TEST(test_singular_values) {
    const double c = cos(0.4), s = sin(0.4), a = cos(1.1), b = sin(1.1);
    const double u[2][2] = {{c, -s}, {s, c}}, v[2][3] = {{a, b * c, b * s}, {-b, a * c, a * s}};
    const double *value = SINGULAR[_i];
    const double norm = sqrt(value[0] * value[0] + value[1] * value[1]);
    real x[6], scratch[2 * 2 * 2 + 6];
    double expected[6];
    for (int i = 0; i < 2; i++)
        for (int j = 0; j < 3; j++) {
            double before = 0, after = 0;
            for (int k = 0; k < 2; k++) {
                before += u[i][k] * value[k] * v[k][j];
                if (norm > 0) after += u[i][k] * iterated(value[k] / norm) * v[k][j];
            }
            x[3 * i + j] = (real)before;
            expected[3 * i + j] = after;
        }
    muon_orthogonalize(x, 2, 3, scratch);
    for (int i = 0; i < 6; i++)
        ck_assert_msg(fabs((double)x[i] - expected[i]) <= TOLERANCE,
                      "singular values %g and %g, element %d: %.9g, not %.9g", value[0], value[1],
                      i, (double)x[i], expected[i]);
}
END_TEST

/* What the header promises of the result. */
START_TEST(test_range) {
    for (int i = 0; i <= 1000; i++) {
        const double s = iterated(0.03 + 0.97 * i / 1000);
        ck_assert_msg(s > 0.68 && s < 1.14, "%g", s);
    }
}
END_TEST

/* A matrix of one row has one direction: its step is that direction, as long as the factor says,
 * and the momentum is in plain numbers. */
START_TEST(test_momentum) {
    enum { N = 5, STEPS = 4 };
    real w[N] = {0}, g[N], m[N] = {0}, scratch[2 * 1 * (1 + N)];
    double expected[N] = {0}, mean[N] = {0};
    ck_assert_uint_eq(muon_scratch(1, N), sizeof scratch / sizeof *scratch);
    for (int step = 0; step < STEPS; step++) {
        double u[N], squares = 0;
        for (int i = 0; i < N; i++) {
            const double grad = (double)cosine(10 * step + i);
            g[i] = (real)(4 * grad);
            mean[i] = 0.95 * mean[i] + 0.05 * grad;
            u[i] = 0.95 * mean[i] + 0.05 * grad;
            squares += u[i] * u[i];
        }
        for (int i = 0; i < N; i++)
            expected[i] -= 0.01 * 0.2 * sqrt(N) * iterated(1) * u[i] / sqrt(squares);
        muon_step(w, g, m, 1, N, 0.01, 0.25, scratch);
        for (int i = 0; i < N; i++) {
            ck_assert_msg(fabs((double)w[i] - expected[i]) <= TOLERANCE, "step %d, element %d",
                          step, i);
            ck_assert(g[i] == 0);
        }
    }
}
END_TEST

/* A gradient that stays 0, as behind units that no longer answer: the momentum goes down to what a
 * float can hold no more, and the weights stay numbers. */
START_TEST(test_no_gradient) {
    enum { N = 3, STEPS = 4000 };
    real w[N] = {1, 2, 3}, g[N] = {1, -1, 2}, m[N] = {0}, scratch[2 * 1 * (1 + N)];
    for (int step = 0; step < STEPS; step++) muon_step(w, g, m, 1, N, 0.01, 1, scratch);
    for (int i = 0; i < N; i++) ck_assert_msg(isfinite(w[i]), "w[%d] is %g", i, (double)w[i]);
    const real before = w[0];
    g[0] = 1;
    muon_step(w, g, m, 1, N, 0.01, 1, scratch); // and with one it steps again
    ck_assert(w[0] < before && isfinite(w[0]));
}
END_TEST

/* ---- As part of the optimizer ---------------------------------------------------------------- */

enum { STEPS = 5, ROWS = 2 * MUON_BAND + 2, COLS = 70, FEW = 3 };

/* A matrix of two bands and a rest, one with fewer columns than a band has rows, and one that Adam
 * keeps, with a bias. */
static void add_parameters(Parameters *p) {
    PARAMETER(p, "", "hidden", ROWS, COLS);
    PARAMETER(p, "", "embedding", 4, 3);
    PARAMETER(p, "", "hidden_narrow", 7, FEW);
    PARAMETER(p, "", "bias", 5);
    int place = 0;
    for (int i = 0; i < p->count; i++)
        for (size_t k = 0; k < p->items[i]->size; k++) p->items[i]->data[k] = cosine(place++);
}

static void set_gradients(const Parameters *p, int step) {
    int place = 1000 * (step + 1);
    for (int i = 0; i < p->count; i++)
        for (size_t k = 0; k < p->items[i]->size; k++) p->items[i]->grad[k] = cosine(place++);
}

static bool is_hidden(const Tensor *parameter) {
    return strncmp(parameter->name, "hidden", 6) == 0;
}

static Optimizer *with_muon(Parameters *p) {
    Optimizer *optimizer = optimizer_new(p, adam_paper());
    optimizer_use_muon(optimizer, is_hidden);
    return optimizer;
}

/* The same by hand: bands of the hidden ones, Adam for the rest. */
static void step_by_hand(Parameters *p, real *m, real *v, int64_t step, double lr, double scale) {
    real *scratch = memory_alloc(muon_scratch(ROWS, COLS) * sizeof *scratch);
    for (int i = 0; i < p->count; i++) {
        Tensor *t = p->items[i];
        const int most = i == 0 ? MUON_BAND : FEW;
        if (!is_hidden(t))
            adam_step(t->data, t->grad, m, v, t->size, adam_paper(), step, lr, scale);
        for (int top = 0; is_hidden(t) && top < t->shape[0]; top += most) {
            const int rows = t->shape[0] - top < most ? t->shape[0] - top : most;
            const size_t at = (size_t)(top * t->shape[1]);
            muon_step(t->data + at, t->grad + at, m + at, rows, t->shape[1], lr, scale, scratch);
        }
        m += t->size, v += t->size;
    }
    free(scratch);
}

static void expect_same(const Parameters *a, const Parameters *b) {
    for (int i = 0; i < a->count; i++) {
        ck_assert_mem_eq(a->items[i]->data, b->items[i]->data, a->items[i]->size * sizeof(real));
        size_t zeros = 0;
        for (size_t k = 0; k < a->items[i]->size; k++) zeros += a->items[i]->grad[k] == 0;
        ck_assert_uint_eq(zeros, a->items[i]->size);
    }
}

START_TEST(test_bands) {
    Parameters whole = {0}, by_hand = {0}, pieces = {0};
    add_parameters(&whole);
    add_parameters(&by_hand);
    add_parameters(&pieces);
    Optimizer *one = with_muon(&whole), *other = with_muon(&pieces);
    real *m = memory_calloc(one->size * sizeof *m), *v = memory_calloc(one->size * sizeof *v);
    ck_assert_uint_eq(optimizer_bands(one), 3 + 3);
    for (int step = 0; step < STEPS; step++) {
        set_gradients(&whole, step);
        set_gradients(&by_hand, step);
        set_gradients(&pieces, step);
        optimizer_step(one, 0.02, 0.5);
        step_by_hand(&by_hand, m, v, step + 1, 0.02, 0.5);
        optimizer_begin(other); // in any order, and with ranges that cross parameters
        optimizer_step_bands(other, 0.02, 0.5, 4, 2);
        optimizer_step_range(other, 0.02, 0.5, 100, other->size - 100);
        optimizer_step_bands(other, 0.02, 0.5, 0, 1);
        optimizer_step_bands(other, 0.02, 0.5, 1, 3);
        optimizer_step_range(other, 0.02, 0.5, 0, 100);
    }
    expect_same(&whole, &by_hand);
    expect_same(&whole, &pieces);
    ck_assert(whole.items[0]->data[0] != cosine(0)); // it has moved
    optimizer_free(one);
    optimizer_free(other);
    parameters_free(&whole);
    parameters_free(&by_hand);
    parameters_free(&pieces);
    free(m);
    free(v);
}
END_TEST

/* Without it there are no bands, and nothing happens in them. */
START_TEST(test_without) {
    Parameters p = {0};
    add_parameters(&p);
    Optimizer *optimizer = optimizer_new(&p, adam_paper());
    ck_assert_uint_eq(optimizer_bands(optimizer), 0);
    set_gradients(&p, 0);
    optimizer_begin(optimizer);
    optimizer_step_bands(optimizer, 0.02, 1, 0, 100);
    ck_assert(p.items[0]->data[0] == cosine(0) && p.items[0]->grad[0] == cosine(1000));
    optimizer_free(optimizer);
    parameters_free(&p);
}
END_TEST

/* The momentum is where Adam has its first mean, and goes through a file like that. */
START_TEST(test_resumed) {
    Parameters before = {0}, after = {0}, whole = {0};
    add_parameters(&before);
    add_parameters(&after);
    add_parameters(&whole);
    Optimizer *first = with_muon(&before), *second = with_muon(&after), *other = with_muon(&whole);
    char path[] = "/tmp/test_muon_XXXXXX";
    close(mkstemp(path));
    for (int step = 0; step < STEPS; step++) {
        if (step == 3) {
            Error err;
            Safetensors file;
            SafetensorsWriter *writer = safetensors_writer_new();
            parameters_save(&before, writer);
            optimizer_save(first, writer);
            ck_assert_msg(safetensors_writer_save(writer, path, &err), "%s", err.text);
            safetensors_writer_free(writer);
            ck_assert_msg(safetensors_open(path, &file, &err) &&
                              parameters_load(&after, &file, false, &err) &&
                              optimizer_load(second, &file, &err),
                          "%s", err.text);
            safetensors_close(&file);
        }
        set_gradients(step < 3 ? &before : &after, step);
        set_gradients(&whole, step);
        optimizer_step(step < 3 ? first : second, 0.02, 1);
        optimizer_step(other, 0.02, 1);
    }
    unlink(path);
    expect_same(&after, &whole);
    optimizer_free(first);
    optimizer_free(second);
    optimizer_free(other);
    parameters_free(&before);
    parameters_free(&after);
    parameters_free(&whole);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("muon");
    TCase *tests = tcase_create("muon");
    tcase_add_loop_test(tests, test_singular_values, 0, sizeof SINGULAR / sizeof *SINGULAR);
    tcase_add_test(tests, test_range);
    tcase_add_test(tests, test_momentum);
    tcase_add_test(tests, test_no_gradient);
    tcase_add_test(tests, test_bands);
    tcase_add_test(tests, test_without);
    tcase_add_test(tests, test_resumed);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
