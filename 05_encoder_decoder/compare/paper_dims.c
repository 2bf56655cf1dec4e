// The paper's base and big models (table 3): every parameter tensor of a layer, and the sums.
#include "05_encoder_decoder/transformer.h"
#include "common/lesson.h"

#include <stdio.h>

typedef struct {
    const char *name;
    int layers; // on each side
    LayerConfig layer;
    double published;                          // parameters
    double encoder_layer, decoder_layer, core; // what we expect; 0: nothing is published
} Size;

static const int VOCABULARY = 37000; // section 5.1: shared source-target pieces, "about 37000"

/* Prints the tensors that were added from place `first` on, and returns how many numbers they
 * hold. */
static double list(const Parameters *parameters, int first) {
    double sum = 0;
    for (int i = first; i < parameters->count; i++) {
        const Tensor *t = parameters->items[i];
        char shape[64];
        printf("  %-46s %-12s %10zu\n", t->name, shape_text(shape, t->ndim, t->shape), t->size);
        sum += (double)t->size;
    }
    printf("  %-59s %10.0f\n", "together", sum);
    return sum;
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
    parameters_free(&parameters);

    const double norms = 2 * 2 * E; // torch.nn.Transformer ends each stack with a layer norm
    const double core = N * (encoder + decoder) + norms;
    const double vocabulary = (double)VOCABULARY * E;
    printf("\n  %d encoder layers %.0f + %d decoder layers %.0f\n  + two last norms %.0f = core "
           "%.0f\n  + one embedding for source, target and output (%d,%d) %.0f\n  = %.0f\n\n",
           N, N * encoder, N, N * decoder, norms, core, VOCABULARY, E, vocabulary,
           core + vocabulary);
    if (size->core > 0) {
        compare_value(comparison, "one encoder layer", size->encoder_layer, encoder, 0, 0);
        compare_value(comparison, "one decoder layer", size->decoder_layer, decoder, 0, 0);
        compare_value(comparison, "core, no vocabulary", size->core, core, 0, 0);
    }
    compare_value(comparison, "all, in millions", size->published / 1e6, (core + vocabulary) / 1e6,
                  1, 2);
    printf("  the published number would be exact with a vocabulary of %.0f\n",
           (size->published - core) / E);
}

int main(int argc, char **argv) {
    const Usage usage = {"Every parameter tensor of the paper's base and big models, counted.",
                         "build/05_encoder_decoder/paper_dims"};
    lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    const Size base = {"base", 6, {512, 8, 2048, 0, false}, 65e6, 3152384, 4204032, 44140544};
    const Size big = {"big", 6, {1024, 16, 4096, 0, false}, 213e6, 0, 0, 0};
    puts("Layers are built and their tensors listed. All layers of a stack are alike.");
    show(&comparison, &base);
    show(&comparison, &big);
    puts("\nThe paper rounds, and gives neither the exact vocabulary nor what it counted:\n"
         "base asks for more pieces than 37000, big for fewer. Tying the three vocabulary\n"
         "matrices (section 3.4) is what brings both near; untied they would add two more.");
    return compare_end(&comparison);
}
