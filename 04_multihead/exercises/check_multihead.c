#include "04_multihead/multihead.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { B = 2, T = 3, S = 2, E = 4, CAPACITY = 5 };

/* Of `width` columns, with weights and biases that are looked up. */
static MultiheadAttention attention_of(int width, int nhead) {
    return (MultiheadAttention){.config = {.d_model = width, .nhead = nhead},
                                .in_proj_weight = SOME(1, 3 * width, width),
                                .in_proj_bias = SOME(2, 3 * width),
                                .out_proj = {SOME(3, width, width), SOME(4, width)}};
}

/* ---- A memory's keys and values -------------------------------------------------------------- */

static void show_cached(int width, Tensor *memory) {
    const MultiheadAttention m = attention_of(width, 1);
    const KeyValueCache cache = multihead_cache_memory(&m, memory);
    exercise_show_tensor("kv", cache.kv);
    exercise_show_number("length", cache.length);
    exercise_holds("it is complete", cache.complete);
}

static void cached_one(void) {
    show_cached(1, SOME(5, 1, 1, 1));
}

static void cached_batch(void) {
    show_cached(E, SOME(5, B, T, E));
}

/* ---- Forward --------------------------------------------------------------------------------- */

static void show_forward(const MultiheadAttention *m, Tensor *query, Tensor *memory, Masks masks,
                         KeyValueCache *cache) {
    Tensor *weights = NULL;
    Tensor *y = multihead_forward(m, query, memory, masks, cache, &weights);
    exercise_holds("the weights are handed out", weights);
    if (weights) exercise_show_tensor("weights", weights);
    exercise_show_tensor("y", y);
    if (!cache) return;
    exercise_show_number("filled rows of the cache", cache->length);
    exercise_show_tensor("the cache", cache->kv);
}

static void one_token(void) {
    const MultiheadAttention m = attention_of(1, 1);
    Tensor *x = SOME(5, 1, 1, 1);
    show_forward(&m, x, x, (Masks){0}, NULL);
}

static void two_heads(void) {
    const MultiheadAttention m = attention_of(E, 2);
    Tensor *x = SOME(5, B, T, E);
    show_forward(&m, x, x, (Masks){0}, NULL);
}

static void masked(void) {
    static const unsigned char padding[B * T] = {0, 0, 1, 0, 1, 1};
    const MultiheadAttention m = attention_of(E, 2);
    Tensor *x = SOME(5, B, T, E);
    show_forward(&m, x, x, (Masks){.key_padding_mask = padding, .causal = true}, NULL);
}

static void to_a_memory(void) {
    const MultiheadAttention m = attention_of(E, 2);
    show_forward(&m, SOME(5, B, T, E), SOME(6, B, S, E), (Masks){0}, NULL);
}

static void dropped(void) {
    graph_current()->dropout_key = 3;
    MultiheadAttention m = attention_of(E, 2);
    m.config.dropout = (real)0.5;
    Tensor *x = SOME(5, B, T, E);
    show_forward(&m, x, x, (Masks){0}, NULL);
}

static KeyValueCache some_cache(int length, bool complete) {
    return (KeyValueCache){
        .kv = SOME(7, B, CAPACITY, 2 * E), .length = length, .complete = complete};
}

static void one_more_token(void) {
    const MultiheadAttention m = attention_of(E, 2);
    KeyValueCache cache = some_cache(2, false);
    Tensor *x = SOME(5, B, 1, E);
    show_forward(&m, x, x, (Masks){0}, &cache);
}

static void complete_cache(void) {
    const MultiheadAttention m = attention_of(E, 2);
    KeyValueCache cache = some_cache(3, true);
    show_forward(&m, SOME(5, B, T, E), NULL, (Masks){0}, &cache);
}

static void turned(void) {
    MultiheadAttention m = attention_of(E, 2);
    m.config.rotary = true;
    Tensor *x = SOME(5, B, T, E);
    show_forward(&m, x, x, (Masks){.causal = true}, NULL);
}

static void turned_one_more(void) {
    MultiheadAttention m = attention_of(E, 1);
    m.config.rotary = true;
    KeyValueCache cache = some_cache(2, false);
    Tensor *x = SOME(5, B, 1, E);
    show_forward(&m, x, x, (Masks){0}, &cache);
}

/* What reaches inputs and parameters; memory may be query. */
static void show_back(Tensor *query, Tensor *memory) {
    const MultiheadAttention m = attention_of(E, 2);
    Tensor *y = multihead_forward(&m, query, memory, (Masks){0}, NULL, NULL);
    backward(op_sum(op_mul(y, SOME(8, B, T, E))));
    Tensor *const inputs[] = {m.in_proj_weight, m.in_proj_bias, m.out_proj.weight,
                              m.out_proj.bias,  query,          memory};
    const char *const names[] = {"din_proj_weight", "din_proj_bias", "dout_proj.weight",
                                 "dout_proj.bias",  "dquery",        "dmemory"};
    for (int i = 0; i < 6; i++)
        exercise_show(names[i], tensor_grad(inputs[i]), inputs[i]->ndim, inputs[i]->shape);
}

static void back_to_itself(void) {
    Tensor *x = SOME(5, B, T, E);
    show_back(x, x);
}

static void back_to_a_memory(void) {
    show_back(SOME(5, B, T, E), SOME(6, B, S, E));
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"multihead_cache_memory", "one token of one number", cached_one, VALUES},
        {"multihead_cache_memory", "two sentences", cached_batch, VALUES},
        {"multihead_forward", "a token of one number to itself", one_token, VALUES},
        {"multihead_forward", "two sentences to themselves, two heads", two_heads, VALUES},
        {"multihead_forward", "padded and causal", masked, VALUES},
        {"multihead_forward", "to a memory", to_a_memory, VALUES},
        {"multihead_forward", "half of the weights dropped", dropped, VALUES},
        {"multihead_forward", "one more token, two in the cache", one_more_token, VALUES},
        {"multihead_forward", "a complete cache and no memory", complete_cache, VALUES},
        {"multihead_forward", "rotary", turned, VALUES},
        {"multihead_forward", "rotary, one more token", turned_one_more, VALUES},
        {"multihead_forward", "what flows back, to itself", back_to_itself, GRADIENTS},
        {"multihead_forward", "what flows back, to a memory", back_to_a_memory, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
