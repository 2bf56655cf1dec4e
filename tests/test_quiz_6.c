// The answers of chapter 6's quiz beside plain arithmetic on what the question says.
#include "common/kernels.h"
#include "tests/quiz_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Rate, target, loss ---------------------------------------------------------------------- */

static double rate(const QuizAsked *a) {
    const double peak = a->n[0], warmup = a->n[1], step = a->n[2];
    return step < warmup ? peak * step / warmup : peak * sqrt(warmup / step);
}

/* n begins with the 1 and 10000 of the unit. The paper's own form, scaled to the peak:
 * d_model^-0.5 min(step^-0.5, step warmup^-1.5). */
static double which_schedule(const QuizAsked *a) {
    char line[64] = "";
    const double warmup = a->n[6], peak = a->n[7];
    for (int i = 0; i < 4; i++) {
        const double step = a->n[2 + i];
        const double paper = fmin(pow(step, -0.5), step * pow(warmup, -1.5));
        snprintf(line + strlen(line), sizeof line - strlen(line), i ? "   %.2f" : "%.2f",
                 peak * paper / pow(warmup, -0.5));
    }
    return quiz_check_choice(a, line);
}

static double smoothed_target(const QuizAsked *a) {
    const double e = a->n[0], V = a->n[1];
    return quiz_check_has(a, "the right word") ? 1 - e + e / V : e / V;
}

/* The slope of ln sum e^z - sum q z, taken at z = 0 by a difference quotient. */
static double smoothed_gradient(const QuizAsked *a) {
    const double V = a->n[0], e = quiz_check_has(a, "without") ? 0 : a->n[1], h = 1e-4;
    const double q = quiz_check_has(a, "the right word") ? 1 - e + e / V : e / V;
    return (log(V - 1 + exp(h)) - q * h - (log(V - 1 + exp(-h)) + q * h)) / (2 * h);
}

static double first_loss(const QuizAsked *a) {
    return log(a->n[0]) + (quiz_check_has(a, "deviation 1") ? 0.5 : 0);
}

/* n: 1/8, 1/32 and 1/16 are 1 8 1 32 1 16. */
static double bits(const QuizAsked *a) {
    const double mean = (log2(a->n[1]) + log2(a->n[3]) + log2(a->n[5])) / 3;
    return quiz_check_has(a, "perplexity") ? exp2(mean) : mean;
}

/* ---- A step ---------------------------------------------------------------------------------- */

static double two_threads(const QuizAsked *a) {
    return (a->n[1] + a->n[3]) / (a->n[0] + a->n[2]);
}

static double clipped(const QuizAsked *a) {
    return a->n[0] * fmin(1, a->n[2] / hypot(a->n[0], a->n[1]));
}

static double threads_take(const QuizAsked *a) {
    return ceil(a->n[0] / a->n[1]);
}

/* ---- Batches --------------------------------------------------------------------------------- */

/* Sentence by sentence: does it still fit, as wide as the widest so far? n: eight lengths, then the
 * places of a batch. Returns how many batches there are; padding, if not NULL, how many <pad>. */
static int cut(const QuizAsked *a, int *padding) {
    int batches = 0, rows = 0, words = 0, pads = 0;
    double widest = 0;
    for (int i = 0; i < 8; i++) {
        const double wider = fmax(widest, a->n[i]);
        if (rows > 0 && (rows + 1) * wider > a->n[8]) {
            pads += (int)(rows * widest) - words;
            batches++;
            rows = words = 0;
            widest = a->n[i];
        } else {
            widest = wider;
        }
        rows++;
        words += (int)a->n[i];
    }
    if (padding) *padding = pads + (int)(rows * widest) - words;
    return batches + 1;
}

static double batches(const QuizAsked *a) {
    return cut(a, NULL);
}

static double padding(const QuizAsked *a) {
    int pads;
    cut(a, &pads);
    return pads;
}

/* ---- BLEU ------------------------------------------------------------------------------------ */

/* The six words behind a label. */
static void words_behind(const QuizAsked *a, const char *label, char word[6][16]) {
    const char *line = strstr(a->text, label);
    sscanf(line + strlen(label), "%15s %15s %15s %15s %15s %15s", word[0], word[1], word[2],
           word[3], word[4], word[5]);
}

/* Crosses out in the reference what has been found: no n-gram is found there twice. */
static double ngrams(const QuizAsked *a) {
    char hypothesis[6][16], reference[6][16];
    bool used[6] = {false};
    const int n = quiz_check_has(a, "pairs") ? 2 : 1;
    int right = 0;
    words_behind(a, "Translation: ", hypothesis);
    words_behind(a, "Reference: ", reference);
    for (int i = 0; i + n <= 6; i++)
        for (int j = 0; j + n <= 6; j++) {
            if (used[j] || strcmp(hypothesis[i], reference[j]) != 0) continue;
            if (n == 2 && strcmp(hypothesis[i + 1], reference[j + 1]) != 0) continue;
            used[j] = true;
            right++;
            break;
        }
    return right;
}

static double brevity(const QuizAsked *a) {
    return a->n[0] >= a->n[1] ? 1 : exp(1 - a->n[1] / a->n[0]);
}

/* ---- Greedy and beam ------------------------------------------------------------------------- */

/* n: A, B; A's three, B's three. With two first words a beam of 2 looks at everything. */
static double tree(const QuizAsked *a) {
    const double after[] = {fmax(a->n[2], fmax(a->n[3], a->n[4])),
                            fmax(a->n[5], fmax(a->n[6], a->n[7]))};
    if (quiz_check_has(a, "greedy"))
        return a->n[0] > a->n[1] ? a->n[0] * after[0] : a->n[1] * after[1];
    return fmax(a->n[0] * after[0], a->n[1] * after[1]);
}

static double length_penalty(const QuizAsked *a) {
    const double alpha = a->n[4];
    return fmax(a->n[1] / pow((5 + a->n[0]) / 6, alpha), a->n[3] / pow((5 + a->n[2]) / 6, alpha));
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const QuizTruthOf truths[] = {
        {"knows nothing", first_loss, 0.02},
        {"Four places. A model gave", bits, 0},
        {"as PyTorch has it", smoothed_target, 0},
        {"the same logit", smoothed_gradient, 0},
        {"falls with\nthe root", rate, 0},
        {"These are rates", which_schedule, 0},
        {"gradients are clipped", clipped, 0},
        {"One thread took", two_threads, 0},
        {"does the busiest take", threads_take, 0},
        {"How many batches are they", batches, 0},
        {"How many places are <pad>", padding, 0},
        {"Translation: ", ngrams, 0},
        {"By what does BLEU multiply", brevity, 0},
        {"The first word is A", tree, 0},
        {"Two translations have ended", length_penalty, 0},
    };
    return quiz_check_run("06_training", truths, sizeof truths / sizeof truths[0]);
}
