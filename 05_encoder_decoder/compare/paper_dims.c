/* paper_dims.c - The paper, table 3, first and last line: every parameter tensor of a layer of the
 * base and the big model, and the sums.
 *
 * Beside: paper 6.2 - 65 and 213 million parameters: every tensor of the base and the big model
 * Beside: paper 3.1; annotated Full Model - one encoder layer 3,152,384 numbers, one decoder layer
 *     4,204,032, and their tensors
 */
#include "05_encoder_decoder/transformer.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

typedef struct {
    const char *name;
    int layers; // on each side
    LayerConfig layer;
    double published;                          // parameters
    double encoder_layer, decoder_layer, core; // what we expect; 0: nothing is published
} Size;

enum { VOCABULARY = 37000 }; // section 5.1: shared source-target pieces, "about 37000"

/* Prints the tensors that were added from place `first` on, and returns how many numbers they
 * hold. */
static double list(const Parameters *parameters, int first) {
    double sum = 0;
    for (int i = first; i < parameters->count; i++) {
        const Tensor *t = parameters->items[i];
        char shape[64];
        printf("  %-48s %-12s %9zu\n", t->name, shape_text(shape, t->ndim, t->shape), t->size);
        sum += (double)t->size;
    }
    printf("  %-61s %9.0f\n", "together", sum);
    return sum;
}

/* How the vocabulary enters: not at all, as the one matrix of section 3.4 that is source embedding,
 * target embedding and output layer, or as three. */
static void sums(Comparison *comparison, const Size *size, double core) {
    const double matrix = (double)VOCABULARY * size->layer.d_model;
    printf("\n  %-46s %9.0f\n", "no vocabulary", core);
    printf("  one matrix (%d,%4d), tied three ways        %9.0f\n", VOCABULARY, size->layer.d_model,
           core + matrix);
    printf("  %-46s %9.0f\n\n", "three of them, untied", core + 3 * matrix);
    compare_value(comparison, "tied, in millions", size->published / 1e6, (core + matrix) / 1e6, 1,
                  2);
    printf("  the published number would be exact with a vocabulary of %.0f\n",
           (size->published - core) / size->layer.d_model);
}

static void show(Comparison *comparison, const Size *size) {
    const int E = size->layer.d_model, N = size->layers;
    Random random;
    random_seed(&random, 0);
    Parameters parameters = {0};
    printf("\n%s: d_model %d, %d heads, feed-forward %d, %d + %d layers\n\none encoder layer\n",
           size->name, E, size->layer.nhead, size->layer.dim_feedforward, N, N);
    encoder_layer_new(&parameters, "encoder.layers.0.", size->layer, &random);
    const double encoder = list(&parameters, 0);
    puts("one decoder layer");
    const int first = parameters.count;
    decoder_layer_new(&parameters, "decoder.layers.0.", size->layer, &random);
    const double decoder = list(&parameters, first);
    puts("after the last layers, as in torch.nn.Transformer");
    const int last = parameters.count;
    layer_norm_new(&parameters, "encoder.norm.", E);
    layer_norm_new(&parameters, "decoder.norm.", E);
    const double norms = list(&parameters, last);
    parameters_free(&parameters);
    const double core = N * (encoder + decoder) + norms;
    printf("\n  %d x %.0f + %d x %.0f + %.0f = %.0f\n", N, encoder, N, decoder, norms, core);
    if (size->core > 0) {
        putchar('\n');
        compare_value(comparison, "one encoder layer", size->encoder_layer, encoder, 0, 0);
        compare_value(comparison, "one decoder layer", size->decoder_layer, decoder, 0, 0);
        compare_value(comparison, "core, no vocabulary", size->core, core, 0, 0);
    }
    sums(comparison, size, core);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Every parameter tensor of the paper's base and big models, counted.",
                         "build/05_encoder_decoder/paper_dims"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    const Size base = {.name = "base",
                       .layers = 6,
                       .layer = {.d_model = 512, .nhead = 8, .dim_feedforward = 2048},
                       .published = 65e6,
                       .encoder_layer = 3152384,
                       .decoder_layer = 4204032,
                       .core = 44140544};
    const Size big = {.name = "big",
                      .layers = 6,
                      .layer = {.d_model = 1024, .nhead = 16, .dim_feedforward = 4096},
                      .published = 213e6};
    puts("Layers are built and their tensors listed. All layers of a stack are alike.");
    show(&comparison, &base);
    show(&comparison, &big);
    puts("\nThe paper rounds, and gives neither the exact vocabulary nor what it counted:\n"
         "base asks for more pieces than 37000, big for fewer. Only tied does either come\n"
         "near its published number.");
    return lesson_end(&lesson, compare_end(&comparison));
}
