// The answers of chapter 0's quiz beside plain arithmetic on what the question says.
#include "common/kernels.h"
#include "tests/quiz_check.h"

#include <math.h>
#include <string.h>

/* ---- Gradients by hand ----------------------------------------------------------------------- */

/* n: c, the 2 of x^2, k, the place. By a central difference, which is exact for a parabola. */
static double slope(const QuizAsked *a) {
    const double c = a->n[0], k = a->n[2], high = a->n[3] + 0.5, low = a->n[3] - 0.5;
    return (c * high * high - k * high) - (c * low * low - k * low);
}

/* L is linear in a: what one more of it adds. */
static double chain(const QuizAsked *a) {
    const double *n = a->n; // a, b, c, f
    return ((n[0] + 1) * n[1] + n[2]) * n[3] - (n[0] * n[1] + n[2]) * n[3];
}

static double two_ways(const QuizAsked *a) {
    return 2 * a->n[0] + a->n[1];
}

/* u, L, and a sum for each plus sign. */
static double tape_length(const QuizAsked *a) {
    int records = 2;
    for (const char *at = a->text; *at; at++) records += *at == '+';
    return records;
}

static double no_gradient(const QuizAsked *a) {
    int none = 0;
    for (int i = 0; i < 6; i++) none += a->n[i] <= 0;
    return none;
}

/* n: the 3 of x^3, the derivative, the place, h. */
static double quotient(const QuizAsked *a) {
    const double h = a->n[3], low = quiz_check_has(a, "both sides") ? 1 - h : 1;
    return fabs((pow(1 + h, 3) - pow(low, 3)) / (1 + h - low) - 3);
}

/* ---- Arrays ---------------------------------------------------------------------------------- */

/* n: (B,1,E) and (T,1), or (B,T,E) and (E). */
static double broadcast_shape(const QuizAsked *a) {
    const double T = a->numbers == 5 ? a->n[3] : a->n[1];
    return quiz_check_shape(3, (int[]){(int)a->n[0], (int)T, (int)a->n[2]});
}

/* n: (3,2), (2), then what flows into y. */
static double broadcast_gradient(const QuizAsked *a) {
    return a->n[3] + a->n[5] + a->n[7];
}

static double product_shape(const QuizAsked *a) {
    const int N = (int)a->n[a->numbers - 1];
    if (a->numbers == 4) return quiz_check_shape(2, (int[]){(int)a->n[0], N});
    return quiz_check_shape(3, (int[]){(int)a->n[0], (int)a->n[1], N});
}

/* n: x (2,3), the shape of w, what flows (2,2), row and column counted from 1. */
static double product_gradient(const QuizAsked *a) {
    const int row = (int)a->n[12] - 1, column = (int)a->n[13] - 1;
    double sum = 0;
    for (int i = 0; i < 2; i++) sum += a->n[i * 3 + row] * a->n[8 + i * 2 + column];
    return sum;
}

static double weights(const QuizAsked *a) {
    return (a->n[0] + 1) * a->n[1] + (a->n[1] + 1) * a->n[2];
}

/* ---- Softmax and surprise -------------------------------------------------------------------- */

/* n: three numbers, each followed by 100 or not. */
static double share(const QuizAsked *a) {
    const int step = a->numbers / 3;
    return a->n[0] / (a->n[0] + a->n[step] + a->n[2 * step]);
}

static double first_loss(const QuizAsked *a) {
    return log(a->n[0]);
}

/* n: 1/8 and 1/32 are 1 8 1 32. */
static double perplexity(const QuizAsked *a) {
    return sqrt(a->n[1] * a->n[3]);
}

static double loss_gradient(const QuizAsked *a) {
    static const char *const place[] = {"first", "second", "third"};
    int right = 0, asked = 0;
    for (int i = 0; i < 3; i++) {
        if (strncmp(strstr(a->text, "the ") + 4, place[i], strlen(place[i])) == 0) right = i;
        if (strncmp(strstr(a->text, "respect to the ") + 15, place[i], strlen(place[i])) == 0)
            asked = i;
    }
    return a->n[asked] - (asked == right);
}

static double cotangent(const QuizAsked *a) {
    return a->n[3] * 0; // a constant does not move
}

/* ---- Steps ----------------------------------------------------------------------------------- */

static double first_step(const QuizAsked *a) {
    return a->n[0];
}

static double not_cleared(const QuizAsked *a) {
    return a->n[0] * a->n[1];
}

/* Sixty steps across the valley, where the slope is 100 y. */
static double too_high(const QuizAsked *a) {
    int found = 0;
    for (int i = 0; i < a->choices; i++) {
        double rate[QUIZ_CHECK_NUMBERS], y = 1;
        quiz_check_numbers(a->choice[i], rate);
        for (int step = 0; step < 60; step++) y -= rate[0] * 100 * y;
        if (fabs(y) > 1) found = i + 1;
    }
    return found;
}

/* Of the curves that never rise, the one that ends highest. */
static double which_curve(const QuizAsked *a) {
    double highest = 0;
    int curve = 0;
    for (int i = 0; i < a->choices; i++) {
        double loss[QUIZ_CHECK_NUMBERS];
        const int count = quiz_check_numbers(a->choice[i], loss);
        bool falls = true;
        for (int p = 1; p < count; p++) falls &= loss[p] <= loss[p - 1];
        if (!falls || loss[count - 1] <= highest) continue;
        highest = loss[count - 1];
        curve = i + 1;
    }
    return curve;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const QuizTruthOf truths[] = {
        {"how many times as far does f move", slope, 0},
        {"What is dL/da?", chain, 0},
        {"y = a a + a b", two_ways, 0},
        {"are on the tape", tape_length, 0},
        {"get no gradient", no_gradient, 0},
        {"How far off is the result", quotient, 0},
        {"What shape has x + b", broadcast_shape, 0},
        {"What is b's gradient", broadcast_gradient, 0},
        {"What shape has x w", product_shape, 0},
        {"What is dL/dw", product_gradient, 0},
        {"two fully connected layers", weights, 0},
        {"What does a softmax give", share, 0},
        {"A net that knows nothing", first_loss, 0},
        {"perplexity over", perplexity, 0},
        {"gradient of -ln p", loss_gradient, 0},
        {"gradient of L with respect", cotangent, 0},
        {"Adam's very first step", first_step, 0},
        {"nobody sets gradients to", not_cleared, 0},
        {"flies off at one", too_high, 0},
        {"trained on the two moons", which_curve, 0},
    };
    return quiz_check_run("common", truths, sizeof truths / sizeof truths[0]);
}
