// The answers of chapter 5's quiz beside plain arithmetic on what the question says.
#include "common/kernels.h"
#include "tests/quiz_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Number i of x (count), brought to mean 0 and deviation 1. */
static double normalised(const double *x, int count, int i) {
    double mean = 0, variance = 0;
    for (int j = 0; j < count; j++) mean += x[j] / count;
    for (int j = 0; j < count; j++) variance += (x[j] - mean) * (x[j] - mean) / count;
    return (x[i] - mean) / sqrt(variance);
}

static double norm_by_hand(const QuizAsked *a) {
    return a->n[4] * normalised(a->n, 4, 3) + a->n[5];
}

static double norm_forgets(const QuizAsked *a) {
    return normalised(a->n + 6, 3, 0);
}

static double add_and_norm(const QuizAsked *a) {
    const double sum[] = {a->n[0] + a->n[2], a->n[1] + a->n[3]};
    return quiz_check_has(a, "pre-norm") ? sum[0] : normalised(sum, 2, 0);
}

/* <s> before the words to be said, and the last of them, </s>, left out. */
static double decoder_input(const QuizAsked *a) {
    char input[160] = "<s>  ";
    const char *said = strstr(a->text, "\n    ") + 5, *end = strstr(said, "  </s>");
    snprintf(input + 5, sizeof input - 5, "%.*s", (int)(end - said), said);
    return quiz_check_choice(a, input);
}

static double who_is_read(const QuizAsked *a) {
    return quiz_check_has(a, "self-attention") ? a->n[3] : a->n[0];
}

/* The words of the indented lines, and one place more for each line. */
static double loss_places(const QuizAsked *a) {
    int places = 0;
    for (const char *line = a->text; (line = strstr(line, "\n    ")); line += 5) {
        const char *end = line + 5 + strcspn(line + 5, "\n");
        places += 2;
        for (const char *at = line + 5; at < end; at++) places += *at == ' ';
    }
    return places;
}

static double shape(const QuizAsked *a) {
    const int B = (int)a->n[0], S = (int)a->n[1], T = (int)a->n[2], H = (int)a->n[3];
    if (quiz_check_has(a, "the logits")) return quiz_check_shape(3, (int[]){B, T, (int)a->n[4]});
    const bool encoder = quiz_check_has(a, "encoder's");
    return quiz_check_shape(4,
                            (int[]){B, H, encoder ? S : T, quiz_check_has(a, "decoder's") ? T : S});
}

static double what_changes(const QuizAsked *a) {
    return quiz_check_has(a, "the source. At") ? a->n[1] : a->n[1] - a->n[2] + 1;
}

static double embedding_rows(const QuizAsked *a) {
    const int read = (int)a->n[a->numbers - 1];
    int rows = 0;
    for (int t = 0; t < read; t++) {
        bool before = false;
        for (int s = 0; s < t; s++) before |= a->n[s] == a->n[t];
        rows += !before;
    }
    return rows;
}

static double layer_parameters(const QuizAsked *a) {
    const double E = a->n[0], F = a->n[2];
    const int attentions = quiz_check_has(a, "decoder") ? 2 : 1;
    return attentions * (4 * E * E + 4 * E) + (2 * E * F + F + E) + (attentions + 1) * 2 * E;
}

static double one_matrix(const QuizAsked *a) {
    return 3 * a->n[0] * a->n[1] - a->n[0] * a->n[1];
}

static double deep_gradient(const QuizAsked *a) {
    return pow(a->n[1] + quiz_check_has(a, "residual"), a->n[0]);
}

static double places_computed(const QuizAsked *a) {
    double places = 0;
    for (int t = 1; t <= (int)a->n[0]; t++) places += quiz_check_has(a, "nothing") ? t : 1;
    return places;
}

/* The curve that ends highest. */
static double no_warm_up(const QuizAsked *a) {
    double highest = 0, loss[QUIZ_CHECK_NUMBERS];
    int curve = 0;
    for (int i = 0; i < a->choices; i++) {
        const int count = quiz_check_numbers(a->choice[i], loss);
        if (loss[count - 1] > highest) {
            highest = loss[count - 1];
            curve = i + 1;
        }
    }
    return curve;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const QuizTruthOf truths[] = {
        {"its biases are all", norm_by_hand, 0},
        {"A fresh layer norm", norm_forgets, 0},
        {"-norm sub-layer", add_and_norm, 0},
        {"What does it read in training", decoder_input, 0},
        {"from how many places", who_is_read, 0},
        {"How many places count in the loss", loss_places, 0},
        {"What shape have", shape, 0},
        {"Put another word", what_changes, 0},
        {"a matrix of its own", embedding_rows, 0},
        {"everything with biases", layer_parameters, 0},
        {"Make one matrix of the three", one_matrix, 0},
        {"arrives at the bottom", deep_gradient, 0},
        {"all steps together", places_computed, 0},
        {"were trained just now", no_warm_up, 0},
    };
    return quiz_check_run("05_encoder_decoder", truths, sizeof truths / sizeof truths[0]);
}
