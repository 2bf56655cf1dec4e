/* test_trainer.c - a step and its pieces: schedule, clipping, shares of the threads, the reduction,
 * and that the result does not depend on how many threads took part. */
#include <check.h>
#include <stdio.h>
#include <string.h>

#include "06_training/trainer/clipping.h"
#include "06_training/trainer/schedule.h"
#include "06_training/trainer/trainer.h"
#include "common/kernels.h"
#include "common/ops.h"
#include "tests/suite.h"

/* ---- Pieces ---------------------------------------------------------------------------------- */

START_TEST(schedule_climbs_and_falls) {
    // Peak 0.8 after 4 steps: a quarter of it a step, then times sqrt(4 / step).
    static const double rates[] = {0.2, 0.4, 0.6, 0.8};
    for (long step = 1; step <= 4; step++)
        ck_assert_double_eq_tol(schedule_inverse_square_root(0.8, 4, step), rates[step - 1], 1e-15);
    ck_assert_double_eq_tol(schedule_inverse_square_root(0.8, 4, 16), 0.4, 1e-15);
    ck_assert_double_eq_tol(schedule_inverse_square_root(0.8, 4, 400), 0.08, 1e-15);
    for (long step = 4; step < 100; step++)
        ck_assert_double_gt(schedule_inverse_square_root(0.8, 4, step),
                            schedule_inverse_square_root(0.8, 4, step + 1));
}
END_TEST

START_TEST(schedule_without_warmup_stays_at_its_peak) {
    ck_assert_double_eq(schedule_inverse_square_root(0.5, 0, 1), 0.5);
    ck_assert_double_eq(schedule_inverse_square_root(0.5, 0, 1000), 0.5);
    ck_assert_double_eq(schedule_inverse_square_root(0.5, 1, 1), 0.5);
}
END_TEST

START_TEST(schedule_linear_comes_down_to_nothing) {
    // No climb: a straight line.
    ck_assert_double_eq_tol(schedule_linear(0.8, 0, 1, 0), 0.8, 1e-15);
    ck_assert_double_eq_tol(schedule_linear(0.8, 0, 500, 0.25), 0.6, 1e-15);
    ck_assert_double_eq(schedule_linear(0.8, 0, 1000, 1), 0);
    // The climb by steps, 4 of them in a long training ...
    ck_assert_double_eq_tol(schedule_linear(0.8, 4, 1, 0), 0.2, 1e-15);
    ck_assert_double_eq_tol(schedule_linear(0.8, 4, 2, 0.01), 0.4 * 0.99, 1e-15);
    ck_assert_double_eq_tol(schedule_linear(0.8, 4, 400, 0.5), 0.4, 1e-15);
    // ... and over after a tenth of a short one.
    ck_assert_double_eq_tol(schedule_linear(0.8, 1000, 6, 0.05), 0.4 * 0.95, 1e-15);
    ck_assert_double_eq_tol(schedule_linear(0.8, 1000, 11, 0.1), 0.8 * 0.9, 1e-15);
}
END_TEST

START_TEST(clipping_shortens_only_what_is_too_long) {
    ck_assert_double_eq_tol(clipping_scale(5, 1), 0.2, 1e-15);
    ck_assert_double_eq_tol(clipping_scale(0.3, 0.1), 1.0 / 3, 1e-15);
    ck_assert_double_eq(clipping_scale(1, 1), 1);
    ck_assert_double_eq(clipping_scale(0.999, 1), 1); // a short one is not made longer
    ck_assert_double_eq(clipping_scale(0, 1), 1);
    ck_assert_double_eq(clipping_scale(1e9, 0), 1); // 0: no limit
}
END_TEST

START_TEST(shares_are_all_and_even) {
    static const size_t first[] = {0, 1, 3}, count[] = {1, 2, 2};
    for (int i = 0; i < 3; i++) {
        const ThreadShare share = threads_share(5, i, 3);
        ck_assert_uint_eq(share.first, first[i]);
        ck_assert_uint_eq(share.count, count[i]);
    }
    size_t end = 0, empty = 0;
    for (int i = 0; i < 7; i++) { // fewer things than threads
        const ThreadShare share = threads_share(2, i, 7);
        ck_assert_uint_eq(share.first, end);
        end += share.count;
        empty += share.count == 0;
    }
    ck_assert_uint_eq(end, 2);
    ck_assert_uint_eq(empty, 5);
}
END_TEST

/* ---- The reduction --------------------------------------------------------------------------- */

enum { SHARDS = 3, ROWS = 3, COLUMNS = 5 };

/* Three shards add to two parameters, of which the second has one element. In the order of the
 * shards (1e20 + 1) - 1e20 is 0; in any other it is 1. */
START_TEST(reduction_adds_in_the_order_of_the_shards) {
    Parameters parameters = {0};
    Tensor *w = PARAMETER(&parameters, "", "w", ROWS, COLUMNS);
    Tensor *b = PARAMETER(&parameters, "", "b", 1);
    Threads *threads = threads_new(SHARDS);
    Reduction *reduction = reduction_new(&parameters, threads);
    ck_assert_ptr_null(reduction_shard_grads(reduction, 0)); // the parameters' own
    static const real ordered[SHARDS] = {(real)1e20, 1, (real)-1e20};
    for (int shard = 0; shard < SHARDS; shard++) {
        real **grads = reduction_shard_grads(reduction, shard);
        real *gw = grads ? grads[w->parameter] : w->grad;
        real *gb = grads ? grads[b->parameter] : b->grad;
        for (int i = 0; i < ROWS * COLUMNS; i++) gw[i] = (real)((shard + 1) * i);
        gb[0] = ordered[shard];
    }
    const ReductionSum sum = reduction_sum(reduction, (const double[]){0.5, 0.25, 2});
    ck_assert_double_eq(sum.loss, 2.75);
    // The sum is 6 i, for i from 0 to 14; the squares of those add up to 1015.
    for (int i = 0; i < ROWS * COLUMNS; i++) ck_assert_double_eq((double)w->grad[i], 6 * i);
    ck_assert_double_eq((double)b->grad[0], 0);
    ck_assert_double_eq(sum.grad_squares, 36 * 1015);
    for (int shard = 1; shard < SHARDS; shard++) // ready for the next step
        for (int i = 0; i < ROWS * COLUMNS; i++)
            ck_assert_double_eq((double)reduction_shard_grads(reduction, shard)[w->parameter][i],
                                0);
    reduction_free(reduction);
    threads_free(threads);
    parameters_free(&parameters);
}
END_TEST

/* ---- A step ---------------------------------------------------------------------------------- */

enum { EXAMPLES = 5, WIDTH = 2 };

/* The gradient of sum_i w . x_i is the sum of the x_i, (3,4): its length is 5. */
static const real X[EXAMPLES * WIDTH] = {1, 0, /**/ 1, 2, /**/ 0, 1, /**/ 2, -1, /**/ -1, 2};

typedef struct {
    Tensor *w;
    real factor; // of the loss
    int shards;  // as a shard was told
} Task;

static Tensor *shard_loss(void *context, int shard, int shards) {
    Task *task = context;
    if (shard == 0) task->shards = shards;
    const ThreadShare share = threads_share(EXAMPLES, shard, shards);
    if (share.count == 0) return NULL;
    Tensor *x = TENSOR_FROM(X + share.first * WIDTH, (int)share.count, WIDTH);
    return op_scale(op_sum(op_linear(x, task->w, NULL)), task->factor);
}

/* One step of a trainer with so many threads; m (2) receives Adam's mean of the gradient, which the
 * first step makes a tenth of what it was given. */
static bool take_step(int threads, double clip, real factor, TrainerResult *result, real *m,
                      real *w, Error *err) {
    Parameters parameters = {0};
    Task task = {.w = PARAMETER(&parameters, "", "w", 1, WIDTH), .factor = factor};
    task.w->data[0] = 7;
    task.w->data[1] = -2;
    Trainer *trainer = trainer_new(&parameters, adam_pytorch(), threads, 1, clip);
    const TrainerStep step = {.loss = shard_loss, .context = &task, .scale = 0.5, .lr = 0.125};
    const bool taken = trainer_step(trainer, &step, result, err);
    memcpy(m, trainer->optimizer->m, WIDTH * sizeof *m);
    memcpy(w, task.w->data, WIDTH * sizeof *w);
    ck_assert_int_eq(task.shards, threads);
    trainer_free(trainer);
    parameters_free(&parameters);
    return taken;
}

/* The loss is w . (3,4) = 7 3 - 2 4 = 13, its gradient times the scale of a half (1.5,2). */
START_TEST(a_step_is_the_same_on_any_number_of_threads) {
    TrainerResult result;
    real m[WIDTH], w[WIDTH];
    Error err;
    ck_assert(take_step(_i, 0, 1, &result, m, w, &err));
    ck_assert_double_eq_tol(result.loss, 13, 1e-5);
    ck_assert_double_eq_tol(result.grad_norm, 2.5, 1e-6);
    ck_assert_double_eq_tol((double)m[0], 0.15, 1e-7);
    ck_assert_double_eq_tol((double)m[1], 0.2, 1e-7);
    // Adam's first step has the length lr whatever the gradient's is.
    ck_assert_double_eq_tol((double)w[0], 7 - 0.125, 1e-5);
    ck_assert_double_eq_tol((double)w[1], -2 - 0.125, 1e-5);
}
END_TEST

START_TEST(a_step_is_clipped) {
    TrainerResult result;
    real m[WIDTH], w[WIDTH];
    Error err;
    ck_assert(take_step(2, 0.5, 1, &result, m, w, &err));
    ck_assert_double_eq_tol(result.grad_norm, 2.5, 1e-6); // as it was
    ck_assert_double_eq_tol((double)m[0], 0.1 * 0.3, 1e-7);
    ck_assert_double_eq_tol((double)m[1], 0.1 * 0.4, 1e-7);
}
END_TEST

START_TEST(a_step_that_is_no_number_is_not_taken) {
    TrainerResult result;
    real m[WIDTH], w[WIDTH];
    Error err;
    ck_assert(!take_step(2, 1, (real)INFINITY, &result, m, w, &err));
    ck_assert_ptr_nonnull(strstr(err.text, "step 1: the loss is "));
    ck_assert_ptr_nonnull(strstr(err.text, "the gradient of w is not finite"));
    ck_assert(w[0] == 7 && w[1] == -2 && m[0] == 0 && m[1] == 0);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("trainer");
    TCase *pieces = tcase_create("pieces");
    tcase_add_test(pieces, schedule_climbs_and_falls);
    tcase_add_test(pieces, schedule_without_warmup_stays_at_its_peak);
    tcase_add_test(pieces, schedule_linear_comes_down_to_nothing);
    tcase_add_test(pieces, clipping_shortens_only_what_is_too_long);
    tcase_add_test(pieces, shares_are_all_and_even);
    tcase_add_test(pieces, reduction_adds_in_the_order_of_the_shards);
    suite_add_tcase(suite, pieces);
    TCase *steps = tcase_create("steps");
    tcase_add_loop_test(steps, a_step_is_the_same_on_any_number_of_threads, 1, 8);
    tcase_add_test(steps, a_step_is_clipped);
    tcase_add_test(steps, a_step_that_is_no_number_is_not_taken);
    suite_add_tcase(suite, steps);
    return suite_run(suite);
}
