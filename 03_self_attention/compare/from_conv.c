/* from_conv.c - AlgorithmicSimplicity's way to the Transformer, the whole of its video: from a
 * convolution, whose weights depend on the distance only, to weights that depend on what is there.
 *
 * Beside: simplicity - his way from a convolution to a matrix made of the input
 * Beside: johnson Before; bloem Design considerations; tensorflow The global self-attention layer -
 *     how far one output sees, after 1 to 4 convolutions and after one attention
 */
#include "03_self_attention/head.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { T = 10, E = 8 };

/* Three taps of 1/3: one matrix W (T,T) for every input, a band along the diagonal. */
static Tensor *convolution(void) {
    Tensor *w = TENSOR(T, T);
    for (int t = 0; t < T; t++)
        for (int s = 0; s < T; s++) w->data[t * T + s] = abs(t - s) <= 1 ? (real)1 / 3 : 0;
    return w;
}

/* Weights of a place for a place, softmaxed: one matrix (T,T) for every input, but no band. */
static Tensor *positional(Random *random) {
    Tensor *scores = TENSOR(T, T);
    random_fill_normal(random, scores->data, scores->size, 0, 1.5);
    return op_softmax(scores);
}

/* A(x) (T,T) of an input x (T,E). */
static Tensor *content(const AttentionHead *head, Tensor *x) {
    Tensor *weights;
    attention_head_forward(head, x, (Masks){0}, &weights);
    return weights;
}

/* How many inputs the middle output depends on after so many layers of w. */
static int receptive_field(Tensor *w, int layers) {
    Tensor *product = w;
    // Layers without anything between them are one layer: the product of their matrices (T,T).
    for (int i = 1; i < layers; i++) product = op_matmul(product, w);
    int seen = 0;
    for (int s = 0; s < T; s++) seen += product->data[T / 2 * T + s] != 0;
    return seen;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"From convolution to attention, one weight matrix each.",
                         "build/03_self_attention/from_conv"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Parameters parameters = {0};
    const AttentionHead head = attention_head_new(&parameters, "", E, E, &random);
    Tensor *x0 = TENSOR(T, E), *x1 = TENSOR(T, E);
    random_fill_normal(&random, x0->data, x0->size, 0, 2);
    random_fill_normal(&random, x1->data, x1->size, 0, 2);

    lesson_step(&lesson,
                "Each mixes 10 tokens by one matrix (10,10); where do its weights come from?");
    Tensor *conv = convolution(), *place = positional(&random); // (10,10)
    Tensor *a0 = content(&head, x0), *a1 = content(&head, x1);  // (10,10)
    printf("  convolution:        from the distance; 3 numbers, the same for all inputs\n"
           "  position weights:   from the two places; 100 numbers, the same for all inputs\n"
           "  attention:          from what stands there; A(x0), A(x1) differ by up to %.2f\n",
           vector_max_difference(a0->data, a1->data, a0->size));
    const PlotMap maps[] = {
        {.title = "convolution", .data = conv->data, .rows = T, .cols = T},
        {.title = "position weights", .data = place->data, .rows = T, .cols = T},
        {.title = "attention, input x0", .data = a0->data, .rows = T, .cols = T},
        {.title = "attention, input x1", .data = a1->data, .rows = T, .cols = T}};
    const Picture picture = {.name = "from_conv",
                             .directory = lesson.common.out,
                             .title = "Three ways to mix ten tokens",
                             .caption = "the first two are the same for every input; attention "
                                        "makes a new matrix for each",
                             .x_label = "input token",
                             .y_label = "output token",
                             .value_label = "weight"};
    plot_heatmap_grid(&picture, maps, 4, 4, -1);

    lesson_step(&lesson,
                "How far one output sees after L layers: 2 L + 1 by convolution, all by one A");
    Comparison comparison = {0};
    for (int layers = 1; layers <= 4; layers++) {
        char label[64];
        snprintf(label, sizeof label, "inputs seen, %d conv layers", layers);
        compare_value(&comparison, label, 2 * layers + 1, receptive_field(conv, layers), 0, 0);
    }
    compare_value(&comparison, "inputs seen, 1 attention layer", T, receptive_field(a0, 1), 0, 0);
    compare_claim(&comparison, "attention's weights change with the input",
                  vector_max_difference(a0->data, a1->data, a0->size) > .1);
    printf("The video never says query or key, and arrives at the same matrix. What it\n"
           "passes over is in make 03/why_three: without two different projections the\n"
           "scores are symmetric, and some things cannot be said.\n");
    parameters_free(&parameters);
    return lesson_end(&lesson, compare_end(&comparison));
}
