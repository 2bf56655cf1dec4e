// The answers of chapter 3's quiz beside plain arithmetic on what the question says.
#include "common/kernels.h"
#include "tests/quiz_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

static double score(const QuizAsked *a) {
    double sum = 0;
    for (int d = 0; d < 4; d++) sum += a->n[d] * a->n[4 + d];
    return sum / 2;
}

static double output(const QuizAsked *a) {
    return a->n[0] * a->n[3] + a->n[1] * a->n[4] + a->n[2] * a->n[5];
}

static double mean_of_past(const QuizAsked *a) {
    static const char *const ordinal[] = {"first token", "second token", "third token",
                                          "fourth token"};
    double sum = 0; // n[0] is the 0 of "all queries are 0"
    for (int t = 0; t < 4; t++) {
        sum += a->n[1 + t];
        if (quiz_check_has(a, ordinal[t])) return sum / (t + 1);
    }
    return NAN;
}

static double row_of_weights(const QuizAsked *a) {
    char row[64];
    const double p = exp(a->n[0]) / (exp(a->n[0]) + exp(a->n[1]));
    snprintf(row, sizeof row, "%.3f %.3f 0.000", p, 1 - p);
    return quiz_check_choice(a, row);
}

static double pairs_left(const QuizAsked *a) {
    const int T = (int)a->n[0], real = T - (int)a->n[1];
    const bool causal = quiz_check_has(a, "causal");
    int left = 0;
    for (int t = 0; t < T; t++)
        for (int s = 0; s < real; s++) left += !causal || s <= t;
    return left;
}

static double nothing_left(const QuizAsked *a) {
    return quiz_check_has(a, "minus infinity") ? 0 : 1 / a->n[0];
}

/* The row whose largest score leads by most. */
static double saturated(const QuizAsked *a) {
    double most = 0, n[QUIZ_CHECK_NUMBERS];
    int row = 0;
    for (int i = 0; i < a->choices; i++) {
        quiz_check_numbers(a->choice[i], n);
        const double lead = n[0] - fmax(n[1], n[2]);
        if (lead > most) {
            most = lead;
            row = i + 1;
        }
    }
    return row;
}

static double typical_score(const QuizAsked *a) {
    return sqrt(a->n[2]);
}

static double same_score(const QuizAsked *a) {
    return a->n[3];
}

/* q (B,T,D), k (B,S,D), v (B,S,Dv). */
static double shape(const QuizAsked *a) {
    const int B = (int)a->n[0], T = (int)a->n[1], S = (int)a->n[4], Dv = (int)a->n[8];
    return quiz_check_shape(3, (int[]){B, T, quiz_check_has(a, "the weights") ? S : Dv});
}

static double products(const QuizAsked *a) {
    const double T = a->n[0], D = a->n[1], longer = a->n[2];
    return (2 * longer * longer * D) / (2 * T * T * D);
}

static double head_parameters(const QuizAsked *a) {
    return 3 * a->n[0] * a->n[1];
}

static double which_of_three(const QuizAsked *a) {
    const char *choice = quiz_check_has(a, "those of the other tokens changed") ? "the key"
                         : quiz_check_has(a, "row of weights changed")          ? "the query"
                                                                                : "the value";
    return quiz_check_choice(a, choice);
}

static double rows_with_gradient(const QuizAsked *a) {
    return quiz_check_has(a, "causal") ? a->n[1] : a->n[0];
}

static double value_gradient(const QuizAsked *a) {
    return a->n[0] * a->n[2];
}

/* By the definition, with the whole matrix diag(p) - p p^T. */
static double score_gradient(const QuizAsked *a) {
    double sum = 0;
    for (int j = 0; j < 3; j++) sum += ((j == 0) * a->n[0] - a->n[0] * a->n[j]) * a->n[3 + j];
    return sum;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const QuizTruthOf truths[] = {
        {"meets a key", score, 0},
        {"What is the output?", output, 0},
        {"All queries are 0", mean_of_past, 0},
        {"The third is <pad>", row_of_weights, 0},
        {"How many of them are not 0", pairs_left, 0},
        {"keys of a query are hidden", nothing_left, 0},
        {"Through the softmax of which row", saturated, 0},
        {"its standard deviation", typical_score, 0.08},
        {"score on token 1", same_score, 0},
        {"What shape", shape, 0},
        {"times as many products", products, 0},
        {"One head: inputs", head_parameters, 0},
        {"Which of the three was it", which_of_three, 0},
        {"rows of V get a gradient", rows_with_gradient, 0},
        {"does the first value get", value_gradient, 0},
        {"its first score", score_gradient, 0},
    };
    return quiz_check_run("03_self_attention", truths, sizeof truths / sizeof truths[0]);
}
