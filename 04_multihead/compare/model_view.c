/* model_view.c - bertviz, model view: the maps of all layers and heads at a glance, for a trained
 * model of two layers with four heads each.
 *
 * Beside: bertviz Model view; annotated Encoder Self Attention - all layers by all heads, and which
 *     of them matter
 */
#include "04_multihead/lab/pronoun.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/vector.h"

#include <stdio.h>

enum { LAYERS = 2, HEADS = 4, STEPS = 1500 };

/* The maps (LAYERS*HEADS) of one sentence, kept in the graph until its reset. */
static void make_maps(const QuestionModel *model, const Question *question, const char **words,
                      char titles[][32], PlotMap *maps) {
    const int T = question->length;
    Tensor *weights[LAYERS];
    graph_reset(graph_current());
    question_model_forward(model, question, 1, weights);
    for (int t = 0; t < T; t++) words[t] = sentence_word(question->ids[t]);
    for (int i = 0; i < LAYERS * HEADS; i++) {
        snprintf(titles[i], sizeof titles[i], "layer %d, head %d", i / HEADS, i % HEADS);
        maps[i] = (PlotMap){.title = titles[i],
                            .data = weights[i / HEADS]->data + i % HEADS * T * T,
                            .rows = (size_t)T,
                            .cols = (size_t)T,
                            .row_labels = words,
                            .col_labels = words};
    }
}

/* The word that the row of `it` looks at most, and how much. */
static int favourite(const PlotMap *map, int it, double *weight) {
    const real *row = map->data + (size_t)it * map->cols;
    const int best = vector_argmax(row, map->cols);
    *weight = (double)row[best];
    return best;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"bertviz's model view: layers by heads.", "build/04_multihead/model_view"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};

    lesson_step(&lesson, "Train two layers of four heads to say what \"it\" is");
    PronounSentences sentences = pronoun_sentences();
    QuestionModel *model =
        pronoun_train(&sentences, LAYERS, HEADS, STEPS, (uint64_t)lesson.common.seed);
    const double accuracy =
        question_model_accuracy(model, sentences.held_out, sentences.held_out_count);
    printf("Held-out sentences right: %.0f %%\n", 100 * accuracy);
    compare_claim(&comparison, "it generalises to sentences it never saw", accuracy > 0.95);

    lesson_step(&lesson, "Eight maps of one sentence");
    const Question question = pronoun_published(1);
    const char *words[QUESTION_LENGTH];
    char titles[LAYERS * HEADS][32];
    PlotMap maps[LAYERS * HEADS];
    make_maps(model, &question, words, titles, maps);
    plot_heatmap_grid(&(Picture){.name = "model_view",
                                 .directory = lesson.common.out,
                                 .title = "Model view: every layer, every head",
                                 .caption = "rows look, columns are looked at; a dark column is a "
                                            "word that nearly everybody looks at",
                                 .width = 1100,
                                 .height = 640,
                                 .value_max = 1},
                      maps, LAYERS * HEADS, HEADS, -1);
    puts("               \"it\" looks most at          sentences right\n"
         "  layer  head  word   place  weight  with this head silenced");
    for (int i = 0; i < LAYERS * HEADS; i++) {
        make_maps(model, &question, words, titles, maps);
        double weight;
        const int best = favourite(&maps[i], question.asked, &weight);
        printf("  %5d  %4d  %-7s %4d  %6.2f %15.0f %%\n", i / HEADS, i % HEADS, words[best], best,
               weight, 100 * pronoun_accuracy_without(model, &sentences, i / HEADS, i % HEADS));
    }
    puts("\nThe last column is what the picture cannot tell: how many of the held-out\n"
         "sentences are still right without this head. Some heads matter, some can go.");
    question_model_free(model);
    pronoun_sentences_free(&sentences);
    return lesson_end(&lesson, compare_end(&comparison));
}
