#include "05_encoder_decoder/feed_forward.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { B = 2, T = 3, E = 4, F = 6 };

static Linear linear_named(const char *name, Tensor *weight, Tensor *bias) {
    weight->name = name;
    return (Linear){weight, bias};
}

/* x = 1: the first hidden number is 2, the second -2, which the ReLU makes 0. */
static void one_number(void) {
    const real one[] = {1}, w1[] = {1, -1}, b1[] = {1, -1}, w2[] = {3, 5}, b2[] = {(real)0.5};
    const Linear linear1 =
        linear_named("linear1.weight", TENSOR_FROM(w1, 2, 1), TENSOR_FROM(b1, 2));
    const Linear linear2 =
        linear_named("linear2.weight", TENSOR_FROM(w2, 1, 2), TENSOR_FROM(b2, 1));
    exercise_show_tensor("y", feed_forward(&linear1, &linear2, TENSOR_FROM(one, 1, 1), 0));
}

/* back: whether to show what flows back as well. */
static void show(Tensor *x, real dropout, bool back) {
    const Linear linear1 = linear_named("linear1.weight", SOME(1, F, E), SOME(2, F));
    const Linear linear2 = linear_named("linear2.weight", SOME(3, E, F), SOME(4, E));
    Tensor *y = feed_forward(&linear1, &linear2, x, dropout);
    if (!back) {
        exercise_show_tensor("y", y);
        return;
    }
    backward(op_sum(op_mul(y, exercise_variable(6, x->ndim, x->shape))));
    exercise_show("dx", tensor_grad(x), x->ndim, x->shape);
    SHOW("dw1", tensor_grad(linear1.weight), F, E);
    SHOW("db1", tensor_grad(linear1.bias), F);
    SHOW("dw2", tensor_grad(linear2.weight), E, F);
    SHOW("db2", tensor_grad(linear2.bias), E);
}

static void one_token(void) {
    show(SOME(5, 1, E), 0, false);
}

static void batch(void) {
    show(SOME(5, B, T, E), 0, false);
}

static void dropped(void) {
    graph_current()->dropout_key = 3;
    show(SOME(5, B, T, E), (real)0.5, false);
}

static void not_training(void) {
    graph_current()->training = false;
    show(SOME(5, B, T, E), (real)0.5, false);
}

static void goes_back(void) {
    show(SOME(5, B, T, E), 0, true);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"feed_forward", "one number", one_number, VALUES},
        {"feed_forward", "one token", one_token, VALUES},
        {"feed_forward", "two sentences", batch, VALUES},
        {"feed_forward", "half of what stands between is dropped", dropped, VALUES},
        {"feed_forward", "not training", not_training, VALUES},
        {"feed_forward", "what flows back", goes_back, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
