// Positions as a choice: each kind against its formula, rotary against what it is there for.
#include "02_positional_encoding/learned_positions.h"
#include "02_positional_encoding/positions.h"
#include "02_positional_encoding/rotary.h"
#include "02_positional_encoding/sinusoid.h"
#include "common/kernels.h"
#include "common/vector.h"
#include "tests/suite.h"

#include <check.h>
#include <signal.h>
#include <stdlib.h>

/* What float and double may be off by after a few hundred operations on numbers of size 1. */
static const double tight = sizeof(real) == sizeof(double) ? 1e-12 : 2e-5;

static Graph *graph;

static void setup(void) {
    graph = graph_new();
    graph_use(graph);
}

static void teardown(void) {
    graph_use(NULL);
    graph_free(graph);
}

static Tensor *random_rows(uint64_t seed, int B, int T, int E) {
    Random random;
    random_seed(&random, seed);
    Tensor *x = TENSOR(B, T, E);
    random_fill_normal(&random, x->data, x->size, 0, 1);
    return x;
}

/* ---- Rotary ---------------------------------------------------------------------------------- */

static double product(const real *a, const real *b, int D) {
    double sum = 0;
    for (int d = 0; d < D; d++) sum += (double)a[d] * (double)b[d];
    return sum;
}

/* RoFormer's equation 13 has two dimensions: theta is 1, (1,0) and (0,1) go round the circle. */
START_TEST(rotary_by_hand) {
    const real x[] = {1, 0, 0, 1};
    real y[4];
    rotary_forward(y, x, 3, 2, 1, 2, 2); // two sentences, one word each, at place 3
    const double expected[] = {cos(3), sin(3), -sin(3), cos(3)};
    for (int i = 0; i < 4; i++) ck_assert_double_eq_tol((double)y[i], expected[i], 1e-7);
    // D = 4: the second pair turns by 10000^(-2/4) = 1/100 a place (equation 15).
    const real wide[] = {0, 0, 1, 0};
    rotary_forward(y, wide, 50, 1, 1, 4, 4);
    ck_assert_double_eq_tol((double)y[2], cos(0.5), 1e-7);
    ck_assert_double_eq_tol((double)y[3], sin(0.5), 1e-7);
    ck_assert(y[0] == 0 && y[1] == 0);
}
END_TEST

/* What it is there for: q at m times k at n is the same wherever the two stand, as long as m - n
 * is; and another distance gives another number. */
START_TEST(rotary_sees_only_distances) {
    enum { D = 64 };
    const Tensor *qk = random_rows(5, 2, 1, D); // q and k
    const real *q = qk->data, *k = qk->data + D;
    real turned_q[D], turned_k[D];
    double before = NAN;
    for (int distance = -3; distance <= 40; distance++) {
        double first = 0;
        for (int n = 3; n < 5000; n = 3 * n + 1) {
            rotary_forward(turned_q, q, n + distance, 1, 1, D, D);
            rotary_forward(turned_k, k, n, 1, 1, D, D);
            const double score = product(turned_q, turned_k, D);
            if (n == 3) first = score;
            ck_assert_double_eq_tol(score, first, 10 * tight);
        }
        if (distance == 0) ck_assert_double_eq_tol(first, product(q, k, D), 10 * tight);
        if (distance > -3) ck_assert_double_gt(fabs(first - before), 1e-3);
        before = first;
    }
}
END_TEST

/* A turn changes no length, place 0 changes nothing, and every head is turned as the first. */
START_TEST(rotary_only_turns) {
    enum { B = 2, T = 5, H = 3, D = 6, E = H * D };
    Tensor *x = random_rows(6, B, T, E);
    for (int i = 0; i < B * T; i++) // every head holds the same
        for (int e = D; e < E; e++) x->data[i * E + e] = x->data[i * E + e % D];
    const Tensor *y = rotary_turn(x, D, 0);
    for (int b = 0; b < B; b++)
        for (int t = 0; t < T; t++) {
            const real *from = x->data + (b * T + t) * E, *to = y->data + (b * T + t) * E;
            for (int e = 0; e < E; e++) {
                ck_assert(to[e] == to[e % D]);
                if (t == 0) ck_assert(to[e] == from[e]);
            }
            for (int i = 0; i < E; i += 2)
                ck_assert_double_eq_tol(product(to + i, to + i, 2), product(from + i, from + i, 2),
                                        tight);
        }
}
END_TEST

/* The way back of a turn undoes it, and adds. */
START_TEST(rotary_back_again) {
    enum { B = 2, T = 4, D = 6, E = 2 * D };
    const Tensor *x = random_rows(7, B, T, E);
    real turned[B * T * E], back[B * T * E];
    rotary_forward(turned, x->data, 11, B, T, E, D);
    for (int i = 0; i < B * T * E; i++) back[i] = 100;
    rotary_backward(back, turned, 11, B, T, E, D);
    for (int i = 0; i < B * T * E; i++) {
        const double off = (double)back[i] - 100 - (double)x->data[i];
        ck_assert_double_eq_tol(off, 0, 2 * tight);
    }
    memcpy(back, x->data, sizeof back);
    rotary_forward(back, back, 11, B, T, E, D); // in place
    ck_assert(vector_max_difference(back, turned, x->size) == 0);
}
END_TEST

/* ---- Learned --------------------------------------------------------------------------------- */

START_TEST(learned_rows_and_their_way_back) {
    enum { MAX = 6, T = 2, E = 3 };
    real weight[MAX * E], dweight[MAX * E], y[T * E];
    const real dy[T * E] = {1, 2, 3, 4, 5, 6};
    for (int i = 0; i < MAX * E; i++) {
        weight[i] = (real)i;
        dweight[i] = 10;
    }
    learned_positions_forward(y, weight, 3, T, E);
    for (int i = 0; i < T * E; i++) ck_assert(y[i] == 3 * E + i);
    learned_positions_backward(dweight, dy, 3, T, E);
    for (int i = 0; i < MAX * E; i++) {
        const int from = i - 3 * E; // which of dy's numbers comes here, if any
        ck_assert(dweight[i] == 10 + (from >= 0 && from < T * E ? dy[from] : 0));
    }
}
END_TEST

/* Row t receives the sum over the batch of the gradients at place t. */
START_TEST(learned_rows_sum_over_the_batch) {
    Parameters parameters = {0};
    Random random;
    random_seed(&random, 1);
    const Positions learned =
        positions_new(POSITIONS_LEARNED, &parameters, "place.", 4, 2, &random);
    ck_assert_ptr_eq(parameters_find(&parameters, "place.weight"), learned.weight);
    Tensor *x = TENSOR(2, 3, 2), *slope = TENSOR(2, 3, 2);
    for (size_t i = 0; i < x->size; i++) {
        x->data[i] = 0;
        slope->data[i] = (real)(i < 6 ? i + 1 : 100);
    }
    Tensor *y = positions_add(&learned, x, 0);
    for (int i = 0; i < 12; i++) ck_assert(y->data[i] == learned.weight->data[i % 6]);
    backward(op_sum(op_mul(y, slope)));
    for (int i = 0; i < 8; i++)
        ck_assert(tensor_grad(learned.weight)[i] == (real)(i < 6 ? i + 101 : 0));
    parameters_free(&parameters);
}
END_TEST

/* ---- The choice ------------------------------------------------------------------------------ */

START_TEST(names) {
    for (int k = POSITIONS_SINUSOID; k <= POSITIONS_ROTARY; k++) {
        PositionsKind kind = POSITIONS_NONE;
        ck_assert(positions_from_name(positions_name((PositionsKind)k), &kind));
        ck_assert_int_eq(kind, k);
    }
    PositionsKind kind = POSITIONS_ROTARY;
    ck_assert(!positions_from_name("Rotary", &kind) && !positions_from_name("", &kind));
    ck_assert_int_eq(kind, POSITIONS_ROTARY); // left alone
}
END_TEST

/* Only learned positions add a parameter and draw; only rotary turns; only the others add. */
START_TEST(what_each_kind_does) {
    for (int k = POSITIONS_SINUSOID; k <= POSITIONS_ROTARY; k++) {
        Parameters parameters = {0};
        Random random, untouched;
        random_seed(&random, 3);
        random_seed(&untouched, 3);
        const Positions positions =
            positions_new((PositionsKind)k, &parameters, "p.", 8, 4, &random);
        ck_assert_int_eq(parameters.count, k == POSITIONS_LEARNED);
        ck_assert((random_below(&random, 1 << 30) == random_below(&untouched, 1 << 30)) ==
                  (k != POSITIONS_LEARNED));
        Tensor *x = random_rows(9, 2, 3, 4);
        ck_assert((positions_add(&positions, x, 2) == x) ==
                  (k == POSITIONS_NONE || k == POSITIONS_ROTARY));
        ck_assert((positions_turn(&positions, x, 4, 2) == x) == (k != POSITIONS_ROTARY));
        parameters_free(&parameters);
    }
}
END_TEST

/* Decoding goes on from a cache: 1, 2 and 1 tokens at a time are placed as 4 at once. */
START_TEST(in_pieces_as_at_once) {
    enum { T = 4, E = 6 };
    const int cuts[] = {0, 1, 3, T};
    for (int k = POSITIONS_SINUSOID; k <= POSITIONS_ROTARY; k++) {
        Parameters parameters = {0};
        Random random;
        random_seed(&random, 4);
        const Positions positions =
            positions_new((PositionsKind)k, &parameters, "p.", T, E, &random);
        Tensor *x = random_rows(8, 2, T, E);
        const Tensor *whole =
            positions_turn(&positions, positions_add(&positions, x, 0), 2, 0); // (2,4,6)
        for (int i = 0; i < 3; i++) {
            const int first = cuts[i], count = cuts[i + 1] - cuts[i];
            Tensor *piece = positions_add(&positions, op_slice(x, 1, first, count), first);
            piece = positions_turn(&positions, piece, 2, first); // (2,count,6)
            for (int b = 0; b < 2; b++)
                for (int e = 0; e < count * E; e++)
                    ck_assert(piece->data[b * count * E + e] ==
                              whole->data[(b * T + first) * E + e]);
        }
        parameters_free(&parameters);
    }
}
END_TEST

/* ---- Programmers' errors --------------------------------------------------------------------- */

/* The table has two rows, and a third is asked for. */
START_TEST(abort_past_the_learned) {
    Tensor *weight = TENSOR(2, 3);
    weight->data[0] = 0;
    learned_positions(weight, 1, 2);
}
END_TEST

START_TEST(abort_odd_head) {
    rotary_turn(random_rows(1, 1, 1, 6), 3, 0);
}
END_TEST

START_TEST(abort_not_whole_heads) {
    rotary_turn(random_rows(1, 1, 1, 6), 4, 0);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("positions");
    TCase *cases = tcase_create("positions");
    tcase_add_checked_fixture(cases, setup, teardown);
    tcase_add_test(cases, rotary_by_hand);
    tcase_add_test(cases, rotary_sees_only_distances);
    tcase_add_test(cases, rotary_only_turns);
    tcase_add_test(cases, rotary_back_again);
    tcase_add_test(cases, learned_rows_and_their_way_back);
    tcase_add_test(cases, learned_rows_sum_over_the_batch);
    tcase_add_test(cases, names);
    tcase_add_test(cases, what_each_kind_does);
    tcase_add_test(cases, in_pieces_as_at_once);
    suite_add_tcase(suite, cases);
    if (suite_forks()) {
        TCase *errors = tcase_create("aborts");
        tcase_add_checked_fixture(errors, setup, teardown);
        tcase_add_test_raise_signal(errors, abort_past_the_learned, SIGABRT);
        tcase_add_test_raise_signal(errors, abort_odd_head, SIGABRT);
        tcase_add_test_raise_signal(errors, abort_not_whole_heads, SIGABRT);
        suite_add_tcase(suite, errors);
    }
    return suite_run(suite);
}
