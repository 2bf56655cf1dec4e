// The loop that demos, labs and compare programs train with, against one written out.
#include <check.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>

#include "common/kernels.h"
#include "common/linear.h"
#include "common/optimizer.h"
#include "common/training.h"
#include "tests/gradcheck.h"
#include "tests/suite.h"

enum { N = 6, IN = 3, CLASSES = 4, STEPS = 30 };

/* A classifier of random points, and what was seen while it was trained. */
typedef struct {
    Parameters parameters;
    Linear layer;
    Random random;
    bool mean; // the loss is a mean, not a sum
    real dropout;
    double scale;             // what the loss is multiplied by, to have gradients that are clipped
    int losses, looks, notes; // how often the functions were called
    int looked[STEPS];        // the steps that were looked at
    int end_look, end_note;   // ends there; -1: nowhere
    double noted[STEPS];
    bool fresh;                     // the graph was empty whenever a loss was asked for
    real first_output[N * CLASSES]; // after dropout, of the first and the second step
    bool dropped_alike;
} Task;

static Task *task_new(uint64_t seed) {
    Task *task = calloc(1, sizeof *task);
    random_seed(&task->random, seed);
    task->layer = linear_new(&task->parameters, "", IN, CLASSES, true, &task->random);
    task->scale = 1;
    task->end_look = task->end_note = -1;
    task->fresh = true;
    return task;
}

static void task_free(Task *task) {
    parameters_free(&task->parameters);
    free(task);
}

static Tensor *draw_loss(Task *task) {
    real x[N * IN];
    int *labels = graph_alloc(N * sizeof *labels);
    random_fill_normal(&task->random, x, N * IN, 0, 1);
    for (int n = 0; n < N; n++) labels[n] = x[n * IN] > 0;
    Tensor *logits = linear_forward(&task->layer, TENSOR_FROM(x, N, IN)); // (N,CLASSES)
    if (task->dropout > 0) {
        const Tensor *ones =
            op_dropout(op_add(op_scale(logits, 0), tensor_scalar(1)), task->dropout);
        if (task->losses == 1) memcpy(task->first_output, ones->data, sizeof task->first_output);
        if (task->losses == 2)
            task->dropped_alike =
                memcmp(task->first_output, ones->data, sizeof task->first_output) == 0;
    }
    return op_scale(op_cross_entropy(logits, labels, -1, 0), (real)task->scale);
}

static Tensor *loss(void *context, int *count) {
    Task *task = context;
    task->fresh = task->fresh && graph_current()->last == NULL && !graph_current()->done;
    task->losses++;
    *count = task->mean ? 1 : N;
    Tensor *sum = draw_loss(task);
    return task->mean ? op_scale(sum, (real)1 / N) : sum;
}

static bool look(void *context, int step) {
    Task *task = context;
    task->looked[task->looks++] = step;
    TENSOR(2, 2); // it may use the current graph
    return step != task->end_look;
}

static bool note(void *context, int step, double loss) {
    Task *task = context;
    ck_assert_int_eq(step, task->notes);
    task->noted[task->notes++] = loss;
    return step != task->end_note;
}

static Training training_of(Task *task) {
    return (Training){.parameters = &task->parameters,
                      .adam = adam_pytorch(),
                      .steps = STEPS,
                      .lr = 0.05,
                      .loss = loss,
                      .context = task};
}

static void expect_same_weights(const Task *a, const Task *b) {
    for (int i = 0; i < a->parameters.count; i++) {
        const Tensor *ours = a->parameters.items[i], *theirs = b->parameters.items[i];
        ck_assert_mem_eq(ours->data, theirs->data, ours->size * sizeof(real));
    }
}

/* Step by step the same, to the last bit. Odd: with clipping and a rate that falls. */
START_TEST(as_written_out) {
    Graph *graph = gradcheck_graph();
    const bool clips = _i % 2;
    Task *ours = task_new(3), *theirs = task_new(3);
    Training training = training_of(ours);
    ours->scale = theirs->scale = 5;
    if (clips) training.clip = 0.5, training.rate = training_linear;
    training.note = note;
    training_run(&training);
    Optimizer *optimizer = optimizer_new(&theirs->parameters, adam_pytorch());
    int clipped = 0;
    for (int step = 0; step < STEPS; step++) {
        graph_reset(graph);
        Tensor *sum = draw_loss(theirs);
        backward(sum);
        const double mean = 1.0 / N, norm = mean * parameters_grad_norm(&theirs->parameters);
        const double lr = clips ? 0.05 * (1 - (double)step / STEPS) : 0.05;
        clipped += norm > 0.5;
        optimizer_step(optimizer, lr, clips && norm > 0.5 ? 0.5 * mean / norm : mean);
        ck_assert_double_eq(ours->noted[step], (double)tensor_item(sum) / N);
    }
    ck_assert_int_gt(clipped, 0); // or it would prove nothing
    expect_same_weights(ours, theirs);
    ck_assert(ours->fresh);
    ck_assert_int_eq(ours->losses, STEPS);
    ck_assert_double_lt(ours->noted[STEPS - 1], ours->noted[0]); // and it has learned
    optimizer_free(optimizer);
    task_free(ours);
    task_free(theirs);
}
END_TEST

/* A sum of N and its mean are the same training. */
START_TEST(sums_and_means) {
    gradcheck_graph();
    Task *sum = task_new(4), *mean = task_new(4);
    mean->mean = true;
    const Training of_sum = training_of(sum), of_mean = training_of(mean);
    const double a = training_run(&of_sum), b = training_run(&of_mean);
    ck_assert_double_eq_tol(a, b, sizeof(real) == sizeof(double) ? 1e-12 : 1e-5);
    task_free(sum);
    task_free(mean);
}
END_TEST

START_TEST(looks_are_due) {
    static const struct {
        int every;
        bool last;
        int count, steps[5];
    } due[] = {{10, false, 3, {0, 10, 20}},
               {10, true, 4, {0, 10, 20, 29}},
               {29, true, 2, {0, 29}},
               {100, false, 1, {0}}};
    gradcheck_graph();
    for (size_t i = 0; i < sizeof due / sizeof *due; i++) {
        Task *task = task_new(5);
        Training training = training_of(task);
        training.look = look;
        training.every = due[i].every;
        training.look_last = due[i].last;
        training_run(&training);
        ck_assert_int_eq(task->looks, due[i].count);
        ck_assert_mem_eq(task->looked, due[i].steps, (size_t)task->looks * sizeof(int));
        ck_assert_int_eq(task->losses, STEPS);
        task_free(task);
    }
    Task *task = task_new(5);
    Training training = training_of(task);
    training.look = look; // before every step
    training_run(&training);
    ck_assert_int_eq(task->looks, STEPS);
    task_free(task);
}
END_TEST

/* Whoever ends it: look before the step's loss is asked for, note after its step was taken. */
START_TEST(ends_when_told) {
    gradcheck_graph();
    Task *by_look = task_new(6), *by_note = task_new(6), *whole = task_new(6);
    Training training = training_of(by_look);
    by_look->end_look = 7;
    training.look = look;
    training.note = note;
    training.average = 3;
    const double at_look = training_run(&training);
    ck_assert_int_eq(by_look->losses, 7);
    by_note->end_note = 7;
    training.context = by_note;
    training.parameters = &by_note->parameters;
    const double at_note = training_run(&training);
    ck_assert_int_eq(by_note->losses, 8);
    training.context = whole;
    training.parameters = &whole->parameters;
    const double mean = training_run(&training);
    // Ended, the last step's loss; else the mean of the last three.
    ck_assert_double_eq(at_look, whole->noted[6]);
    ck_assert_double_eq(at_note, whole->noted[7]);
    const double *last = whole->noted + STEPS - 3;
    ck_assert_double_eq_tol(mean, (last[0] + last[1] + last[2]) / 3, 1e-12);
    task_free(by_look);
    task_free(by_note);
    task_free(whole);
}
END_TEST

START_TEST(no_steps) {
    Graph *graph = gradcheck_graph();
    Task *task = task_new(7), *same = task_new(7);
    Training training = training_of(task);
    training.steps = 0;
    training.look = look;
    ck_assert(isnan(training_run(&training)));
    ck_assert_int_eq(task->looks, 0);
    expect_same_weights(task, same);
    ck_assert_ptr_null(graph->last);
    task_free(task);
    task_free(same);
}
END_TEST

/* A mask that never changed would train a part of the network only. */
START_TEST(each_step_drops_others) {
    gradcheck_graph();
    Task *task = task_new(8);
    task->dropout = (real)0.5;
    const Training training = training_of(task);
    training_run(&training);
    ck_assert(!task->dropped_alike);
    task_free(task);
}
END_TEST

static Tensor *loss_of_unknown_count(void *context, int *count) {
    Task *task = context;
    (void)count;
    return draw_loss(task);
}

START_TEST(count_must_be_told) {
    gradcheck_graph();
    Training training = training_of(task_new(9));
    training.loss = loss_of_unknown_count;
    training_run(&training);
}
END_TEST

START_TEST(linear_rate) {
    const Training training = {.steps = 4, .lr = 2};
    ck_assert_double_eq(training_linear(&training, 0), 2);
    ck_assert_double_eq(training_linear(&training, 1), 1.5);
    ck_assert_double_eq(training_linear(&training, 3), 0.5);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("training");
    TCase *tests = tcase_create("training");
    tcase_add_loop_test(tests, as_written_out, 0, 2);
    tcase_add_test(tests, sums_and_means);
    tcase_add_test(tests, looks_are_due);
    tcase_add_test(tests, ends_when_told);
    tcase_add_test(tests, no_steps);
    tcase_add_test(tests, each_step_drops_others);
    tcase_add_test(tests, linear_rate);
    if (suite_forks()) tcase_add_test_raise_signal(tests, count_must_be_told, SIGABRT);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
