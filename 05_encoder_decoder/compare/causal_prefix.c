/* causal_prefix.c - TensorFlow's tutorial, where it tests its causal self-attention: a decoder
 * layer's output at the first places does not depend on later ones, and without the mask it does.
 *
 * Beside: tensorflow The causal self-attention layer - its check: the first places do not depend on
 *     later ones; without the mask they do
 */
#include "05_encoder_decoder/transformer.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/vector.h"

#include <stdio.h>

enum { B = 2, L = 8, S = 5, E = 32 };

/* part (B,T,E) against the first T places of whole (B,L,E). */
static double prefix_difference(const Tensor *part, Tensor *whole, int T) {
    const Tensor *prefix = op_slice(whole, 1, 0, T); // (B,T,E)
    return vector_max_difference(part->data, prefix->data, part->size);
}

/* The layer on the first T of x's L places, with the causal mask or without. */
static Tensor *first_places(const DecoderLayer *layer, Tensor *x, Tensor *memory, int T,
                            bool masked) {
    return decoder_layer_forward(layer, op_slice(x, 1, 0, T), memory, (Masks){.causal = masked},
                                 (Masks){0}, NULL, NULL);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The causal property of a decoder layer, checked as TensorFlow does.",
                         "build/05_encoder_decoder/causal_prefix"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    graph_quiet();
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    Parameters parameters = {0};
    const DecoderLayer layer =
        decoder_layer_new(&parameters, "layer.",
                          (LayerConfig){.d_model = E, .nhead = 4, .dim_feedforward = 64}, &random);
    Tensor *x = TENSOR(B, L, E), *memory = TENSOR(B, S, E);
    random_fill_normal(&random, x->data, x->size, 0, 1);
    random_fill_normal(&random, memory->data, memory->size, 0, 1);

    puts("layer(x[:, :T]) against layer(x)[:, :T], largest difference; x (2,8,32). The\n"
         "tutorial checks T = 3 and prints a number near 0 (rounding).\n\n"
         "  T   with the mask   without");
    double with_mask = 0, least_without = INFINITY;
    Tensor *whole = first_places(&layer, x, memory, L, true);
    Tensor *whole_unmasked = first_places(&layer, x, memory, L, false);
    for (int T = 1; T < L; T++) {
        const double off = prefix_difference(first_places(&layer, x, memory, T, true), whole, T);
        const double leak =
            prefix_difference(first_places(&layer, x, memory, T, false), whole_unmasked, T);
        printf("  %d   %-13.2g   %.2g\n", T, off, leak);
        with_mask = fmax(with_mask, off);
        least_without = fmin(least_without, leak);
    }
    putchar('\n');
    compare_value(&comparison, "with it, every T", 0, with_mask, 5, 2e-6);
    compare_claim(&comparison, "without it, the future shows at every T", least_without > 1e-2);
    puts("\nThis is what lets one pass train all places at once, and what lets decoding keep\n"
         "the keys and values of words already said: they never change.");
    parameters_free(&parameters);
    return lesson_end(&lesson, compare_end(&comparison));
}
