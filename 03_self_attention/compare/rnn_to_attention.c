/* rnn_to_attention.c - Justin Johnson, lectures 12 and 13: why an RNN needed attention. One RNN
 * reads a string, another writes it backwards. Either all that passes between them is one vector,
 * or the writer may look back at every state of the reader.
 *
 * Beside: johnson Lecture 13 - one vector between two RNNs, then attention instead: strings
 *     reversed, by their length
 * Beside: paper 1 - what "recurrent models" had to carry in one vector, and attention added to one
 * Beside: bloem Why is it called self-attention?; neptune - what attention was first added to, and
 *     what it mended
 */
#include "03_self_attention/lab/seq2seq.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>
#include <stdlib.h>

enum { V = 10, H = 48, LONGEST = 16, LENGTHS = 20, STRINGS = 200, SHOWN = 12 };

static const char *const NAME[2] = {"one vector", "with attention"};

/* The attention (SHOWN,SHOWN) while the model reverses one string: row t is the writer's step t. */
static void look(const Seq2Seq *model, Random *random, real *map) {
    int src[SHOWN], tgt[SHOWN];
    Tensor *weights[SHOWN];
    graph_reset(graph_current());
    reversal_batch(random, V, 1, SHOWN, src, tgt);
    seq2seq_forward(model, src, 1, SHOWN, NULL, SHOWN, weights);
    for (int t = 0; t < SHOWN; t++) memcpy(map + t * SHOWN, weights[t]->data, SHOWN * sizeof *map);
}

/* The share of steps t that look most at the letter they must write, SHOWN - 1 - t. */
static double aligned(const real *map) {
    int right = 0;
    for (int t = 0; t < SHOWN; t++)
        right += abs(vector_argmax(map + t * SHOWN, SHOWN) - (SHOWN - 1 - t)) <= 1;
    return (double)right / SHOWN;
}

static void draw(const CommonOptions *common, real curve[2][LENGTHS], const real *map) {
    static real length[LENGTHS];
    for (int i = 0; i < LENGTHS; i++) length[i] = (real)(i + 1);
    const PlotSeries lines[] = {
        {.name = NAME[0], .x = length, .y = curve[0], .count = LENGTHS, .points = true},
        {.name = NAME[1], .x = length, .y = curve[1], .count = LENGTHS, .points = true}};
    const Picture accuracy = {
        .name = "rnn_to_attention",
        .directory = common->out,
        .title = "Strings over 10 letters reversed, trained on lengths 2 to 16",
        .caption = "through one vector short strings come back, long ones do not, "
                   "after this much training; with attention length costs "
                   "nothing until 16",
        .x_label = "length of the string",
        .y_label = "whole strings right",
        .x_min = 1,
        .x_max = LENGTHS,
        .y_min = 0,
        .y_max = 1.02};
    plot_lines(&accuracy, lines, 2);
    const PlotMap attention = {.data = map, .rows = SHOWN, .cols = SHOWN};
    const Picture picture = {.name = "rnn_to_attention_map",
                             .directory = common->out,
                             .title = "Where the writer looks while it reverses 12 letters",
                             .caption = "the dark line runs from the last letter to the first: "
                                        "nobody told it to",
                             .x_label = "letter read",
                             .y_label = "letter written",
                             .value_label = "weight",
                             .value_min = 0,
                             .value_max = 1};
    plot_heatmap(&picture, &attention, -1);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {
        "An RNN reverses strings through one vector, and with attention. Slow: 20 s.",
        "build/03_self_attention/rnn_to_attention"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    static real curve[2][LENGTHS], map[SHOWN * SHOWN];
    Comparison comparison = {0};
    lesson_step(&lesson, "A string in, the same backwards out: 48 numbers between");
    for (int attends = 0; attends < 2; attends++) {
        Random random;
        // The same seed: the two see the same strings and begin with the same RNNs.
        random_seed(&random, (uint64_t)lesson.common.seed);
        Parameters parameters = {0};
        const Seq2Seq model = seq2seq_new(&parameters, attends, V, H, &random);
        const Seq2SeqTraining training = {
            .steps = 2500, .batch = 64, .shortest = 2, .longest = LONGEST, .lr = 0.003};
        printf("training \"%s\", %zu numbers, 2500 batches of 64 ...\n", NAME[attends],
               parameters_size(&parameters));
        fflush(stdout);
        seq2seq_train(&model, &parameters, &training, &random);
        for (int i = 0; i < LENGTHS; i++)
            curve[attends][i] = (real)seq2seq_accuracy(&model, &random, STRINGS, i + 1);
        if (attends) look(&model, &random, map);
        parameters_free(&parameters);
    }
    lesson_step(&lesson, "Whole strings reversed without a mistake, of 200 each");
    printf("  length    %s  %s\n", NAME[0], NAME[1]);
    for (int i = 1; i < LENGTHS; i += 3)
        printf("  %6d    %8.0f %%  %12.0f %%%s\n", i + 1, 100 * (double)curve[0][i],
               100 * (double)curve[1][i], i + 1 > LONGEST ? "  longer than any seen" : "");
    print_heatmap("where it looks: row, letter written; column, letter read", map, SHOWN, SHOWN,
                  NULL, NULL, -1);
    draw(&lesson.common, curve, map);
    printf("The writer's state is the query, the reader's states are keys and values. Leave\n"
           "the RNNs out and let every token ask every other, and you have this chapter.\n");
    compare_claim(&comparison, "up to 6 letters one vector is enough (95 %)",
                  (double)curve[0][5] > .95);
    compare_claim(&comparison, "at 16 letters it is not (under 25 %)", (double)curve[0][15] < .25);
    compare_claim(&comparison, "attention still gets most of 16 right (over 60 %)",
                  (double)curve[1][15] > .6);
    compare_claim(&comparison, "it looks where it must, within a letter (over 80 %)",
                  aligned(map) > .8);
    return lesson_end(&lesson, compare_end(&comparison));
}
