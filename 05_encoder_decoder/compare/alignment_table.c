/* alignment_table.c - Wikipedia, "Attention (machine learning)": I love you -> je t'aime as a table
 * of weights. And Garg et al. 2019, "Jointly Learning to Align and Translate": which layer's
 * attention is an alignment, as an error rate.
 *
 * Beside: wikipedia Attention - its table for "I love you", je 0.94 0.02 0.04, beside a trained
 *     model's
 * Beside: garg - which layer's attention is an alignment, as an error rate, before anybody asks for
 *     it
 * Beside: annotated Decoder Src Attention - the error rate of each head as an alignment
 */
#include "05_encoder_decoder/lab/phrases.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 300, HEADS = PHRASE_HEADS, LAYERS = PHRASE_LAYERS };

/* average (T,S) <- the mean of a layer's heads */
static void average_heads(const Tensor *cross, real *average) {
    const int cells = cross->shape[2] * cross->shape[3];
    for (int i = 0; i < cells; i++) {
        average[i] = 0;
        for (int h = 0; h < HEADS; h++) average[i] += cross->data[h * cells + i] / HEADS;
    }
}

/* Over all held-out phrases: each target word is linked to the source word it looks at most, by
 * each head and by the average (the last column). Every word has one origin, so S = P and the error
 * rate is the share of wrong links. error is (LAYERS,HEADS+1). */
static void measure(const Transformer *model, const Phrase *phrases, real *error) {
    double wrong[LAYERS][HEADS + 1] = {{0}}, links = 0;
    for (int i = 0; i < PHRASE_COUNT; i++) {
        if (!phrases[i].held_out) continue;
        Tensor *cross[LAYERS];
        phrases_cross_attention(model, &phrases[i], cross);
        const int T = cross[0]->shape[2], S = cross[0]->shape[3];
        for (int l = 0; l < LAYERS; l++) {
            real average[PHRASE_LENGTH * PHRASE_LENGTH];
            average_heads(cross[l], average);
            for (int t = 0; t < T - 1; t++)
                for (int h = 0; h <= HEADS; h++) {
                    const real *row =
                        h < HEADS ? cross[l]->data + (h * T + t) * S : average + t * S;
                    // A head links a word to the one it looks at most; its true origin is known.
                    wrong[l][h] += vector_argmax(row, (size_t)S) != phrases[i].origin[t];
                }
        }
        links += T - 1;
    }
    for (int i = 0; i < LAYERS * (HEADS + 1); i++)
        error[i] = (real)(wrong[i / (HEADS + 1)][i % (HEADS + 1)] / links);
}

/* table (T,S) of one phrase, TOKEN_EOS on both sides, from the layer and head (HEADS: their
 * average). */
static void read_table(const Transformer *model, const Phrase *phrase, int layer, int head,
                       real *table) {
    Tensor *cross[LAYERS];
    phrases_cross_attention(model, phrase, cross);
    const size_t cells = (size_t)(cross[0]->shape[2] * cross[0]->shape[3]);
    average_heads(cross[layer], table);
    if (head < HEADS)
        memcpy(table, cross[layer]->data + (size_t)head * cells, cells * sizeof *table);
}

static void print_table(const Phrase *phrase, const real *table) {
    const char *rows[PHRASE_LENGTH], *cols[PHRASE_LENGTH];
    const SentencePair *p = &phrase->pair;
    const int T = p->tgt_length + 1, S = p->src_length + 1;
    for (int t = 0; t < T; t++) rows[t] = phrase_french(t < T - 1 ? p->tgt[t] : TOKEN_EOS);
    for (int s = 0; s < S; s++) cols[s] = phrase_english(s < S - 1 ? p->src[s] : TOKEN_EOS);
    print_heatmap("attention", table, (size_t)T, (size_t)S, rows, cols, 2);
}

/* "Attention (machine learning)": rows je, t', aime; columns I, love, you. */
static const double wikipedia[9] = {0.94, 0.02, 0.04, 0.11, 0.01, 0.88, 0.03, 0.95, 0.02};

/* The one-to-one alignment of three words with the largest sum of weights (3,3), as an index of the
 * six there are. */
static int best_alignment(const real *table) {
    static const int pairs[6][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    real sums[6] = {0};
    for (int i = 0; i < 6; i++)
        for (int t = 0; t < 3; t++) sums[i] += table[t * 3 + pairs[i][t]];
    return vector_argmax(sums, 6);
}

/* Wikipedia's table beside ours (4,4), of which the three words are taken and their weights brought
 * to a sum of 1, as there is no </s> there. Returns whether both align the same words. */
static bool beside(const real *ours, const char *directory) {
    static const char *const rows[] = {"je", "t'", "aime"}, *const cols[] = {"I", "love", "you"};
    real published[9], words[9];
    for (int t = 0; t < 3; t++) {
        // Our row has a fourth column, </s>: what is left of it is shared out among the words.
        const real sum = ours[t * 4] + ours[t * 4 + 1] + ours[t * 4 + 2];
        for (int s = 0; s < 3; s++) {
            published[t * 3 + s] = (real)wikipedia[t * 3 + s];
            words[t * 3 + s] = ours[t * 4 + s] / sum;
        }
    }
    print_heatmap("Wikipedia", published, 3, 3, rows, cols, 2);
    print_heatmap("ours, the words among themselves", words, 3, 3, rows, cols, 2);
    const PlotMap maps[] = {{.title = "Wikipedia",
                             .data = published,
                             .rows = 3,
                             .cols = 3,
                             .row_labels = rows,
                             .col_labels = cols},
                            {.title = "ours",
                             .data = words,
                             .rows = 3,
                             .cols = 3,
                             .row_labels = rows,
                             .col_labels = cols}};
    plot_heatmap_grid(&(Picture){.name = "alignment_i_love_you",
                                 .directory = directory,
                                 .title = "I love you → je t' aime",
                                 .caption = "t' looks at you and aime at love: the dark cells "
                                            "cross, because French puts the pronoun first",
                                 .y_label = "to be said",
                                 .value_min = 0,
                                 .value_max = 1,
                                 .width = 520,
                                 .height = 290},
                      maps, 2, 2, 2);
    return best_alignment(published) == best_alignment(words);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Wikipedia's alignment table beside ours, and alignment error rates.",
                         "build/05_encoder_decoder/alignment_table"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Phrase *phrases = memory_alloc(PHRASE_COUNT * sizeof *phrases);
    phrases_make(phrases);
    Transformer *model = phrases_model((uint64_t)lesson.common.seed);
    const double loss = phrases_train(model, phrases, STEPS, (uint64_t)lesson.common.seed);
    const double unseen = phrases_accuracy(model, phrases, true);
    printf("%d phrases, a fifth held out (\"I love you\" too); %d + %d layers, %d steps:\n"
           "loss %.3f, held-out phrases translated without a mistake: %.1f %%\n\n",
           PHRASE_COUNT, LAYERS, LAYERS, STEPS, loss, 100 * unseen);

    puts("Alignment error rate, each word linked to the one it looks at most:\n");
    real error[LAYERS * (HEADS + 1)];
    measure(model, phrases, error);
    const char *const columns[] = {"head 0", "head 1", "head 2", "head 3", "average"};
    const char *const layers[] = {"layer 0", "layer 1"};
    print_heatmap("AER", error, LAYERS, HEADS + 1, layers, columns, 3);
    int best = 0;
    for (int i = 1; i < LAYERS * (HEADS + 1); i++)
        if (error[i] < error[best]) best = i;
    const int layer = best / (HEADS + 1), head = best % (HEADS + 1);
    printf("\nThe best is layer %d, %s. What it reads while saying je t' aime:\n\n", layer,
           columns[head]);
    real table[PHRASE_LENGTH * PHRASE_LENGTH];
    const Phrase *phrase = phrase_find(phrases, "I love you");
    read_table(model, phrase, layer, head, table);
    print_table(phrase, table);
    puts("\nBeside the table in Wikipedia's article:\n");
    const bool agree = beside(table, lesson.common.out);
    puts("\nA longer one, where the adverb crosses as well:\n");
    phrase = phrase_find(phrases, "I always help him");
    read_table(model, phrase, layer, head, table);
    print_table(phrase, table);
    putchar('\n');
    compare_claim(&comparison, "one to one, je - I, t' - you, aime - love, as in Wikipedia", agree);
    compare_claim(&comparison, "held-out phrases come out right (> 95 %)", unseen > 0.95);
    compare_claim(&comparison, "the average of a layer aligns better than any single head",
                  best % (HEADS + 1) == HEADS);
    puts("\nThat is Garg's finding on real text, too: average a layer's heads, and\n"
         "translation has taught alignment without being asked. A verb looks at its\n"
         "subject as well: its ending depends on it. An alignment is not all that\n"
         "attention is for.");
    transformer_free(model);
    free(phrases);
    return lesson_end(&lesson, compare_end(&comparison));
}
