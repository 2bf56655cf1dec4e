/* test_init.c - weights against those PyTorch's initialisers draw from the same seeds: equal, to
 * the last bit, in both builds (the double build draws floats and widens them). */
#include "common/init.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

#include "tests/fixtures/init_fixture.h"

enum { SEEDS = sizeof TORCH_WEIGHTS / sizeof *TORCH_WEIGHTS };

typedef struct {
    uint64_t seed;
    const double *values;
    size_t at;
} Expected;

/* Compares every stride-th element of x (n) with the fixture's next values. */
static void expect(Expected *e, const real *x, size_t n, size_t stride) {
    for (size_t i = 0; i < n; i += stride) {
        ck_assert_uint_lt(e->at, INIT_VALUES);
        const double torch = e->values[e->at++];
        ck_assert_msg((double)x[i] == torch, "seed %llu, value %zu: torch %.9g, ours %.9g",
                      (unsigned long long)e->seed, e->at - 1, torch, (double)x[i]);
    }
}

START_TEST(test_torch_weights) {
    static real w[129 * 65], bias[65];
    Expected e = {TORCH_WEIGHTS[_i].seed, TORCH_WEIGHTS[_i].values, 0};
    Random random;
    random_seed(&random, e.seed);
    init_linear(&random, w, bias, 4, 3);
    expect(&e, w, 12, 1);
    expect(&e, bias, 4, 1);
    init_linear(&random, w, NULL, 2, 7);
    expect(&e, w, 14, 1);
    init_xavier_uniform(&random, w, 3, 5, 1.0);
    expect(&e, w, 15, 1);
    init_xavier_uniform(&random, w, 6, 2, sqrt(2.0));
    expect(&e, w, 12, 1);
    init_linear(&random, w, bias, 65, 129);
    expect(&e, w, 129 * 65, 97);
    expect(&e, bias, 65, 9);
    init_xavier_uniform(&random, w, 96, 32, 1.0);
    expect(&e, w, 96 * 32, 97);
    ck_assert_uint_eq(e.at, INIT_VALUES);
}
END_TEST

START_TEST(test_linear_stays_in_bounds) {
    static real w[4096];
    Random random;
    random_seed(&random, 5);
    for (size_t n = 1; n <= 4096; n = n * 3 + 1) {
        const double bound = 1.0 / sqrt((double)n) * (1.0 + 1e-6);
        init_linear(&random, w, NULL, 1, n);
        for (size_t i = 0; i < n; i++) ck_assert_double_le(fabs((double)w[i]), bound);
    }
}
END_TEST

START_TEST(test_constant) {
    real x[5] = {0};
    init_constant(x, 4, 0.5);
    for (int i = 0; i < 4; i++) ck_assert_double_eq((double)x[i], 0.5);
    ck_assert_double_eq((double)x[4], 0.0);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("init");
    TCase *tc = tcase_create("init");
    tcase_add_loop_test(tc, test_torch_weights, 0, SEEDS);
    tcase_add_test(tc, test_linear_stays_in_bounds);
    tcase_add_test(tc, test_constant);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
