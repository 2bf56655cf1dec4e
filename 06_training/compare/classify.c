/* classify.c - Bloem, "Classification transformer" (IMDb: is a review good or bad?), and Canziani's
 * notebook 15-transformer, which does the same: an encoder, averaged over its places. The text here
 * is of a grammar in which the order of the words decides, and a bag of words is what fails.
 *
 * Beside: bloem Classification transformer; bloem Output: producing a classification - the encoder
 *     trained, its accuracy epoch by epoch beside a bag of words, which stays at a half
 * Beside: bloem Input: using the positions - the same encoder without positions: it combines words
 *     and cannot tell their order
 * Beside: canziani - his classifier, of width 32 with 2 heads, but of two layers, on sentences in
 *     which the order of the words matters
 */
#include "06_training/lab/classifier.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>

enum { TRAINED = 4000, TESTED = 1200, EPOCHS = 10, LAYERS = 2, MODELS = CLASSIFIER_KINDS };

static const char *const model_name[MODELS] = {"bag of words", "encoder, no positions", "encoder"};
static const char *const pattern_name[OPINION_PATTERNS] = {
    "it was good",   "it was not good",  "good , not bad",
    "everybody / i", "used to be / now", "i go there for ..."};

/* validation accuracy after each epoch in Canziani's notebook, on IMDb; Bloem's page says "about
 * 85 %" (repository former, experiments/classify.py). */
static const double canziani[EPOCHS] = {.662, .739, .792, .822, .833, .846, .858, .861, .857, .861};

typedef struct {
    Classifier *model[MODELS];
    real accuracy[MODELS][EPOCHS + 1]; // before the first epoch, and after each
    real right[MODELS][OPINION_PATTERNS];
} Results;

/* ---- What is printed ------------------------------------------------------------------------- */

static void print_twins(const Opinion *tested) {
    char text[256];
    bool shown[OPINION_PATTERNS] = {false};
    for (int i = 0; i < TESTED; i++) {
        Opinion twin;
        if (shown[tested[i].pattern] || tested[i].length > 15) continue;
        shown[tested[i].pattern] = true;
        printf("  %-4s  %s\n", tested[i].label ? "good" : "bad", opinions_text(&tested[i], text));
        if (opinions_twin(&tested[i], &twin))
            printf("  %-4s  %s\n", twin.label ? "good" : "bad", opinions_text(&twin, text));
    }
}

static void print_epochs(const Results *r) {
    puts("  epoch  bag of words  encoder, no positions  encoder   Canziani, on IMDb");
    for (int epoch = 0; epoch <= EPOCHS; epoch++) {
        printf("  %5d  %12.3f  %21.3f  %7.3f", epoch, (double)r->accuracy[0][epoch],
               (double)r->accuracy[1][epoch], (double)r->accuracy[2][epoch]);
        if (epoch > 0) printf("   %17.3f", canziani[epoch - 1]);
        puts("");
    }
}

static void print_patterns(const Results *r) {
    puts("                      bag of words  encoder, no positions  encoder");
    for (int p = 0; p < OPINION_PATTERNS; p++)
        printf("  %-18s  %12.3f  %21.3f  %7.3f\n", pattern_name[p], (double)r->right[0][p],
               (double)r->right[1][p], (double)r->right[2][p]);
}

/* The probability of "good" that the model gives. */
static double goodness(const Classifier *model, const char *text) {
    const Opinion opinion = opinions_of(text);
    graph_reset(graph_current());
    return (double)op_softmax(classifier_forward(model, &opinion, 1, NULL))->data[1];
}

/* ---- Pictures -------------------------------------------------------------------------------- */

static void draw_epochs(const char *out, const Results *r) {
    PlotSeries series[MODELS];
    for (int m = 0; m < MODELS; m++)
        series[m] = (PlotSeries){
            .name = model_name[m], .y = r->accuracy[m], .count = EPOCHS + 1, .points = true};
    plot_lines(&(Picture){.name = "classify",
                          .directory = out,
                          .title = "Good or bad? Sentences never trained on",
                          .caption = "counting words stays at a coin's half; combining them "
                                     "without their order gains what has no twin; with it, five "
                                     "of the six patterns are learned",
                          .x_label = "epoch",
                          .y_label = "share labelled right",
                          .y_min = 0.4,
                          .y_max = 1.02},
               series, MODELS);
}

/* The first layer on a sentence, the mean of its heads. */
static void draw_attention(const char *out, const Classifier *model) {
    enum { S = 7 };
    const Opinion opinion = opinions_of("the soup was good , not bad");
    const char *labels[S];
    real mean[S * S] = {0};
    Tensor *weights[LAYERS];
    graph_reset(graph_current());
    classifier_forward(model, &opinion, 1, weights); // weights (1,2,S,S)
    for (int k = 0; k < 2 * S * S; k++) mean[k % (S * S)] += weights[0]->data[k] / 2;
    for (int s = 0; s < S; s++) labels[s] = opinions_word(opinion.ids[s]);
    const PlotMap map = {
        .data = mean, .rows = S, .cols = S, .row_labels = labels, .col_labels = labels};
    plot_heatmap(&(Picture){.name = "classify_attention",
                            .directory = out,
                            .title = "The first layer: which word looks at which",
                            .caption = "from nearly everywhere the first layer looks at \"not\", "
                                       "the word on which the label turns"},
                 &map, 2);
}

/* ---- The program ----------------------------------------------------------------------------- */

static void train_all(Results *r, const Opinion *trained, const Opinion *tested, uint64_t seed) {
    for (int m = 0; m < MODELS; m++) {
        r->model[m] = classifier_new((ClassifierKind)m, LAYERS, seed);
        classifier_train(r->model[m], trained, TRAINED, tested, TESTED, EPOCHS, seed,
                         r->accuracy[m]);
        classifier_accuracy(r->model[m], tested, TESTED, r->right[m]);
    }
}

static void ask(const Results *r) {
    static const char *const asked[] = {
        "the soup was good , not bad",
        "the soup was bad , not good",
        "i would not say that the soup was terrible",
        "everybody finds the wine great , i find it awful",
        "i find the wine great , everybody finds it awful",
        "the food was bad but the view was good , and i go there for the view",
        "the food was bad but the view was good , and i go there for the food"};
    puts("\nHow probable each model finds \"good\":\n\n"
         "  bag  no pos.  encoder");
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++)
        printf("  %.2f  %6.2f  %7.2f  %s\n", goodness(r->model[0], asked[i]),
               goodness(r->model[1], asked[i]), goodness(r->model[2], asked[i]), asked[i]);
}

static void judge(Comparison *comparison, const Results *r) {
    double twins[MODELS] = {0}, least = 1;
    for (int m = 0; m < MODELS; m++)
        for (int p = OPINION_BOTH; p < OPINION_PATTERNS; p++)
            twins[m] += (double)r->right[m][p] / (OPINION_PATTERNS - OPINION_BOTH);
    for (int p = 0; p < OPINION_WHICH; p++)
        least = fmin(least, (double)r->right[CLASSIFIER_ENCODER][p]);
    puts("");
    compare_claim(comparison, "a bag of words does little better than a coin, below .65",
                  (double)r->accuracy[CLASSIFIER_BAG][EPOCHS] < 0.65);
    compare_claim(comparison, "without positions it learns what \"not\" does: above .95",
                  (double)r->right[CLASSIFIER_NO_POSITIONS][OPINION_NOT] > 0.95);
    compare_claim(comparison, "and guesses between twins, as the bag does: .4 to .6",
                  fabs(twins[CLASSIFIER_NO_POSITIONS] - 0.5) < 0.1 &&
                      fabs(twins[CLASSIFIER_BAG] - 0.5) < 0.1);
    compare_claim(comparison, "the encoder gets above .95 of each of the first five patterns",
                  least > 0.95);
    compare_claim(comparison, "and none of the sixth: .4 to .6",
                  fabs((double)r->right[CLASSIFIER_ENCODER][OPINION_WHICH] - 0.5) < 0.1);
    puts("\nThe sixth takes two steps: which thing is named at the end, and which adjective\n"
         "stands beside it further up. 4,000 sentences do not lead the encoder there.");
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"An encoder that labels sentences good or bad, beside a bag of words. "
                         "Slow: about 10 seconds.",
                         "build/06_training/classify"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    static Opinion trained[TRAINED], tested[TESTED];
    static Results results;
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    opinions_draw(trained, TRAINED, false, &random);
    opinions_draw(tested, TESTED, true, &random);

    lesson_step(&lesson, "The same words, another order, the opposite label");
    printf("%d sentences to learn from, %d to be tested on. In a tested one the thing and\n"
           "the adjective have never been together. Some of them, with their twins:\n\n",
           TRAINED, TESTED);
    print_twins(tested);

    lesson_step(&lesson, "Three models");
    printf("All average the vectors of a sentence's words and make two scores of the mean:\n"
           "the bag of words at once, the encoders after %d layers (width 32, 2 heads).\n"
           "The share of the tested sentences that gets the right label:\n\n",
           LAYERS);
    train_all(&results, trained, tested, (uint64_t)lesson.common.seed);
    print_epochs(&results);
    puts("\nHis column is of another text, 25,000 real reviews of films: only the course can\n"
         "be compared. There counting words goes far, since most reviews say\n"
         "\"great\" or \"awful\" and mean it. Bloem's page reports about 85 % there.");
    draw_epochs(lesson.common.out, &results);

    lesson_step(&lesson, "Which sentences");
    print_patterns(&results);
    ask(&results);
    draw_attention(lesson.common.out, results.model[CLASSIFIER_ENCODER]);
    judge(&comparison, &results);
    for (int m = 0; m < MODELS; m++) classifier_free(results.model[m]);
    return lesson_end(&lesson, compare_end(&comparison));
}
