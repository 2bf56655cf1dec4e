/* mary_susan.c - Peter Bloem, "Transformers from scratch", where several heads come in: "mary gave
 * roses to susan". What "gave" can know with one head and with two, with positions and without.
 *
 * Beside: bloem 3) Multi-head attention - his example: what "gave" knows with one head and two,
 *     without positions and with them
 */
#include "04_multihead/lab/giving.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/vector.h"

#include <stdio.h>

enum { STEPS = 400, T = GIVING_WORDS, E = GIVING_WIDTH };

/* How far the model's answer at "gave" moves when mary and susan change places. */
static double moved_by_swapping(const GivingModel *model, uint64_t seed) {
    real x[2 * T * E];
    int answers[2 * GIVING_ANSWERS];
    GivingBatch batch = {.sentences = 1, .x = x, .answers = answers};
    Random random;
    random_seed(&random, seed);
    giving_sentences(&batch, &random);
    memcpy(x + T * E, x, T * E * sizeof *x);
    // The second sentence is the first with its first and last word exchanged.
    memcpy(x + T * E, x + (T - 1) * E, E * sizeof *x);
    memcpy(x + (2 * T - 1) * E, x, E * sizeof *x);
    batch.sentences = 2;
    graph_reset(graph_current());
    const real *scores = giving_forward(model, &batch, NULL)->data;
    return vector_max_difference(scores, scores + 2 * GIVING_ANSWERS, 2 * GIVING_ANSWERS);
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
                         .caption = "heads fetch two numbers, positions say whose is whose; either "
                                    "alone is not enough",
                         .y_label = "digits right, %",
                         .y_max = 110},
              LABELS, 2, series, 2, 0);
}

/* One head, with positions, trained three times as long: fresh numbers, or so many fixed names. */
static double one_head(int names, uint64_t seed) {
    GivingModel *model = giving_new(1, false, seed);
    model->names = names;
    real unused[2];
    const double accuracy = giving_train(model, 3 * STEPS, 3 * STEPS, seed + 100, unused);
    giving_free(model);
    return accuracy;
}

static void fixed_names(Lesson *lesson, Comparison *comparison) {
    lesson_step(lesson, "Why fresh numbers, and not ten names?");
    const double fresh = one_head(0, (uint64_t)lesson->common.seed);
    const double ten = one_head(10, (uint64_t)lesson->common.seed);
    printf("One head, three times as many steps. Digits right:\n\n"
           "  a number of one's own in every sentence  %3.0f %%\n"
           "  one of ten that never change             %3.0f %%\n\n"
           "It learns another weight for each of the ten, so that the blur of two betrays more\n"
           "about which two they were. That is learning by heart, and helps with no new name.\n\n",
           100 * fresh, 100 * ten);
    compare_claim(comparison, "with ten fixed names one head does better, and not well",
                  ten > fresh + 0.03 && ten < 0.97);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Bloem's sentence: what several heads mend, and what they do not.",
                         "build/04_multihead/mary_susan"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    const uint64_t seed = (uint64_t)lesson.common.seed;
    Comparison comparison = {0};

    lesson_step(&lesson, "mary gave roses to susan, susan gave roses to mary");
    puts("\"In a single self-attention operation, all this information just gets summed\n"
         "together\", says the post, and goes on to several heads. Exchange the two names\n"
         "in an untrained layer. How far does the output at \"gave\" move?\n");
    double moved[2][2];
    for (int i = 0; i < 4; i++) {
        GivingModel *model = giving_new(1 + i % 2, i < 2, seed);
        // Row: without positions, with them. Column: one head, two.
        moved[i / 2][i % 2] = moved_by_swapping(model, seed);
        giving_free(model);
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
    puts("Everyone carries eight binary digits, new in every sentence. At \"gave\", tell\n"
         "the giver's, then the receiver's. Digits right in fresh sentences:\n");
    real accuracy[2][2];
    for (int i = 0; i < 4; i++) {
        GivingModel *model = giving_new(1 + i % 2, i < 2, seed);
        real unused[2];
        accuracy[i / 2][i % 2] = (real)giving_train(model, STEPS, STEPS, seed + 100, unused);
        giving_free(model);
    }
    printf("                      one head  two heads\n"
           "  without positions  %7.0f %%  %7.0f %%\n  with positions     %7.0f %%  %7.0f %%\n\n",
           100 * (double)accuracy[0][0], 100 * (double)accuracy[0][1], 100 * (double)accuracy[1][0],
           100 * (double)accuracy[1][1]);
    compare_claim(&comparison, "with positions, two heads answer both", accuracy[1][1] > 0.99);
    compare_claim(&comparison, "nothing else does: less than 90 %",
                  accuracy[0][0] < 0.9 && accuracy[0][1] < 0.9 && accuracy[1][0] < 0.9);
    puts("\n75 % is one number known and the other guessed. Without positions a layer may\n"
         "see both numbers and not whose is whose: where digits differ, it guesses. With\n"
         "positions and one head there is one mean of two numbers, the more of the one the\n"
         "less of the other; it gains a little by looking now here, now there.");
    plot_table(lesson.common.out, accuracy);
    fixed_names(&lesson, &comparison);
    return lesson_end(&lesson, compare_end(&comparison));
}
