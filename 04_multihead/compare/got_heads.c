/* got_heads.c - HeduAI, "Visual Guide to Transformer Neural Networks", the episode on multi-head
 * attention: a map of who looks at whom for each head, and the same maps under the decoder's mask.
 * The video itself has no numbers to hold ours against; the sentence of seven words is in its
 * spirit.
 *
 * Beside: heduai Episode 2 - a sentence of seven words in the spirit of his: a map for each head
 * Beside: heduai Episode 3; karpathy 1:14:14 - the same maps under the decoder's mask: each row cut
 *     off and shared out anew
 */
#include "04_multihead/multihead.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { T = 7, E = 32, HEADS = 4 };

static const char *const WORDS[T] = {"when", "you", "play", "the", "game", "of", "thrones"};

/* The weights (1,H,T,T) of an untrained layer on random word vectors, everything from one seed. */
static Tensor *untrained_maps(uint64_t seed, Masks masks) {
    Random random;
    random_seed(&random, seed);
    Parameters parameters = {0};
    const MultiheadAttention m =
        multihead_new(&parameters, "", (MultiheadConfig){.d_model = E, .nhead = HEADS}, &random);
    Tensor *x = TENSOR(1, T, E), *weights;
    random_fill_normal(&random, x->data, x->size, 0, 1);
    multihead_forward(&m, x, x, masks, NULL, &weights);
    parameters_free(&parameters);
    return weights;
}

/* The largest distance of a row's sum from 1, and the largest weight above the diagonal. */
static void check_maps(const Tensor *weights, double *off_one, double *future) {
    *off_one = *future = 0;
    for (int row = 0; row < HEADS * T; row++) {
        double sum = 0;
        for (int s = 0; s < T; s++) {
            const double weight = (double)weights->data[row * T + s];
            sum += weight;
            // The maps stand below each other: row % T is the word that looks.
            if (s > row % T) *future = fmax(*future, weight);
        }
        *off_one = fmax(*off_one, fabs(sum - 1));
    }
}

static void draw(const char *out, const Tensor *full, const Tensor *masked) {
    PlotMap maps[2 * HEADS];
    char titles[2 * HEADS][32];
    for (int i = 0; i < 2 * HEADS; i++) {
        snprintf(titles[i], sizeof titles[i], "head %d%s", i % HEADS, i < HEADS ? "" : ", masked");
        maps[i] = (PlotMap){.title = titles[i],
                            .data = (i < HEADS ? full : masked)->data + i % HEADS * T * T,
                            .rows = T,
                            .cols = T,
                            .row_labels = WORDS,
                            .col_labels = WORDS};
    }
    plot_heatmap_grid(&(Picture){.name = "got_heads",
                                 .directory = out,
                                 .title = "Four untrained heads, without and with a causal mask",
                                 .caption = "before training each head has other, faint likings; "
                                            "under the mask the first word has only itself",
                                 .value_max = 1},
                      maps, 2 * HEADS, HEADS, -1);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Seven words, four heads: the maps, full and masked.",
                         "build/04_multihead/got_heads"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};

    lesson_step(&lesson, "Encoder: every word sees every word");
    const Tensor *full = untrained_maps((uint64_t)lesson.common.seed, (Masks){0});
    print_heatmap("head 0", full->data, T, T, WORDS, WORDS, 2);
    print_heatmap("head 1", full->data + T * T, T, T, WORDS, WORDS, 2);
    double off_one, future;
    check_maps(full, &off_one, &future);
    compare_claim(&comparison, "every row of every head sums to 1", off_one < 1e-5);

    lesson_step(&lesson, "Decoder: no word sees what comes after it");
    const Tensor *masked = untrained_maps((uint64_t)lesson.common.seed, (Masks){.causal = true});
    print_heatmap("head 0", masked->data, T, T, WORDS, WORDS, 2);
    check_maps(masked, &off_one, &future);
    compare_claim(&comparison, "rows still sum to 1", off_one < 1e-5);
    compare_claim(&comparison, "nothing above the diagonal", future == 0);
    double off = 0; // masking a row is dividing what is left by its sum
    for (int row = 0; row < HEADS * T; row++) {
        double sum = 0;
        for (int s = 0; s <= row % T; s++) sum += (double)full->data[row * T + s];
        for (int s = 0; s <= row % T; s++)
            off = fmax(off, fabs((double)full->data[row * T + s] / sum -
                                 (double)masked->data[row * T + s]));
    }
    compare_claim(&comparison, "a masked row is the full row, cut off and made to sum to 1",
                  off < 1e-5);
    draw(lesson.common.out, full, masked);
    puts("\nThe mask goes into the scores before the softmax, so nothing else changes: what\n"
         "the future would have got is shared out among the past in proportion. And the\n"
         "mask is one for all heads: heads choose among what a word may see.");
    return lesson_end(&lesson, compare_end(&comparison));
}
