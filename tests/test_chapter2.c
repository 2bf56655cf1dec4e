// Chapter 2's claims: the published tables, the rotation, the bag of words, what extrapolates.
#include "02_positional_encoding/lab/neighbour.h"
#include "02_positional_encoding/lab/sinusoid_form.h"
#include "02_positional_encoding/lab/sinusoid_shift.h"
#include "02_positional_encoding/sinusoid.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

/* Row `position` of a form (d_model) against numbers printed with so many decimals. */
static void expect_row(SinusoidForm form, int position, int d_model, int first,
                       const double *published, int count, double allowed) {
    real row[512];
    sinusoid_form_table(row, form, position, 1, d_model);
    for (int i = 0; i < count; i++)
        ck_assert_double_eq_tol((double)row[first + i], published[i], allowed);
}

START_TEST(codeemporium_table) {
    static const double row[10][6] = {
        {0.0000, 1.0000, 0.0000, 1.0000, 0.0000, 1.0000},
        {0.8415, 0.5403, 0.0464, 0.9989, 0.0022, 1.0000},
        {0.9093, -0.4161, 0.0927, 0.9957, 0.0043, 1.0000},
        {0.1411, -0.9900, 0.1388, 0.9903, 0.0065, 1.0000},
        {-0.7568, -0.6536, 0.1846, 0.9828, 0.0086, 1.0000},
        {-0.9589, 0.2837, 0.2300, 0.9732, 0.0108, 0.9999},
        {-0.2794, 0.9602, 0.2749, 0.9615, 0.0129, 0.9999},
        {0.6570, 0.7539, 0.3192, 0.9477, 0.0151, 0.9999},
        {0.9894, -0.1455, 0.3629, 0.9318, 0.0172, 0.9999},
        {0.4121, -0.9111, 0.4057, 0.9140, 0.0194, 0.9998},
    };
    for (int t = 0; t < 10; t++) expect_row(SINUSOID_PAPER, t, 6, 0, row[t], 6, 0.000051);
}
END_TEST

START_TEST(annotated_transformer_curves) {
    const double at_1[] = {0.1578, 0.9875, 0.0631, 0.9980};
    const double at_10[] = {0.9999, -0.0141, 0.5899, 0.8075};
    expect_row(SINUSOID_PAPER, 1, 20, 4, at_1, 4, 0.000051);
    expect_row(SINUSOID_PAPER, 10, 20, 4, at_10, 4, 0.000051);
}
END_TEST

/* common_attention_test.py: d_model 4, position p -> sin p, sin p/10000, cos p, cos p/10000. */
START_TEST(tensor2tensor_own_test) {
    for (int t = 0; t < 5; t++) {
        const double row[] = {sin(t), sin(t * 1e-4), cos(t), cos(t * 1e-4)};
        expect_row(SINUSOID_TENSOR2TENSOR, t, 4, 0, row, 4, 1e-6);
    }
}
END_TEST

/* Alammar's toy is tensor2tensor's formula; the paper's gives other numbers. */
START_TEST(alammar_toy) {
    const double figure[] = {0.84, 0.0001, 0.54, 1}, paper[] = {0.8415, 0.5403, 0.0100, 0.9999};
    expect_row(SINUSOID_TENSOR2TENSOR, 1, 4, 0, figure, 4, 0.0051);
    expect_row(SINUSOID_PAPER, 1, 4, 0, paper, 4, 0.000051);
}
END_TEST

START_TEST(forms_differ_as_said) {
    enum { E = 8, T = 20 };
    real paper[T * E], tensorflow[T * E], t2t[T * E];
    sinusoid_form_table(paper, SINUSOID_PAPER, 0, T, E);
    sinusoid_form_table(tensorflow, SINUSOID_TENSORFLOW, 0, T, E);
    sinusoid_form_table(t2t, SINUSOID_TENSOR2TENSOR, 0, T, E);
    for (int t = 0; t < T; t++)
        for (int c = 0; c < E; c++)
            ck_assert(paper[t * E + c] == tensorflow[t * E + (c % 2 ? E / 2 + c / 2 : c / 2)]);
    // The slowest: 10000^(-6/8) in the paper, exactly 1/10000 in tensor2tensor.
    ck_assert_double_eq_tol((double)tensorflow[E + 3], sin(0.001), 1e-9);
    ck_assert_double_eq_tol((double)t2t[E + 3], sin(0.0001), 1e-9);
}
END_TEST

/* d_model 512: the slowest hand turns by 10000^(-510/512) a place in the paper's formula, and by
 * the 1/10000 of the paper's text only in tensor2tensor's. */
START_TEST(longest_wavelength) {
    real row[512];
    sinusoid_form_table(row, SINUSOID_PAPER, 1, 1, 512);
    ck_assert_double_eq_tol(1 / asin((double)row[510]), 9646.6162, 0.01);
    sinusoid_form_table(row, SINUSOID_TENSOR2TENSOR, 1, 1, 512);
    ck_assert_double_eq_tol(1 / asin((double)row[255]), 10000, 0.01);
}
END_TEST

START_TEST(tensorflow_similarity) {
    enum { E = 512, MIDDLE = 1000 };
    const int k[] = {0, 1, 2, 5, 10, 20, 50};
    const double cosine[] = {1, 0.9731, 0.9052, 0.7406, 0.6789, 0.6155, 0.5121};
    real middle[E], other[E];
    sinusoid_form_table(middle, SINUSOID_TENSORFLOW, MIDDLE, 1, E);
    for (int i = 0; i < 7; i++)
        for (int sign = -1; sign <= 1; sign += 2) {
            sinusoid_form_table(other, SINUSOID_TENSORFLOW, MIDDLE + sign * k[i], 1, E);
            double product = 0;
            for (int e = 0; e < E; e++) product += (double)(middle[e] * other[e]);
            ck_assert_double_eq_tol(product / (E / 2.0), cosine[i], 0.00005);
        }
}
END_TEST

START_TEST(shift_is_a_rotation) {
    enum { E = 32 };
    const int ks[] = {1, -1, 17, 1000}, positions[] = {0, 3, 500, 4000};
    real rotation[E * E], at[E], shifted[E], turned[E];
    for (int k = 0; k < 4; k++) {
        sinusoid_shift(rotation, ks[k], E);
        for (int p = 0; p < 4; p++) {
            sinusoid_table(at, positions[p], 1, E);
            sinusoid_table(shifted, positions[p] + ks[k], 1, E);
            gemm(false, false, 1, E, E, 1, at, E, rotation, E, 0, turned, E);
            for (int e = 0; e < E; e++)
                ck_assert_double_eq_tol((double)turned[e], (double)shifted[e], 1e-6);
        }
    }
}
END_TEST

/* softmax(x x^T) x of the words in the given order, with positions or without. x (1,3,4). */
static Tensor *mixed(const int order[3], bool positions) {
    static const real words[3][4] = {{0.2f, -1, 0.5f, 0}, {1, 1, -0.3f, 0.4f}, {-0.7f, 0, 0, 2}};
    Tensor *x = TENSOR(1, 3, 4);
    for (int t = 0; t < 3; t++) memcpy(x->data + 4 * t, words[order[t]], sizeof words[0]);
    if (positions) x = sinusoid_add(x, 0);
    return op_matmul(op_softmax(op_matmul(x, op_transpose(x, -1, -2))), x);
}

START_TEST(bag_of_words) {
    const int straight[3] = {0, 1, 2}, shuffled[3] = {2, 0, 1};
    Graph *graph = graph_new();
    graph_use(graph);
    for (int positions = 0; positions < 2; positions++) {
        const Tensor *a = mixed(straight, positions), *b = mixed(shuffled, positions);
        double largest = 0;
        for (int t = 0; t < 3; t++)
            for (int e = 0; e < 4; e++)
                largest = fmax(largest,
                               fabs((double)(a->data[4 * shuffled[t] + e] - b->data[4 * t + e])));
        if (positions)
            ck_assert_double_gt(largest, 0.01);
        else
            ck_assert_double_lt(largest, 1e-6);
    }
    graph_use(NULL);
    graph_free(graph);
}
END_TEST

/* Neighbouring places are equally far apart everywhere, which bits and integers cannot both do. */
START_TEST(steps_are_equal) {
    enum { E = 8 };
    real a[E], b[E];
    double first = 0;
    for (int t = 0; t < 1000; t += 37) {
        sinusoid_table(a, t, 1, E);
        sinusoid_table(b, t + 1, 1, E);
        double sum = 0;
        for (int e = 0; e < E; e++) sum += (double)((a[e] - b[e]) * (a[e] - b[e]));
        if (t == 0) first = sum;
        ck_assert_double_eq_tol(sum, first, 1e-5);
    }
}
END_TEST

START_TEST(gradient_passes_unchanged) {
    Graph *graph = graph_new();
    graph_use(graph);
    const real x0[6] = {0}, slope[6] = {1, -2, 3, -4, 5, -6};
    Tensor *x = tensor_variable(x0, 3, SHAPE(1, 3, 2));
    backward(op_sum(op_mul(sinusoid_add(x, 5), TENSOR_FROM(slope, 1, 3, 2))));
    for (int i = 0; i < 6; i++) ck_assert(tensor_grad(x)[i] == slope[i]);
    graph_use(NULL);
    graph_free(graph);
}
END_TEST

START_TEST(extrapolation) {
    Graph *graph = graph_new();
    graph_use(graph);
    static const NeighbourTask task[4] = {
        {.positions = POSITIONS_SINUSOID},
        {.positions = POSITIONS_LEARNED},
        {.positions = POSITIONS_SINUSOID, .turns_only = true},
        {.positions = POSITIONS_ROTARY},
    };
    double beyond[4];
    for (int k = 0; k < 4; k++) {
        NeighbourTask t = task[k];
        t.d_model = t.trained = 32;
        t.longest = 128;
        t.steps = 600;
        t.lr = 0.1;
        NeighbourScore scores[2] = {{.length = 33}, {.length = 128}};
        Random random;
        random_seed(&random, 7);
        ck_assert_double_lt(neighbour_train(&t, &random, scores, 2), 0.2);
        ck_assert_double_ge(scores[0].seen, 0.96); // all learn what they are shown
        beyond[k] = scores[1].beyond;
    }
    ck_assert_double_lt(beyond[0], 0.6);
    ck_assert_double_lt(beyond[1], 0.05);
    ck_assert_double_eq(beyond[2], 1);
    ck_assert_double_eq(beyond[3], 1);
    graph_use(NULL);
    graph_free(graph);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("chapter 2");
    TCase *cases = tcase_create("positional encoding");
    tcase_add_test(cases, codeemporium_table);
    tcase_add_test(cases, annotated_transformer_curves);
    tcase_add_test(cases, tensor2tensor_own_test);
    tcase_add_test(cases, alammar_toy);
    tcase_add_test(cases, forms_differ_as_said);
    tcase_add_test(cases, longest_wavelength);
    tcase_add_test(cases, tensorflow_similarity);
    tcase_add_test(cases, shift_is_a_rotation);
    tcase_add_test(cases, bag_of_words);
    tcase_add_test(cases, steps_are_equal);
    tcase_add_test(cases, gradient_passes_unchanged);
    tcase_add_test(cases, extrapolation);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
