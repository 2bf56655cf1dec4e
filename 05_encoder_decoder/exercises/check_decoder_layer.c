#include "05_encoder_decoder/decoder_layer.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { B = 2, T = 3, S = 2, E = 4, H = 2, F = 6, CAPACITY = 4 };

static MultiheadAttention some_attention(unsigned seed, real dropout) {
    return (MultiheadAttention){.config = {.d_model = E, .nhead = H, .dropout = dropout},
                                .in_proj_weight = SOME(seed, 3 * E, E),
                                .in_proj_bias = SOME(seed + 1, 3 * E),
                                .out_proj = {SOME(seed + 2, E, E), SOME(seed + 3, E)}};
}

/* Every parameter is looked up, the norms' too, so that none can stand for another. */
static DecoderLayer some_layer(bool norm_first, real dropout) {
    return (DecoderLayer){.config = {.d_model = E,
                                     .nhead = H,
                                     .dim_feedforward = F,
                                     .dropout = dropout,
                                     .norm_first = norm_first},
                          .self_attn = some_attention(1, dropout),
                          .multihead_attn = some_attention(5, dropout),
                          .linear1 = {SOME(9, F, E), SOME(10, F)},
                          .linear2 = {SOME(11, E, F), SOME(12, E)},
                          .norm1 = {SOME(13, E), SOME(14, E)},
                          .norm2 = {SOME(15, E), SOME(16, E)},
                          .norm3 = {SOME(17, E), SOME(18, E)}};
}

static void show(const DecoderLayer *layer, Tensor *tgt, Tensor *memory, Masks tgt_masks,
                 Masks memory_masks, DecoderCache *cache) {
    DecoderWeights weights = {0};
    Tensor *y = decoder_layer_forward(layer, tgt, memory, tgt_masks, memory_masks, cache, &weights);
    exercise_holds("both attentions are handed out", weights.self && weights.cross);
    if (weights.self) exercise_show_tensor("weights to what was said", weights.self);
    if (weights.cross) exercise_show_tensor("weights to the source", weights.cross);
    exercise_show_tensor("y", y);
}

static void one_token(void) {
    const DecoderLayer layer = some_layer(true, 0);
    show(&layer, SOME(19, 1, 1, E), SOME(20, 1, 1, E), (Masks){0}, (Masks){0}, NULL);
}

static void pre_norm(void) {
    const DecoderLayer layer = some_layer(true, 0);
    show(&layer, SOME(19, B, T, E), SOME(20, B, S, E), (Masks){.causal = true}, (Masks){0}, NULL);
}

static void post_norm(void) {
    const DecoderLayer layer = some_layer(false, 0);
    show(&layer, SOME(19, B, T, E), SOME(20, B, S, E), (Masks){.causal = true}, (Masks){0}, NULL);
}

/* As long as each other, so that a mask in the wrong place does not even crash. */
static void padded(void) {
    static const unsigned char tgt_padding[B * T] = {0, 0, 0, 0, 0, 1};
    static const unsigned char memory_padding[B * T] = {0, 1, 1, 0, 1, 0};
    const DecoderLayer layer = some_layer(false, 0);
    show(&layer, SOME(19, B, T, E), SOME(20, B, T, E),
         (Masks){.key_padding_mask = tgt_padding, .causal = true},
         (Masks){.key_padding_mask = memory_padding}, NULL);
}

/* A property, besides the numbers: the first place's result does not change with the last token. */
static void causal(void) {
    const DecoderLayer layer = some_layer(true, 0);
    Tensor *tgt = SOME(19, 1, T, E), *other = SOME(19, 1, T, E), *memory = SOME(20, 1, S, E);
    for (int e = 0; e < E; e++) other->data[(T - 1) * E + e] += (real)(1 + e * e);
    const Masks masks = {.causal = true};
    Tensor *y = decoder_layer_forward(&layer, tgt, memory, masks, (Masks){0}, NULL, NULL);
    Tensor *z = decoder_layer_forward(&layer, other, memory, masks, (Masks){0}, NULL, NULL);
    bool same = true;
    for (int i = 0; i < (T - 1) * E; i++) same = same && y->data[i] == z->data[i];
    exercise_show_tensor("y", y);
    exercise_holds("a later word changes nothing before it", same);
}

static void dropped(void) {
    const DecoderLayer layer = some_layer(false, (real)0.5);
    graph_current()->dropout_key = 3;
    show(&layer, SOME(19, B, T, E), SOME(20, B, S, E), (Masks){.causal = true}, (Masks){0}, NULL);
}

/* The third token; what the caches hold is looked up. */
static void one_more_token(void) {
    const DecoderLayer layer = some_layer(true, 0);
    DecoderCache cache = {
        .self = {.kv = SOME(21, B, CAPACITY, 2 * E), .length = 2},
        .cross = {.kv = SOME(22, B, CAPACITY, 2 * E), .length = 3, .complete = true}};
    show(&layer, SOME(19, B, 1, E), SOME(20, B, S, E), (Masks){0}, (Masks){0}, &cache);
    exercise_show_number("tokens said so far", cache.self.length);
    exercise_show_tensor("the cache of what was said", cache.self.kv);
}

static void goes_back(void) {
    const DecoderLayer layer = some_layer(true, 0);
    Tensor *tgt = SOME(19, B, T, E), *memory = SOME(20, B, S, E);
    Tensor *y =
        decoder_layer_forward(&layer, tgt, memory, (Masks){.causal = true}, (Masks){0}, NULL, NULL);
    backward(op_sum(op_mul(y, SOME(23, B, T, E))));
    SHOW("dtgt", tensor_grad(tgt), B, T, E);
    SHOW("dmemory", tensor_grad(memory), B, S, E);
    SHOW("dself_attn.in_proj_weight", tensor_grad(layer.self_attn.in_proj_weight), 3 * E, E);
    SHOW("dmultihead_attn.in_proj_weight", tensor_grad(layer.multihead_attn.in_proj_weight), 3 * E,
         E);
    SHOW("dnorm3.weight", tensor_grad(layer.norm3.weight), E);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"decoder_layer_forward", "one word each, pre-norm", one_token, VALUES},
        {"decoder_layer_forward", "two sentences, pre-norm", pre_norm, VALUES},
        {"decoder_layer_forward", "two sentences, post-norm", post_norm, VALUES},
        {"decoder_layer_forward", "target and source padded", padded, VALUES},
        {"decoder_layer_forward", "a later word changes", causal, VALUES},
        {"decoder_layer_forward", "dropout", dropped, VALUES},
        {"decoder_layer_forward", "one more word, by the caches", one_more_token, VALUES},
        {"decoder_layer_forward", "what flows back", goes_back, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
