/* param_counts.c - The Annotated Transformer, "Inference", and TensorFlow's tutorial, "The
 * Transformer": the exact numbers of parameters of both models, rebuilt tensor by tensor.
 *
 * Beside: annotated Inference - 14,731,787 parameters
 * Beside: tensorflow The encoder - 3,632,768 parameters
 * Beside: tensorflow The decoder - 5,647,104 parameters
 * Beside: tensorflow The Transformer - 10,184,162 parameters, tensor by tensor
 */
#include "05_encoder_decoder/transformer.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

/* The Annotated Transformer, make_model(11, 11, 2): two layers of the paper's base size. It is our
 * Transformer as it stands, with separate embeddings. */
static double annotated(Random *random) {
    const TransformerConfig config = {
        .layer = {.d_model = 512, .nhead = 8, .dim_feedforward = 2048, .norm_first = true},
        .num_encoder_layers = 2,
        .num_decoder_layers = 2,
        .src_vocab = 11,
        .tgt_vocab = 11};
    Transformer *model = transformer_new(&config, random);
    const double count = (double)parameters_size(&model->parameters);
    transformer_free(model);
    return count;
}

/* Keras's MultiHeadAttention(num_heads=8, key_dim=128) on d_model 128: the tutorial gives key_dim
 * the whole d_model, so that every head is as wide as the model. */
static void keras_attention(Parameters *p, const char *prefix, Random *random) {
    const int E = 128, wide = 8 * 128;
    const char *const names[] = {"query", "key", "value"};
    char name[320];
    for (int i = 0; i < 3; i++) {
        snprintf(name, sizeof name, "%s%s.", prefix, names[i]);
        linear_new(p, name, E, wide, true, random);
    }
    snprintf(name, sizeof name, "%soutput.", prefix);
    linear_new(p, name, wide, E, true, random);
}

/* One layer: `attentions` of them, one feed-forward, and a norm after each. */
static void keras_layer(Parameters *p, const char *side, int layer, int attentions,
                        Random *random) {
    const int E = 128, F = 512;
    char name[256];
    for (int a = 0; a < attentions; a++) {
        snprintf(name, sizeof name, "%s.%d.attention%d.", side, layer, a);
        keras_attention(p, name, random);
    }
    snprintf(name, sizeof name, "%s.%d.dense0.", side, layer);
    linear_new(p, name, E, F, true, random);
    snprintf(name, sizeof name, "%s.%d.dense1.", side, layer);
    linear_new(p, name, F, E, true, random);
    // A norm behind each attention, and one behind the feed-forward.
    for (int n = 0; n <= attentions; n++) {
        snprintf(name, sizeof name, "%s.%d.norm%d.", side, layer, n);
        layer_norm_new(p, name, E);
    }
}

/* The numbers that one side of TensorFlow's model holds. */
static double keras_side(const char *side, int vocabulary, int attentions, Random *random) {
    Parameters p = {0};
    char name[256];
    snprintf(name, sizeof name, "%s.embedding.", side);
    embedding_new(&p, name, vocabulary, 128, random);
    for (int layer = 0; layer < 4; layer++) keras_layer(&p, side, layer, attentions, random);
    const double count = (double)parameters_size(&p);
    parameters_free(&p);
    return count;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Parameter counts of the Annotated Transformer and TensorFlow's tutorial.",
                         "build/05_encoder_decoder/param_counts"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    Random random;
    random_seed(&random, 0);

    puts("The Annotated Transformer, make_model(11, 11, 2):\n");
    compare_value(&comparison, "parameters", 14731787, annotated(&random), 0, 0);

    puts("\nTensorFlow's tutorial: 4 layers, d_model 128, 8 heads, feed-forward 512, from\n"
         "7765 Portuguese pieces to 7010 English ones:\n");
    const double encoder = keras_side("encoder", 7765, 1, &random);
    const double decoder = keras_side("decoder", 7010, 2, &random);
    Parameters last = {0};
    linear_new(&last, "final.", 128, 7010, true, &random);
    const double final = (double)parameters_size(&last);
    compare_value(&comparison, "encoder", 3632768, encoder, 0, 0);
    compare_value(&comparison, "decoder", 5647104, decoder, 0, 0);
    compare_value(&comparison, "final layer", 904290, final, 0, 0);
    compare_value(&comparison, "all", 10184162, encoder + decoder + final, 0, 0);
    parameters_free(&last);

    Parameters one = {0};
    keras_attention(&one, "key_dim 128.", &random);
    const size_t wide = parameters_size(&one);
    multihead_new(&one, "key_dim 16.", (MultiheadConfig){.d_model = 128, .nhead = 8}, &random);
    printf("\nIts trap: key_dim is a head's size, and it is given d_model. One attention has\n"
           "%zu numbers there, %zu with the paper's 128 / 8 = 16 to a head.\n",
           wide, parameters_size(&one) - wide);
    parameters_free(&one);
    return lesson_end(&lesson, compare_end(&comparison));
}
