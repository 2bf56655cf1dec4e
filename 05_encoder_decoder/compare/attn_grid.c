/* attn_grid.c - TensorFlow's tutorial, "Create attention plots": a grid of 2 by 4 heads of the
 * decoder looking at the source. Here is one for every kind of attention.
 *
 * Beside: tensorflow Create attention plots; annotated Decoder Self Attention; annotated Decoder
 *     Src Attention; annotated Encoder Self Attention - all heads of all layers for one sentence,
 *     drawn into build/figures/
 */
#include "05_encoder_decoder/lab/phrases.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 300, HEADS = PHRASE_HEADS, LAYERS = PHRASE_LAYERS, PANELS = LAYERS * HEADS };

/* The words that a side's places read; the decoder's begin with <s>. */
static void labels(const Phrase *phrase, const char *source[], const char *input[],
                   const char *target[]) {
    const SentencePair *p = &phrase->pair;
    for (int s = 0; s <= p->src_length; s++)
        source[s] = phrase_english(s < p->src_length ? p->src[s] : TOKEN_EOS);
    for (int t = 0; t <= p->tgt_length; t++) {
        target[t] = phrase_french(t < p->tgt_length ? p->tgt[t] : TOKEN_EOS);
        // The decoder reads what it has said so far: its input is the target, one place later.
        input[t] = t > 0 ? target[t - 1] : phrase_french(TOKEN_BOS);
    }
}

/* Draws a grid, a row for each layer and a column for each head, of maps (LAYERS)(1,HEADS,R,C). */
static void draw(const Picture *picture, Tensor *const *layers, const char *const *rows,
                 const char *const *cols) {
    char titles[PANELS][32];
    PlotMap maps[PANELS];
    const size_t R = (size_t)layers[0]->shape[2], C = (size_t)layers[0]->shape[3];
    for (size_t i = 0; i < PANELS; i++) {
        snprintf(titles[i], sizeof titles[i], "layer %zu head %zu", i / HEADS, i % HEADS);
        const real *data = layers[i / HEADS]->data + i % HEADS * R * C;
        maps[i] = (PlotMap){.title = titles[i],
                            .data = data,
                            .rows = R,
                            .cols = C,
                            .row_labels = rows,
                            .col_labels = cols};
    }
    plot_heatmap_grid(picture, maps, PANELS, HEADS, -1);
}

/* The largest departure from 1 of a row's sum, and the largest weight above the diagonal. */
static void check_rows(Tensor *const *layers, double *off_sum, double *future) {
    for (int l = 0; l < LAYERS; l++) {
        const int R = layers[l]->shape[2], C = layers[l]->shape[3];
        for (int r = 0; r < HEADS * R; r++) {
            double sum = 0;
            for (int c = 0; c < C; c++) {
                sum += (double)layers[l]->data[r * C + c];
                if (c > r % R) *future = fmax(*future, (double)layers[l]->data[r * C + c]);
            }
            *off_sum = fmax(*off_sum, fabs(sum - 1));
        }
    }
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Every head of every attention of a trained model, as grids of heat-maps.",
                         "build/05_encoder_decoder/attn_grid"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Phrase *phrases = memory_alloc(PHRASE_COUNT * sizeof *phrases);
    phrases_make(phrases);
    Transformer *model = phrases_model((uint64_t)lesson.common.seed);
    phrases_train(model, phrases, STEPS, (uint64_t)lesson.common.seed);

    const Phrase *phrase = phrase_find(phrases, "I always help him");
    const char *source[PHRASE_LENGTH], *input[PHRASE_LENGTH], *target[PHRASE_LENGTH];
    labels(phrase, source, input, target);
    Tensor *encoder[LAYERS], *decoder[LAYERS], *cross[LAYERS];
    AttentionWeights weights = {encoder, decoder, cross};
    graph_reset(graph_current());
    const Batch batch = teacher_batch(&phrase->pair, 1);
    transformer_forward(model, &batch, &weights);
    printf("I always help him -> je l' aide toujours\n"
           "through %d + %d layers of %d heads: %d maps.\n\n",
           LAYERS, LAYERS, HEADS, 3 * PANELS);

    Picture picture = {.name = "heads_cross",
                       .directory = lesson.common.out,
                       .title = "Cross-attention: what each place to be said reads",
                       .caption = "rows say the French word, columns are English; no head is an "
                                  "alignment alone, their average nearly is (make "
                                  "05/alignment_table)",
                       .height = 470};
    draw(&picture, cross, target, source);
    picture.name = "heads_decoder";
    picture.title = "Decoder self-attention: what has been said so far";
    picture.caption = "the upper right is empty in every head: the causal mask";
    draw(&picture, decoder, input, input);
    picture.name = "heads_encoder";
    picture.title = "Encoder self-attention: the English sentence and itself";
    picture.caption = "every word may look at every word";
    draw(&picture, encoder, source, source);

    double off_sum = 0, future = 0, unused = 0;
    check_rows(encoder, &off_sum, &unused);
    check_rows(cross, &off_sum, &unused);
    check_rows(decoder, &off_sum, &future);
    putchar('\n');
    compare_claim(&comparison, "every row of every map sums to 1, to 1e-6", off_sum < 1e-6);
    compare_claim(&comparison, "the decoder's maps have no weight on the future", !(future > 0));
    transformer_free(model);
    free(phrases);
    return lesson_end(&lesson, compare_end(&comparison));
}
