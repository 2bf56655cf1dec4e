/* test_training_path.c - from the same seed, training takes the path that it takes in PyTorch: a
 * hundred Adam steps on one batch, against the losses of make_training.py. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>

#include "05_encoder_decoder/transformer.h"
#include "common/optimizer.h"

#include "tests/fixtures/training_torch_1_13.h"
#include "tests/fixtures/training_torch_2_15.h"

enum { STEPS = 100, CASES = 2, B = 3, S = 5, T = 4 };

static const int SRC[B * S] = {5, 9, 4, 10, 2, /**/ 3, 1, 8, 0, 0, /**/ 7, 7, 0, 0, 0};
static const int READ[B * T] = {1, 7, 8, 12, /**/ 1, 4, 2, 2, /**/ 1, 9, 0, 0};
static const int LABELS[B * T] = {7, 8, 12, 3, /**/ 4, 2, 2, 0, /**/ 9, 0, 0, 0};
static const Batch BATCH = {B, S, T, SRC, READ, LABELS};

static const struct {
    uint64_t seed;
    TransformerConfig config;
    double label_smoothing, lr;
} PATHS[CASES] = {
    {1337, {{16, 4, 32, 0, false}, 2, 2, 11, 13, false}, 0.1, 1e-3},
    {7, {{12, 3, 20, 0, true}, 1, 3, 11, 13, false}, 0.0, 2e-3},
};

static void follow(int path, const double *losses, const char *torch) {
    Random random;
    random_seed(&random, PATHS[path].seed);
    Transformer *model = transformer_new(&PATHS[path].config, &random);
    Optimizer *optimizer =
        optimizer_new(&model->parameters, (AdamConfig){.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8});
    Graph *graph = graph_new();
    graph_use(graph);
    const double count = cross_entropy_count(LABELS, B * T, PAD);
    for (int step = 0; step < STEPS; step++) {
        graph_reset(graph);
        Tensor *loss = transformer_loss(model, &BATCH, (real)PATHS[path].label_smoothing);
        backward(loss);
        optimizer_step(optimizer, PATHS[path].lr, 1 / count);
        const double ours = (double)tensor_item(loss) / count;
        ck_assert_msg(fabs(ours - losses[step]) <= 1e-4 * losses[step],
                      "torch %s, path %d, step %d: torch %.9g, ours %.9g", torch, path, step,
                      losses[step], ours);
    }
    graph_free(graph);
    optimizer_free(optimizer);
    transformer_free(model);
}

START_TEST(test_torch_1_13) {
    follow(_i, TORCH_1_13_LOSSES[_i], "1.13");
}
END_TEST

START_TEST(test_torch_2_15) {
    follow(_i, TORCH_2_15_LOSSES[_i], "2.15");
}
END_TEST

int main(void) {
    Suite *suite = suite_create("training path");
    TCase *tests = tcase_create("training path");
    tcase_set_timeout(tests, 60);
    tcase_add_loop_test(tests, test_torch_1_13, 0, CASES);
    tcase_add_loop_test(tests, test_torch_2_15, 0, CASES);
    suite_add_tcase(suite, tests);
    SRunner *runner = srunner_create(suite);
    srunner_run_all(runner, CK_NORMAL);
    const int failed = srunner_ntests_failed(runner);
    srunner_free(runner);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
