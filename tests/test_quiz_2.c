// The answers of chapter 2's quiz beside plain arithmetic on what the question says.
#include "common/kernels.h"
#include "tests/quiz_check.h"

#include <math.h>
#include <string.h>

/* ---- Sines ----------------------------------------------------------------------------------- */

/* sin or cos of pos / 10000^(2i/E) for column 2i or 2i + 1. */
static double entry(double pos, int column, double E) {
    const double angle = pos / pow(10000, 2 * (column / 2) / E);
    return column % 2 ? cos(angle) : sin(angle);
}

static double one_entry(const QuizAsked *a) {
    return entry(a->n[1], (int)a->n[2], a->n[0]);
}

static double speed(const QuizAsked *a) {
    return pow(10000, -a->n[1] / a->n[0]);
}

static double wavelength(const QuizAsked *a) {
    return 2 * acos(-1) * pow(10000, a->n[1] / a->n[0]);
}

static double row_length(const QuizAsked *a) {
    double sum = 0;
    for (int e = 0; e < (int)a->n[0]; e++) sum += pow(entry(a->n[1], e, a->n[0]), 2);
    return sum;
}

/* n: two places, their product, d_model, two places. Each clock gives the cosine of the angle
 * between its hands. */
static double same_distance(const QuizAsked *a) {
    double sum = 0;
    for (int i = 0; i < (int)a->n[3] / 2; i++)
        sum += cos((a->n[5] - a->n[4]) / pow(10000, 2 * i / a->n[3]));
    return sum;
}

static double shift_entries(const QuizAsked *a) {
    return 2 * a->n[0];
}

/* ---- Rotary ---------------------------------------------------------------------------------- */

/* n: 1 radian; sin m and cos m, named and told; the place; the vector. */
static double turn(const QuizAsked *a) {
    const double *x = a->n + 6;
    const bool back = quiz_check_has(a, "gradient"), second = quiz_check_has(a, "second number");
    const double angle = back ? -a->n[5] : a->n[5];
    const double length = hypot(x[0], x[1]), direction = atan2(x[1], x[0]) + angle;
    return length * (second ? sin(direction) : cos(direction));
}

static double rotary_distance(const QuizAsked *a) {
    return a->n[2];
}

static double angle_between(const QuizAsked *a) {
    return (a->n[1] - a->n[2]) * (quiz_check_has(a, "second pair") ? 0.01 : 1);
}

/* ---- Learned positions, and none ------------------------------------------------------------- */

static double position_parameters(const QuizAsked *a) {
    return quiz_check_has(a, "learned") ? a->n[0] * a->n[1] : 0;
}

/* n: 6 rows, the words, three gradients, the row. */
static double learned_gradient(const QuizAsked *a) {
    return a->n[5] < a->n[1] ? a->n[2] + a->n[3] + a->n[4] : 0;
}

/* n: three words of two numbers. By likeness: e^(x . y), shared out. */
static double bag_of_words(const QuizAsked *a) {
    double sum = 0, mixed = 0;
    for (int w = 2; w >= 0; w--) { // man bites dog
        const double *word = a->n + 2 * w, weight = exp(a->n[0] * word[0] + a->n[1] * word[1]);
        sum += weight;
        mixed += weight * word[0];
    }
    return mixed / sum;
}

/* The line with the fewest new places right, or with the most. */
static double who_goes_on(const QuizAsked *a) {
    const bool most = quiz_check_has(a, "Which has rotary");
    double found = 0, n[QUIZ_CHECK_NUMBERS];
    int line = 0;
    for (int i = 0; i < a->choices; i++) {
        quiz_check_numbers(a->choice[i], n);
        if (line && (most ? n[1] < found : n[1] > found)) continue;
        found = n[1];
        line = i + 1;
    }
    return line;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const QuizTruthOf truths[] = {
        {"What stands in the row", one_entry, 0},
        {"By how many radians a place", speed, 0},
        {"repeat themselves", wavelength, 0.01},
        {"squares of its row", row_length, 0},
        {"The paper's rows of the places", same_distance, 0},
        {"numbers are not 0", shift_entries, 0},
        {"one pair that turns", turn, 0.01},
        {"Both words move", rotary_distance, 0},
        {"turned further than", angle_between, 0},
        {"numbers more does it learn", position_parameters, 0},
        {"bring back the gradients", learned_gradient, 0},
        {"man bites dog", bag_of_words, 0},
        {"This is what they got right", who_goes_on, 0},
    };
    return quiz_check_run("02_positional_encoding", truths, sizeof truths / sizeof truths[0]);
}
