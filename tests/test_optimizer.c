/* test_optimizer.c - Adam and AdamW against torch.optim's, in one piece and in ranges, and their
 * state through a file. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "common/kernels.h"
#include "common/optimizer.h"
#include "tests/suite.h"

#include "tests/fixtures/optimizer_fixture.h"

static const double TOLERANCE = sizeof(real) == sizeof(double) ? 1e-14 : 2e-6;

/* The fixture's weights and gradients. */
static real cosine(int i) {
    return (real)cos(1.7 * i);
}

static double learning_rate(int step) {
    return 0.01 * (step + 1);
}

static void add_parameters(Parameters *parameters) {
    Tensor *tensors[] = {PARAMETER(parameters, "", "first", 3),
                         PARAMETER(parameters, "", "second", 2, 2)};
    int place = 0;
    for (int t = 0; t < 2; t++)
        for (size_t i = 0; i < tensors[t]->size; i++) tensors[t]->data[i] = cosine(place++);
}

static void set_gradients(const Parameters *parameters, int step, double factor) {
    int place = 100 * (step + 1);
    for (int t = 0; t < parameters->count; t++)
        for (size_t i = 0; i < parameters->items[t]->size; i++)
            parameters->items[t]->grad[i] = (real)factor * cosine(place++);
}

static void expect_weights(const Parameters *parameters, const double *expected, int row) {
    for (ParameterRun run = {0}; parameters_next_run(parameters, 0, WEIGHTS, &run);)
        for (size_t i = 0; i < run.count; i++) {
            const double ours = (double)run.tensor->data[i];
            ck_assert_msg(fabs(ours - expected[run.flat + i]) <= TOLERANCE,
                          "row %d, %s, element %zu: torch %.9g, ours %.9g", row, run.tensor->name,
                          i, expected[run.flat + i], ours);
            ck_assert(run.tensor->grad[i] == 0);
        }
}

START_TEST(test_torch) {
    Parameters parameters = {0};
    add_parameters(&parameters);
    Optimizer *optimizer = optimizer_new(&parameters, TORCH_OPTIMIZERS[_i].config);
    for (int step = 0; step < STEPS; step++) {
        set_gradients(&parameters, step, 1);
        optimizer_step(optimizer, learning_rate(step), 1);
    }
    expect_weights(&parameters, TORCH_OPTIMIZERS[_i].weights, _i);
    optimizer_free(optimizer);
    parameters_free(&parameters);
}
END_TEST

/* The fixture's rows 0, 1 and 3 are PyTorch's Adam, the paper's, and PyTorch's AdamW. */
START_TEST(test_presets) {
    const AdamConfig presets[] = {adam_pytorch(), adam_paper(), adamw_pytorch()};
    const int rows[] = {0, 1, 3};
    for (int i = 0; i < 3; i++) {
        const AdamConfig ours = presets[i], torch = TORCH_OPTIMIZERS[rows[i]].config;
        ck_assert(ours.beta1 == torch.beta1 && ours.beta2 == torch.beta2 && ours.eps == torch.eps);
        ck_assert(ours.weight_decay == torch.weight_decay && ours.decoupled == torch.decoupled);
    }
}
END_TEST

/* In ranges that cross parameters, backwards, and with the gradient still to be scaled. */
START_TEST(test_ranges) {
    Parameters parameters = {0};
    add_parameters(&parameters);
    Optimizer *optimizer = optimizer_new(&parameters, TORCH_OPTIMIZERS[_i].config);
    for (int step = 0; step < STEPS; step++) {
        set_gradients(&parameters, step, 8);
        optimizer_begin(optimizer);
        optimizer_step_range(optimizer, learning_rate(step), 0.125, 6, 1);
        optimizer_step_range(optimizer, learning_rate(step), 0.125, 2, 4);
        optimizer_step_range(optimizer, learning_rate(step), 0.125, 0, 2);
    }
    expect_weights(&parameters, TORCH_OPTIMIZERS[_i].weights, _i);
    optimizer_free(optimizer);
    parameters_free(&parameters);
}
END_TEST

/* ---- Files ----------------------------------------------------------------------------------- */

static char path[64];

static void path_make(void) {
    snprintf(path, sizeof path, "/tmp/test_optimizer_XXXXXX");
    const int file = mkstemp(path);
    ck_assert_int_ge(file, 0);
    close(file);
}

static void path_remove(void) {
    unlink(path);
}

static void save(const Parameters *parameters, const Optimizer *optimizer) {
    Error err;
    SafetensorsWriter *writer = safetensors_writer_new();
    parameters_save(parameters, writer);
    optimizer_save(optimizer, writer);
    ck_assert_msg(safetensors_writer_save(writer, path, &err), "%s", err.text);
    safetensors_writer_free(writer);
}

/* Three steps, then a new process as it were, then the rest: the same weights as without a break.
 */
START_TEST(test_resumed) {
    Parameters before = {0}, after = {0};
    add_parameters(&before);
    add_parameters(&after);
    Optimizer *first = optimizer_new(&before, TORCH_OPTIMIZERS[_i].config);
    Optimizer *second = optimizer_new(&after, TORCH_OPTIMIZERS[_i].config);
    Safetensors file;
    Error err;
    for (int step = 0; step < STEPS; step++) {
        const bool broken = step >= 3;
        if (step == 3) {
            save(&before, first);
            ck_assert_msg(safetensors_open(path, &file, &err), "%s", err.text);
            ck_assert_msg(parameters_load(&after, &file, false, &err), "%s", err.text);
            ck_assert_msg(optimizer_load(second, &file, &err), "%s", err.text);
            safetensors_close(&file);
        }
        set_gradients(broken ? &after : &before, step, 1);
        optimizer_step(broken ? second : first, learning_rate(step), 1);
    }
    expect_weights(&after, TORCH_OPTIMIZERS[_i].weights, _i);
    optimizer_free(first);
    optimizer_free(second);
    parameters_free(&before);
    parameters_free(&after);
}
END_TEST

/* What does not fit is refused by name, and nothing changes. */
START_TEST(test_load_errors) {
    Parameters parameters = {0}, more = {0}, other = {0};
    add_parameters(&parameters);
    Optimizer *optimizer = optimizer_new(&parameters, TORCH_OPTIMIZERS[0].config);
    save(&parameters, optimizer);
    Tensor *changed = PARAMETER(&more, "", "first", 3);
    PARAMETER(&more, "", "third", 1);
    PARAMETER(&other, "", "first", 3);
    PARAMETER(&other, "", "second", 4);
    Optimizer *for_more = optimizer_new(&more, TORCH_OPTIMIZERS[0].config);
    Safetensors file;
    Error err;
    for_more->m[0] = 5;
    ck_assert(safetensors_open(path, &file, &err));
    ck_assert(!parameters_load(&more, &file, false, &err));
    ck_assert_msg(strstr(err.text, "no tensor \"third\""), "%s", err.text);
    ck_assert(changed->data[0] == 0);
    ck_assert(!optimizer_load(for_more, &file, &err));
    ck_assert_msg(strstr(err.text, "adam.m.third"), "%s", err.text);
    ck_assert(for_more->m[0] == 5 && for_more->step == 0);
    ck_assert(!parameters_load(&other, &file, false, &err));
    ck_assert_msg(strstr(err.text, "\"second\"") && strstr(err.text, "(4)") &&
                      strstr(err.text, "(2,2)"),
                  "%s", err.text);
    ck_assert(!parameters_load(&parameters, &file, true, &err));
    ck_assert_msg(strstr(err.text, "is the state of a training"), "%s", err.text);
    safetensors_close(&file);
    optimizer_free(optimizer);
    optimizer_free(for_more);
    parameters_free(&parameters);
    parameters_free(&more);
    parameters_free(&other);
}
END_TEST

/* Tied tensors are written under both names; a file in which they differ is refused, one that has
 * only one of them, with a note in the metadata, is not. */
START_TEST(test_tied) {
    Parameters parameters = {0};
    Tensor *weight = PARAMETER(&parameters, "", "embedding", 2);
    parameters_alias(&parameters, "generator", weight);
    const float values[] = {1, 2}, others[] = {1, 3};
    for (int kind = 0; kind < 3; kind++) {
        SafetensorsWriter *writer = safetensors_writer_new();
        if (kind == 2) safetensors_writer_metadata(writer, "embedding", "generator");
        if (kind < 2)
            safetensors_writer_tensor(writer, "embedding", DTYPE_F32, 1, (const int[]){2}, values);
        safetensors_writer_tensor(writer, "generator", DTYPE_F32, 1, (const int[]){2},
                                  kind == 1 ? others : values);
        Error err;
        Safetensors file;
        ck_assert(safetensors_writer_save(writer, path, &err));
        safetensors_writer_free(writer);
        ck_assert(safetensors_open(path, &file, &err));
        weight->data[1] = 0;
        const bool loaded = parameters_load(&parameters, &file, true, &err);
        ck_assert_msg(loaded == (kind != 1), "%s", err.text);
        ck_assert(weight->data[1] == (kind == 1 ? 0 : 2));
        if (kind == 1) ck_assert_msg(strstr(err.text, "are tied but differ"), "%s", err.text);
        safetensors_close(&file);
    }
    parameters_free(&parameters);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const int cases = sizeof TORCH_OPTIMIZERS / sizeof *TORCH_OPTIMIZERS;
    Suite *suite = suite_create("optimizer");
    TCase *tests = tcase_create("optimizer");
    tcase_add_checked_fixture(tests, path_make, path_remove);
    tcase_add_loop_test(tests, test_torch, 0, cases);
    tcase_add_loop_test(tests, test_ranges, 0, cases);
    tcase_add_test(tests, test_presets);
    tcase_add_loop_test(tests, test_resumed, 0, cases);
    tcase_add_test(tests, test_load_errors);
    tcase_add_test(tests, test_tied);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
