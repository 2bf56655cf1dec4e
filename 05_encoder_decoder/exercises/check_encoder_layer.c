#include "05_encoder_decoder/encoder_layer.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { B = 2, S = 3, E = 4, H = 2, F = 6 };

/* Every parameter is looked up, the norms' too, so that none can stand for another. */
static EncoderLayer some_layer(bool norm_first, real dropout) {
    EncoderLayer l = {.config = {.d_model = E,
                                 .nhead = H,
                                 .dim_feedforward = F,
                                 .dropout = dropout,
                                 .norm_first = norm_first}};
    l.self_attn = (MultiheadAttention){.config = {.d_model = E, .nhead = H, .dropout = dropout},
                                       .in_proj_weight = SOME(1, 3 * E, E),
                                       .in_proj_bias = SOME(2, 3 * E),
                                       .out_proj = {SOME(3, E, E), SOME(4, E)}};
    l.linear1 = (Linear){SOME(5, F, E), SOME(6, F)};
    l.linear2 = (Linear){SOME(7, E, F), SOME(8, E)};
    l.norm1 = (LayerNorm){SOME(9, E), SOME(10, E)};
    l.norm2 = (LayerNorm){SOME(11, E), SOME(12, E)};
    return l;
}

static void show(const EncoderLayer *layer, Tensor *src, Masks masks) {
    Tensor *weights = NULL;
    Tensor *y = encoder_layer_forward(layer, src, masks, &weights);
    exercise_holds("the attention is handed out", weights);
    if (weights) exercise_show_tensor("weights", weights);
    exercise_show_tensor("y", y);
}

static void one_token(void) {
    const EncoderLayer layer = some_layer(true, 0);
    show(&layer, SOME(13, 1, 1, E), (Masks){0});
}

static void pre_norm(void) {
    const EncoderLayer layer = some_layer(true, 0);
    show(&layer, SOME(13, B, S, E), (Masks){0});
}

static void post_norm(void) {
    const EncoderLayer layer = some_layer(false, 0);
    show(&layer, SOME(13, B, S, E), (Masks){0});
}

static void padded(void) {
    static const unsigned char padding[B * S] = {0, 0, 1, 0, 1, 1};
    const EncoderLayer layer = some_layer(false, 0);
    show(&layer, SOME(13, B, S, E), (Masks){.key_padding_mask = padding});
}

static void without_weights(void) {
    const EncoderLayer layer = some_layer(false, 0);
    exercise_show_tensor("y", encoder_layer_forward(&layer, SOME(13, B, S, E), (Masks){0}, NULL));
}

static void dropped(void) {
    const EncoderLayer layer = some_layer(false, (real)0.5);
    graph_current()->dropout_key = 3;
    show(&layer, SOME(13, B, S, E), (Masks){0});
}

static void goes_back(void) {
    const EncoderLayer layer = some_layer(true, 0);
    Tensor *src = SOME(13, B, S, E);
    Tensor *y = encoder_layer_forward(&layer, src, (Masks){0}, NULL);
    backward(op_sum(op_mul(y, SOME(14, B, S, E))));
    SHOW("dsrc", tensor_grad(src), B, S, E);
    SHOW("din_proj_weight", tensor_grad(layer.self_attn.in_proj_weight), 3 * E, E);
    SHOW("dlinear1.weight", tensor_grad(layer.linear1.weight), F, E);
    SHOW("dnorm1.weight", tensor_grad(layer.norm1.weight), E);
    SHOW("dnorm2.weight", tensor_grad(layer.norm2.weight), E);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"encoder_layer_forward", "one token, pre-norm", one_token, VALUES},
        {"encoder_layer_forward", "two sentences, pre-norm", pre_norm, VALUES},
        {"encoder_layer_forward", "two sentences, post-norm", post_norm, VALUES},
        {"encoder_layer_forward", "padded", padded, VALUES},
        {"encoder_layer_forward", "nobody asks for weights", without_weights, VALUES},
        {"encoder_layer_forward", "dropout", dropped, VALUES},
        {"encoder_layer_forward", "what flows back", goes_back, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
