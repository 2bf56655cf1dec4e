/* test_pieces.c - the core's pieces on plain arrays, where the tests of operations do not reach:
 * memory that is not initialised, parts of an array, the order of a walk. */
#include <check.h>

#include "common/cross_entropy.h"
#include "common/cross_entropy_twice.h"
#include "common/dropout.h"
#include "common/kernels.h"
#include "common/label_smoothing.h"
#include "common/matmul.h"
#include "common/softmax.h"
#include "common/tape.h"
#include "tests/suite.h"

enum { M = 3, K = 4, N = 2 };

/* Whole numbers: sums of their products are exact in any order. */
static void fill(real *x, int n, int from) {
    for (int i = 0; i < n; i++) x[i] = (real)((from + 5 * i) % 7 - 3);
}

/* a (M,K) or, transposed, (K,M); b (K,N) or (N,K): element (m,n) of the product. */
static real element(const real *a, bool a_transposed, const real *b, bool b_transposed, int m,
                    int n) {
    real sum = 0;
    for (int k = 0; k < K; k++)
        sum += a[a_transposed ? k * M + m : m * K + k] * b[b_transposed ? n * K + k : k * N + n];
    return sum;
}

/* With beta 0 y may hold anything, NaN too; with beta 1 the product is added. */
START_TEST(test_products) {
    void (*const product[])(real *, real, const real *, const real *, int, int,
                            int) = {matmul, matmul_transpose_a, matmul_transpose_b};
    real a[M * K], b[K * N], y[M * N];
    fill(a, M * K, 0);
    fill(b, K * N, 3);
    for (int i = 0; i < M * N; i++) y[i] = (real)NAN;
    product[_i](y, 0, a, b, M, K, N);
    for (int i = 0; i < M * N; i++)
        ck_assert_double_eq((double)y[i], (double)element(a, _i == 1, b, _i == 2, i / N, i % N));
    product[_i](y, 1, a, b, M, K, N);
    for (int i = 0; i < M * N; i++)
        ck_assert_double_eq((double)y[i],
                            2 * (double)element(a, _i == 1, b, _i == 2, i / N, i % N));
}
END_TEST

/* A dropout's fate is a function of the element's place in all that it sees, so a part of an array
 * is treated as that part of the whole; and y may be x. */
START_TEST(test_dropout_of_a_part) {
    enum { WHOLE = 200, FIRST = 37, PART = 90 };
    const Dropout dropout = dropout_new(11, (real)0.4);
    real x[WHOLE], whole[WHOLE], part[PART], dx[PART];
    for (int i = 0; i < WHOLE; i++) x[i] = (real)(i + 1);
    dropout_apply(&dropout, whole, x, 0, WHOLE);
    memcpy(part, x + FIRST, sizeof part);
    dropout_apply(&dropout, part, part, FIRST, PART);
    ck_assert_mem_eq(part, whole + FIRST, sizeof part);
    for (int i = 0; i < PART; i++) dx[i] = 1;
    dropout_backward(&dropout, dx, x + FIRST, FIRST, PART);
    for (int i = 0; i < PART; i++) ck_assert(dx[i] == 1 + whole[FIRST + i]);
}
END_TEST

START_TEST(test_smoothed_targets) {
    const LabelSmoothing none = label_smoothing(0, 5), some = label_smoothing((real)0.2, 5);
    ck_assert(none.certainty == 1 && none.share == 0);
    ck_assert_double_eq_tol((double)some.certainty, 0.8, 1e-7);
    ck_assert_double_eq_tol((double)(some.certainty + 5 * some.share), 1, 1e-6);
}
END_TEST

/* From softmax(z) = 1/4, 1/4, 1/2. The gradient takes the place of the logits and is added to
 * dbias, to which the bias belongs. */
START_TEST(test_cross_entropy_of_a_row) {
    const real bias[] = {0, 0, (real)log(2.0)};
    real row[] = {5, 5, 5}, dbias[] = {1, 1, 1};
    const double loss = cross_entropy_row(row, bias, dbias, 3, 0, (real)0.7, (real)0.1);
    ck_assert_double_eq_tol(loss, 0.9 * log(4.0) + 0.1 * log(2.0), 1e-6);
    const double expected[] = {0.25 - 0.8, 0.25 - 0.1, 0.5 - 0.1};
    for (int i = 0; i < 3; i++) {
        ck_assert_double_eq_tol((double)row[i], expected[i], 1e-6);
        ck_assert_double_eq_tol((double)dbias[i], 1 + expected[i], 1e-6);
    }
}
END_TEST

/* p = 1/2, 1/2 and p' = 1/4, 3/4, both with a bias that changes neither: KL(p || p') = ln 2 - ln 3
 * / 2 and KL(p' || p) = 3/4 ln 3 - ln 2. Without a consistency it is the sum of two losses. */
START_TEST(test_cross_entropy_of_two_readings) {
    const real bias[] = {3, 3}, consistencies[] = {0, 4};
    for (int k = 0; k < 2; k++) {
        const double c = (double)consistencies[k], forth = log(2.0) - log(3.0) / 2,
                     back = 0.75 * log(3.0) - log(2.0);
        real first[] = {1, 1}, second[] = {0, (real)log(3.0)}, difference[2], dbias[] = {0, 0};
        const double loss =
            cross_entropy_twice_row(first, second, difference, bias, dbias, 2, 1,
                                    label_smoothing((real)0.2, 2), consistencies[k]);
        ck_assert_double_eq_tol(
            loss, log(2.0) - 0.1 * log(0.25) - 0.9 * log(0.75) + c * (forth + back) / 2, 1e-6);
        const double to_first = 0.5 * (log(2.0) - forth) + 0.25,
                     to_second = 0.25 * (-log(2.0) - back) - 0.25;
        const double expected[] = {0.5 - 0.1 + c * to_first / 2, 0.25 - 0.1 + c * to_second / 2};
        ck_assert_double_eq_tol((double)first[0], expected[0], 2e-6);
        ck_assert_double_eq_tol((double)second[0], expected[1], 2e-6);
        // A softmax with its logits all raised stays as it is: a row of gradients sums to 0.
        ck_assert_double_eq_tol((double)(first[0] + first[1]), 0, 2e-6);
        ck_assert_double_eq_tol((double)(second[0] + second[1]), 0, 2e-6);
        ck_assert_double_eq_tol((double)dbias[0], expected[0] + expected[1], 2e-6);
    }
}
END_TEST

START_TEST(test_softmax_way_back_adds) {
    const real p[] = {(real)0.25, (real)0.25, (real)0.5}, dp[] = {1, 2, 3};
    real dx[] = {1, 1, 1};
    softmax_row_backward(dx, dp, p, 3);
    const double expected[] = {1 - 0.3125, 1 - 0.0625, 1 + 0.375}; // sum p dp = 2.25
    for (int i = 0; i < 3; i++) ck_assert_double_eq_tol((double)dx[i], expected[i], 1e-6);
}
END_TEST

static char order[8];

static void note(const void *saved) {
    strncat(order, saved, 1);
}

/* Newest first; an output without a gradient is passed over, but not what is older than it. */
START_TEST(test_walk_back) {
    real gradient = 1;
    Tensor reached = {.grad = &gradient}, unreached = {0};
    GraphRecord a = {NULL, &reached, note, "a"}, b = {&a, &unreached, note, "b"};
    const GraphRecord c = {&b, &reached, note, "c"};
    tape_walk_back(&c);
    ck_assert_str_eq(order, "ca");
    tape_walk_back(NULL);
    ck_assert_str_eq(order, "ca");
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("pieces");
    TCase *tests = tcase_create("pieces");
    tcase_add_loop_test(tests, test_products, 0, 3);
    tcase_add_test(tests, test_dropout_of_a_part);
    tcase_add_test(tests, test_smoothed_targets);
    tcase_add_test(tests, test_cross_entropy_of_a_row);
    tcase_add_test(tests, test_cross_entropy_of_two_readings);
    tcase_add_test(tests, test_softmax_way_back_adds);
    tcase_add_test(tests, test_walk_back);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
