/* key_dim.c - TensorFlow's tutorial, where it defines the attention layers: they are made with
 * key_dim=d_model, so that each head is as wide as the whole model.
 *
 * Beside: tensorflow The base attention layer - `key_dim=d_model`: how wide is a head? 527,488
 *     parameters where the paper has 66,048
 * Beside: bloem In Pytorch: complete self-attention - nearest: heads that are each as wide as the
 *     model, as in his code
 */
#include "04_multihead/fused_attention.h"
#include "04_multihead/multihead.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

/* The tutorial's settings. */
enum { E = 128, H = 8, DFF = 512, LAYERS = 4, SOURCE = 7765, TARGET = 7010 };

/* tf.keras.layers.MultiHeadAttention(num_heads, key_dim): heads of any width, biases everywhere. */
typedef struct {
    Linear query, key, value; // (H key_dim,E)
    Linear output;            // (E,H key_dim)
} KerasAttention;

static KerasAttention keras_attention_new(Parameters *parameters, int num_heads, int key_dim,
                                          Random *random) {
    const int width = num_heads * key_dim;
    return (KerasAttention){linear_new(parameters, "query.", E, width, true, random),
                            linear_new(parameters, "key.", E, width, true, random),
                            linear_new(parameters, "value.", E, width, true, random),
                            linear_new(parameters, "attention_output.", width, E, true, random)};
}

/* x (B,T,E) -> (B,T,E); weights (B,H,T,T). */
static Tensor *keras_attention_forward(const KerasAttention *m, Tensor *x, Tensor **weights) {
    Tensor *q = linear_forward(&m->query, x); // (B,T,H key_dim)
    Tensor *k = linear_forward(&m->key, x), *v = linear_forward(&m->value, x);
    Tensor *heads = fused_attention(head_columns(q, k, v, H), (Masks){0}, 0, weights);
    return linear_forward(&m->output, heads);
}

static size_t count(int key_dim) {
    Random random;
    random_seed(&random, 1);
    Parameters parameters = {0};
    keras_attention_new(&parameters, H, key_dim, &random);
    const size_t size = parameters_size(&parameters);
    parameters_free(&parameters);
    return size;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"TensorFlow's key_dim=d_model: eight heads of 128 where the paper has "
                         "eight heads of 16.",
                         "build/04_multihead/key_dim"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};

    lesson_step(&lesson, "MultiHeadAttention(num_heads=8, key_dim=d_model), d_model = 128");
    const size_t wide = count(E), narrow = count(E / H);
    printf("  query, key, value   3 x (128 x 8 x 128 + 8 x 128) = %d\n"
           "  output              8 x 128 x 128 + 128           = %d\n"
           "  together            %zu\n"
           "  the paper's, 8 x 16 %zu\n\n"
           "The paper divides, d_k = d_model / h, so that \"the total computational cost is\n"
           "similar to that of single-head attention\". Here the projections and the scores\n"
           "cost %.0f times that.\n",
           3 * (E * H * E + H * E), H * E * E + E, wide, narrow, (double)wide / (double)narrow);

    lesson_step(&lesson, "Is that really what the tutorial has? The count of its model says so");
    const size_t norm = 2 * E, feed_forward = E * DFF + DFF + DFF * E + E;
    printf("  encoder: %d x 128 embeddings; 4 x (attention, feed-forward, 2 norms)\n"
           "  decoder: %d x 128 embeddings; 4 x (2 attentions, feed-forward, 3 norms)\n"
           "  output:  128 x %d + %d\n\n",
           SOURCE, TARGET, TARGET, TARGET);
    size_t total[2];
    for (int i = 0; i < 2; i++) {
        // The same model twice, with the tutorial's heads and with the paper's.
        const size_t attention = i ? narrow : wide;
        const size_t encoder = SOURCE * E + LAYERS * (attention + feed_forward + 2 * norm);
        const size_t decoder = TARGET * E + LAYERS * (2 * attention + feed_forward + 3 * norm);
        total[i] = encoder + decoder + TARGET * E + TARGET;
    }
    compare_value(&comparison, "parameters, heads 128", 10184162, (double)total[0], 0, 0);
    printf("  with heads of 16 there would have been      %zu\n", total[1]);

    lesson_step(&lesson, "Same shapes outside");
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Parameters parameters = {0};
    const KerasAttention m = keras_attention_new(&parameters, H, E, &random);
    Tensor *x = TENSOR(2, 5, E), *weights;
    random_fill_normal(&random, x->data, x->size, 0, 1);
    Tensor *y = keras_attention_forward(&m, x, &weights);
    COMPARE_SHAPE(&comparison, "result", y, 2, 5, 128);
    COMPARE_SHAPE(&comparison, "attention scores", weights, 2, 8, 5, 5);
    puts("\nNothing from outside shows it. If you load weights from one framework into the\n"
         "other, or compare parameter counts, ask first: is the width per head or in all?");
    parameters_free(&parameters);
    return lesson_end(&lesson, compare_end(&comparison));
}
