#include "04_multihead/heads.h"
#include "common/kernels.h"
#include "tests/exercise.h"

/* A tensor of 0, 1, 2, ..., so that one sees where each number went. */
static Tensor *counted(int ndim, const int *shape) {
    Tensor *x = tensor_new(ndim, shape, false);
    for (size_t i = 0; i < x->size; i++) x->data[i] = (real)i;
    return x;
}
#define COUNTED(...) counted(NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))

static void split_two_tokens(void) {
    exercise_show_tensor("apart", split_heads(COUNTED(1, 2, 4), 2));
}

static void split_batch(void) {
    exercise_show_tensor("apart", split_heads(COUNTED(2, 3, 8), 4));
}

static void split_one_head(void) {
    exercise_show_tensor("apart", split_heads(COUNTED(2, 3, 4), 1));
}

static void split_back(void) {
    real values[2 * 3 * 4], factors[2 * 3 * 4];
    exercise_fill(values, 24, 1);
    exercise_fill(factors, 24, 2);
    Tensor *x = tensor_variable(values, 3, SHAPE(2, 3, 4));
    backward(op_sum(op_mul(split_heads(x, 2), TENSOR_FROM(factors, 2, 2, 3, 2))));
    SHOW("dx", tensor_grad(x), 2, 3, 4);
}

static void merge_two_tokens(void) {
    exercise_show_tensor("together", merge_heads(COUNTED(1, 2, 2, 2)));
}

static void merge_batch(void) {
    exercise_show_tensor("together", merge_heads(COUNTED(2, 4, 3, 2)));
}

static void merge_back(void) {
    real values[2 * 2 * 3 * 2], factors[2 * 3 * 4];
    exercise_fill(values, 24, 3);
    exercise_fill(factors, 24, 4);
    Tensor *x = tensor_variable(values, 4, SHAPE(2, 2, 3, 2));
    backward(op_sum(op_mul(merge_heads(x), TENSOR_FROM(factors, 2, 3, 4))));
    SHOW("dx", tensor_grad(x), 2, 2, 3, 2);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"split_heads", "two tokens of four columns, two heads", split_two_tokens, VALUES},
        {"split_heads", "two sentences, four heads", split_batch, VALUES},
        {"split_heads", "one head", split_one_head, VALUES},
        {"split_heads", "what flows back", split_back, GRADIENTS},
        {"merge_heads", "two heads of two tokens", merge_two_tokens, VALUES},
        {"merge_heads", "two sentences, four heads", merge_batch, VALUES},
        {"merge_heads", "what flows back", merge_back, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
