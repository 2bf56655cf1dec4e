// Wikipedia, "Attention (machine learning)": I love you -> je t'aime as a table; Garg et al. 2019:
// which layer's attention is an alignment, as an error rate.
#include "05_encoder_decoder/phrases.h"
#include "common/lesson.h"
#include "common/plot.h"
#include "common/print.h"

#include <stdio.h>
#include <stdlib.h>

enum { STEPS = 300, HEADS = PHRASE_HEADS, LAYERS = PHRASE_LAYERS };

/* AER = 1 - (|A and S| + |A and P|) / (|A| + |S|), links as bits: sure ones S, possible ones P
 * (which include S), proposed ones A. */
static double alignment_error_rate(unsigned a, unsigned s, unsigned p) {
    int hits = 0, size = 0;
    for (int i = 0; i < 32; i++) {
        hits += (int)((a & s) >> i & 1u) + (int)((a & p) >> i & 1u);
        size += (int)(a >> i & 1u) + (int)(s >> i & 1u);
    }
    return 1 - (double)hits / size;
}

/* Garg's formula on four source and four target words; link (i,j) is bit 4 i + j. */
static void toy(Comparison *comparison) {
    const unsigned sure = 1u << 0 | 1u << 5 | 1u << 10, possible = sure | 1u << 11;
    const unsigned found = 1u << 0 | 1u << 5 | 1u << 11 | 1u << 15;
    compare_value(comparison, "S 00 11 22, P + 23, A 00 11 23 33", 0.2857,
                  alignment_error_rate(found, sure, possible), 4, 0.00005);
}

static int largest_of(const real *row, int count) {
    int best = 0;
    for (int i = 1; i < count; i++)
        if (row[i] > row[best]) best = i;
    return best;
}

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
                    wrong[l][h] += largest_of(row, S) != phrases[i].origin[t];
                }
        }
        links += T - 1;
    }
    for (int i = 0; i < LAYERS * (HEADS + 1); i++)
        error[i] = (real)(wrong[i / (HEADS + 1)][i % (HEADS + 1)] / links);
}

/* The table of one phrase from the layer and head (HEADS: the average) that align best. Returns
 * whether each word's largest weight is on its origin. */
static bool show(const Transformer *model, const Phrase *phrase, int layer, int head,
                 const char *directory) {
    Tensor *cross[LAYERS];
    phrases_cross_attention(model, phrase, cross);
    const int T = cross[0]->shape[2], S = cross[0]->shape[3];
    real table[PHRASE_LENGTH * PHRASE_LENGTH];
    average_heads(cross[layer], table);
    if (head < HEADS)
        memcpy(table, cross[layer]->data + head * T * S, sizeof(real) * (size_t)(T * S));
    const char *rows[PHRASE_LENGTH], *cols[PHRASE_LENGTH];
    bool right = true;
    for (int t = 0; t < T; t++) {
        rows[t] = phrase_french(t < T - 1 ? phrase->pair.tgt[t] : END);
        right = right && (t == T - 1 || largest_of(table + t * S, S) == phrase->origin[t]);
    }
    for (int s = 0; s < S; s++) cols[s] = phrase_english(s < S - 1 ? phrase->pair.src[s] : END);
    print_heatmap("attention", table, (size_t)T, (size_t)S, rows, cols, 2);
    if (directory)
        plot_heatmap(&(Picture){.name = "alignment_i_love_you",
                                .directory = directory,
                                .title = "I love you → je t' aime",
                                .caption = "t' looks at you and aime at love: the bright cells "
                                           "cross, because French puts the pronoun first",
                                .x_label = "read",
                                .y_label = "to be said",
                                .width = 480,
                                .height = 380},
                     &(PlotMap){NULL, table, (size_t)T, (size_t)S, rows, cols}, 2);
    return right;
}

int main(int argc, char **argv) {
    const Usage usage = {"Wikipedia's alignment table beside ours, and alignment error rates.",
                         "build/05_encoder_decoder/alignment_table"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Graph *graph = graph_new();
    graph_use(graph);
    Phrase *phrases = memory_alloc(PHRASE_COUNT * sizeof *phrases);
    phrases_make(phrases);
    Transformer *model = phrases_model((uint64_t)lesson.common.seed);
    const double loss = phrases_train(model, phrases, STEPS, (uint64_t)lesson.common.seed);
    const double unseen = phrases_accuracy(model, phrases, true);
    printf(
        "744 phrases, a fifth held out (\"I love you\" too); %d + %d layers, %d steps: loss %.3f,\n"
        "translations of the held-out phrases without a mistake: %.1f %%\n\n",
        LAYERS, LAYERS, STEPS, loss, 100 * unseen);

    puts("Alignment error rate, each word linked to the one it looks at most:\n");
    real error[LAYERS * (HEADS + 1)];
    measure(model, phrases, error);
    const char *const columns[] = {"head 0", "head 1", "head 2", "head 3", "average"};
    const char *const layers[] = {"layer 0", "layer 1"};
    print_heatmap("AER", error, LAYERS, HEADS + 1, layers, columns, 3);
    int best = 0;
    for (int i = 1; i < LAYERS * (HEADS + 1); i++)
        if (error[i] < error[best]) best = i;
    printf("\nThe best is layer %d, %s. Wikipedia's table for this sentence puts nearly all of\n"
           "each row on one word: je on I, t' on you, aime on love. (Its decimals could not\n"
           "be checked against the article, so only the pattern is held.) Ours:\n\n",
           best / (HEADS + 1), columns[best % (HEADS + 1)]);
    const int layer = best / (HEADS + 1), head = best % (HEADS + 1);
    const bool right =
        show(model, phrase_find(phrases, "I love you"), layer, head, lesson.common.out);
    puts("\nand a longer one, where the adverb crosses as well:\n");
    show(model, phrase_find(phrases, "I always help him"), layer, head, NULL);
    putchar('\n');
    toy(&comparison);
    compare_claim(&comparison, "je, t', aime look at I, you, love", right);
    compare_claim(&comparison, "held-out phrases come out right (> 95 %)", unseen > 0.95);
    compare_claim(&comparison, "the average of a layer aligns better than any single head",
                  best % (HEADS + 1) == HEADS);
    puts("\nThat is Garg's finding on real text, too: average a layer's heads, and translation\n"
         "has taught alignment without being asked. A verb looks at its subject as well: its\n"
         "ending depends on it. An alignment is not all that attention is for.");
    transformer_free(model);
    free(phrases);
    graph_use(NULL);
    graph_free(graph);
    return compare_end(&comparison);
}
