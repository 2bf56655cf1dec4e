// Peter Bloem, "Transformers from scratch": "mary gave roses to susan". What "gave" can know with
// one head and with two, with positions and without.
#include "04_multihead/giving.h"
#include "common/lesson.h"
#include "common/plot.h"

#include <stdio.h>

enum { WIDTH = 32, STEPS = 600 };

static QuestionModel *new_model(int nhead, bool no_positions, uint64_t seed) {
    return question_model_new((QuestionConfig){.vocab = sentence_word_count(),
                                               .answers = 2,
                                               .classes = GIVING_NAMES,
                                               .d_model = WIDTH,
                                               .nhead = nhead,
                                               .num_layers = 1,
                                               .no_positions = no_positions},
                              seed);
}

/* How far the model's answer at "gave" moves when mary and susan change places. */
static double moved_by_swapping(const QuestionModel *model) {
    Question question[2] = {{.length = 0}, {.length = 0}};
    sentence_parse("mary gave roses to susan", &question[0]);
    sentence_parse("susan gave roses to mary", &question[1]);
    graph_reset(graph_current());
    const real *logits = question_model_forward(model, question, 2, NULL)->data;
    double moved = 0;
    for (int i = 0; i < 2 * GIVING_NAMES; i++)
        moved = fmax(moved, fabs((double)logits[i] - (double)logits[2 * GIVING_NAMES + i]));
    return moved;
}

/* The share of fresh sentences with both names right, after training. */
static double trained_accuracy(QuestionModel *model, uint64_t seed) {
    Optimizer *optimizer =
        optimizer_new(&model->parameters, (AdamConfig){.beta1 = 0.9, .beta2 = 0.999, .eps = 1e-8});
    Random random;
    random_seed(&random, seed + 100);
    for (int step = 0; step < STEPS; step++) giving_step(model, optimizer, &random);
    optimizer_free(optimizer);
    return giving_accuracy(model, &random);
}

static void plot_table(const char *out, real accuracy[2][2]) {
    static const char *const LABELS[] = {"without positions", "with positions"};
    real bars[2][2];
    for (int i = 0; i < 4; i++) bars[i / 2][i % 2] = 100 * accuracy[i % 2][i / 2];
    const PlotSeries series[2] = {{.name = "one head", .y = bars[0], .count = 2},
                                  {.name = "two heads", .y = bars[1], .count = 2}};
    plot_bars(&(Picture){.name = "mary_susan",
                         .directory = out,
                         .title = "Who gave, and who received?",
                         .caption = "heads fetch two names, positions say which is which; either "
                                    "alone is not enough",
                         .y_label = "both names right, %",
                         .y_max = 110},
              LABELS, 2, series, 2, 0);
}

int main(int argc, char **argv) {
    const Usage usage = {"Bloem's sentence: what several heads mend, and what they do not.",
                         "build/04_multihead/mary_susan"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    const uint64_t seed = (uint64_t)lesson.common.seed;
    Graph *graph = graph_new();
    graph_use(graph);
    Comparison comparison = {0};

    lesson_step(&lesson, "mary gave roses to susan, susan gave roses to mary");
    puts("\"In a single self-attention operation, all this information just gets summed\n"
         "together\", says the post, and goes on to several heads. Exchange the two names\n"
         "in an untrained layer. How far does the output at \"gave\" move?\n");
    double moved[2][2];
    for (int i = 0; i < 4; i++) {
        QuestionModel *model = new_model(1 + i % 2, i < 2, seed);
        moved[i / 2][i % 2] = moved_by_swapping(model);
        question_model_free(model);
    }
    printf("                      one head  two heads\n"
           "  without positions  %9.6f  %9.6f\n  with positions     %9.6f  %9.6f\n\n",
           moved[0][0], moved[0][1], moved[1][0], moved[1][1]);
    compare_claim(&comparison, "one head, no positions: \"gave\" cannot tell", moved[0][0] < 1e-5);
    compare_claim(&comparison, "two heads, no positions: neither", moved[0][1] < 1e-5);
    puts("\nThe second line is not in the post, whose layer has no positions at that point:\n"
         "more heads alone do not mend the example. All heads together are still a sum\n"
         "over a bag of words.");

    lesson_step(&lesson, "So train all four");
    real accuracy[2][2];
    for (int i = 0; i < 4; i++) {
        QuestionModel *model = new_model(1 + i % 2, i < 2, seed);
        accuracy[i / 2][i % 2] = (real)trained_accuracy(model, seed);
        question_model_free(model);
    }
    printf("Both names right, of 500 fresh sentences:\n\n"
           "                      one head  two heads\n"
           "  without positions  %7.0f %%  %7.0f %%\n  with positions     %7.0f %%  %7.0f %%\n\n",
           100 * (double)accuracy[0][0], 100 * (double)accuracy[0][1], 100 * (double)accuracy[1][0],
           100 * (double)accuracy[1][1]);
    compare_claim(&comparison, "with positions, two heads answer both", accuracy[1][1] > 0.95);
    compare_claim(&comparison, "nothing else does",
                  accuracy[0][0] < 0.6 && accuracy[0][1] < 0.6 && accuracy[1][0] < 0.6);
    puts("\nWithout positions a layer may find both names and then has to guess who is who.\n"
         "With positions and one head it finds one name, or a blur of both. (A layer that\n"
         "is not linear could untangle a blur of two thirds and one third. This readout is\n"
         "linear and cannot: it sends the middle of two blurs to the middle.)");
    plot_table(lesson.common.out, accuracy);
    graph_free(graph);
    return compare_end(&comparison);
}
