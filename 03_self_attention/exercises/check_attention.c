#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { B = 2, T = 2, S = 3, D = 4, DV = 2 };

static void by_hand(void) {
    const real q[] = {1, 0}, k[] = {1, 0, 0, 1}, v[] = {10, 20};
    Tensor *weights;
    Tensor *y = scaled_dot_product_attention(TENSOR_FROM(q, 1, 2), TENSOR_FROM(k, 2, 2),
                                             TENSOR_FROM(v, 2, 1), (Masks){0}, 0, &weights);
    exercise_show_tensor("weights", weights);
    exercise_show_tensor("y", y);
}

static void plain(void) {
    Tensor *weights;
    Tensor *y = scaled_dot_product_attention(SOME(1, T, D), SOME(2, S, D), SOME(3, S, DV),
                                             (Masks){0}, 0, &weights);
    exercise_show_tensor("weights", weights);
    exercise_show_tensor("y", y);
    real sum = 0;
    for (int s = 0; s < S; s++) sum += weights->data[s];
    exercise_holds("the weights of a query sum to 1", fabs((double)sum - 1) < 1e-5);
}

static void without_weights(void) {
    Tensor *y = scaled_dot_product_attention(SOME(1, T, D), SOME(2, S, D), SOME(3, S, DV),
                                             (Masks){0}, 0, NULL);
    exercise_show_tensor("y", y);
}

static void causal(void) {
    Tensor *weights;
    Tensor *y = scaled_dot_product_attention(SOME(4, S, D), SOME(5, S, D), SOME(6, S, DV),
                                             (Masks){.causal = true}, 0, &weights);
    exercise_show_tensor("weights", weights);
    exercise_show_tensor("y", y);
    exercise_holds("the first token looks at itself alone",
                   weights->data[0] == 1 && weights->data[1] == 0 && weights->data[2] == 0);
}

static void padded_batch(void) {
    static const unsigned char padding[B * S] = {0, 0, 1, 1, 1, 1};
    Tensor *weights;
    Tensor *y = scaled_dot_product_attention(SOME(7, B, T, D), SOME(8, B, S, D), SOME(9, B, S, DV),
                                             (Masks){.key_padding_mask = padding}, 0, &weights);
    exercise_show_tensor("weights", weights);
    exercise_show_tensor("y; the second sentence has no key left", y);
}

static void dropped(void) {
    graph_current()->dropout_key = 3;
    Tensor *weights;
    Tensor *y = scaled_dot_product_attention(SOME(1, T, D), SOME(2, S, D), SOME(3, S, DV),
                                             (Masks){0}, (real)0.5, &weights);
    exercise_show_tensor("weights, before dropout", weights);
    exercise_show_tensor("y", y);
}

static void goes_back(void) {
    Tensor *q = SOME(1, T, D), *k = SOME(2, S, D), *v = SOME(3, S, DV);
    Tensor *y = scaled_dot_product_attention(q, k, v, (Masks){0}, 0, NULL);
    backward(op_sum(op_mul(y, SOME(4, T, DV))));
    SHOW("dq", tensor_grad(q), T, D);
    SHOW("dk", tensor_grad(k), S, D);
    SHOW("dv", tensor_grad(v), S, DV);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"scaled_dot_product_attention", "a query, two keys", by_hand, VALUES},
        {"scaled_dot_product_attention", "two queries, three keys", plain, VALUES},
        {"scaled_dot_product_attention", "nobody asks for weights", without_weights, VALUES},
        {"scaled_dot_product_attention", "causal", causal, VALUES},
        {"scaled_dot_product_attention", "two sentences, padded", padded_batch, VALUES},
        {"scaled_dot_product_attention", "dropout, half of the weights", dropped, VALUES},
        {"scaled_dot_product_attention", "what flows back", goes_back, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
