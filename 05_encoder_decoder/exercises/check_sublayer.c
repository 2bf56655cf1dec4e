#include "05_encoder_decoder/sublayer.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { B = 2, T = 3, E = 4 };

static LayerNorm some_norm(void) {
    return (LayerNorm){SOME(1, E), SOME(2, E)};
}

/* ---- Before f -------------------------------------------------------------------------------- */

static void enter(bool norm_first, bool training) {
    const LayerConfig config = {.d_model = E, .norm_first = norm_first, .dropout = (real)0.5};
    const LayerNorm norm = some_norm();
    graph_current()->training = training;
    graph_current()->dropout_key = 3;
    exercise_show_tensor("what f is given", sublayer_enter(SOME(3, B, T, E), &norm, &config));
}

static void enter_post_norm(void) {
    enter(false, false);
}

static void enter_pre_norm(void) {
    enter(true, false);
}

static void enter_training(void) {
    enter(true, true);
}

static void enter_back(void) {
    const LayerConfig config = {.d_model = E, .norm_first = true};
    const LayerNorm norm = some_norm();
    Tensor *x = SOME(3, B, T, E);
    backward(op_sum(op_mul(sublayer_enter(x, &norm, &config), SOME(5, B, T, E))));
    SHOW("dx", tensor_grad(x), B, T, E);
}

/* ---- After f --------------------------------------------------------------------------------- */

static void leave(bool norm_first, real dropout, bool training) {
    const LayerConfig config = {.d_model = E, .norm_first = norm_first, .dropout = dropout};
    const LayerNorm norm = some_norm();
    graph_current()->training = training;
    graph_current()->dropout_key = 3;
    exercise_show_tensor("what goes on",
                         sublayer_leave(SOME(3, B, T, E), SOME(4, B, T, E), &norm, &config));
}

static void leave_pre_norm(void) {
    leave(true, 0, true);
}

static void leave_post_norm(void) {
    leave(false, 0, true);
}

static void leave_pre_norm_dropped(void) {
    leave(true, (real)0.5, true);
}

static void leave_post_norm_dropped(void) {
    leave(false, (real)0.5, true);
}

static void leave_not_training(void) {
    leave(false, (real)0.5, false);
}

static void leave_back(bool norm_first) {
    const LayerConfig config = {.d_model = E, .norm_first = norm_first};
    const LayerNorm norm = some_norm();
    Tensor *x = SOME(3, B, T, E), *f = SOME(4, B, T, E);
    backward(op_sum(op_mul(sublayer_leave(x, f, &norm, &config), SOME(5, B, T, E))));
    SHOW("dx", tensor_grad(x), B, T, E);
    SHOW("df", tensor_grad(f), B, T, E);
}

static void leave_back_pre_norm(void) {
    leave_back(true);
}

static void leave_back_post_norm(void) {
    leave_back(false);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"sublayer_enter", "post-norm", enter_post_norm, VALUES},
        {"sublayer_enter", "pre-norm", enter_pre_norm, VALUES},
        {"sublayer_enter", "pre-norm while training", enter_training, VALUES},
        {"sublayer_enter", "what flows back", enter_back, GRADIENTS},
        {"sublayer_leave", "pre-norm", leave_pre_norm, VALUES},
        {"sublayer_leave", "post-norm", leave_post_norm, VALUES},
        {"sublayer_leave", "pre-norm, half of f dropped", leave_pre_norm_dropped, VALUES},
        {"sublayer_leave", "post-norm, half of f dropped", leave_post_norm_dropped, VALUES},
        {"sublayer_leave", "post-norm, not training", leave_not_training, VALUES},
        {"sublayer_leave", "what flows back, pre-norm", leave_back_pre_norm, GRADIENTS},
        {"sublayer_leave", "what flows back, post-norm", leave_back_post_norm, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
