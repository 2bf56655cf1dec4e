/* quiz.c - questions on chapter 2: clock hands and their speeds, turns, what depends on the
 * distance alone, learned rows, and who goes on beyond what was trained.
 *
 * Beside: tutor - questions on clock hands, turns, and who goes on beyond the trained places
 */
#include "common/screen/quiz.h"

#include "02_positional_encoding/lab/neighbour.h"
#include "02_positional_encoding/lab/sinusoid_shift.h"
#include "02_positional_encoding/learned_positions.h"
#include "02_positional_encoding/positions.h"
#include "02_positional_encoding/rotary.h"
#include "02_positional_encoding/sinusoid.h"
#include "common/kernels.h"

#include <stdio.h>

static const char BY_HAND[] = "02_positional_encoding/README.md, \"By hand\"";
static const char THE_CODE[] = "02_positional_encoding/README.md, \"The code\"";
static const char RUN_IT[] = "02_positional_encoding/README.md, \"Run it\"";
static const char BESIDE[] = "02_positional_encoding/README.md, \"Beside the resources\"";
static const char BACKWARD[] = "02_positional_encoding/README.md, \"The backward pass\"";
static const char GOES_WRONG[] = "02_positional_encoding/README.md, \"What goes wrong\"";

enum { WIDEST = 64 };
static const double PI = 3.14159265358979;

/* ---- Sines ----------------------------------------------------------------------------------- */

static void one_entry(Random *random, QuizQuestion *q) {
    const int pos = quiz_between(random, 1, 3), column = quiz_between(random, 0, 3);
    real row[4];
    sinusoid_table(row, pos, 1, 4);
    quiz_text(q,
              "d_model is 4. What stands in the row of place %d, column %d (both counted from 0)?\n"
              "(sin: 0.841 for 1, 0.909 for 2, 0.141 for 3; cos: 0.540, -0.416, -0.990)",
              pos, column);
    quiz_hint(q, "Two clocks: the first turns by 1 a place, the second by 1/100. For a small angle "
                 "sin x\n  is nearly x, and cos x nearly 1.");
    quiz_working(q,
                 "Columns 0 and 1 are sin %d and cos %d, columns 2 and 3 sin 0.0%d and cos 0.0%d.",
                 pos, pos, pos, pos);
    q->read = BY_HAND;
    quiz_number(q, (double)row[column], 0.002);
}

/* By how much pair i turns from one place to the next. */
static double turn_of_pair(int i, int d_model) {
    real row[WIDEST];
    sinusoid_table(row, 1, 1, d_model);
    return atan2((double)row[2 * i], (double)row[2 * i + 1]);
}

static void speed(Random *random, QuizQuestion *q) {
    static const int widths[] = {4, 8, 16};
    const int E = widths[quiz_between(random, 0, 2)],
              power = quiz_between(random, 1, E == 4 ? 1 : 3);
    const int i = E == 4 ? 1 : power * E / 8; // so that 2i/E is a multiple of 1/4
    quiz_text(
        q,
        "The paper's table, d_model %d. By how many radians a place does the clock in columns\n"
        "%d and %d turn (counted from 0)?",
        E, 2 * i, 2 * i + 1);
    quiz_hint(q, "1 / 10000^(2i / d_model), and it is pair i = %d.", i);
    quiz_working(q, "10000^(%d/%d) = %g.", 2 * i, E, pow(10000, 2.0 * i / E));
    q->read = BY_HAND;
    quiz_number(q, turn_of_pair(i, E), 0.00005);
}

static void wavelength(Random *random, QuizQuestion *q) {
    const int i = quiz_between(random, 0, 2), E = 8;
    quiz_text(
        q,
        "d_model is 8. After how many places do the columns %d and %d repeat themselves (about;\n"
        "counted from 0)?",
        2 * i, 2 * i + 1);
    quiz_hint(q, "A full turn is 2 pi = 6.28 radians. Pair i turns by 1 / 10000^(2i / 8) a place.");
    quiz_working(q, "6.283 x 10000^(%d/8), that is 6.283 x %g.", 2 * i, pow(10000, i / 4.0));
    q->read = BY_HAND;
    const double places = 2 * PI / turn_of_pair(i, E);
    quiz_number(q, places, places * 0.01);
}

static void row_length(Random *random, QuizQuestion *q) {
    const int E = quiz_between(random, 2, WIDEST / 2) * 2, pos = quiz_between(random, 3, 5000);
    real row[WIDEST];
    double squares = 0;
    sinusoid_table(row, pos, 1, E);
    for (int e = 0; e < E; e++) squares += (double)row[e] * (double)row[e];
    quiz_text(q, "Predict: d_model is %d, the place %d. What do the squares of its row add up to?",
              E, pos);
    quiz_hint(q, "sin^2 + cos^2, for each pair.");
    quiz_working(q, "1 for each of %d clocks, at any place: no place is louder than another.",
                 E / 2);
    q->read = BY_HAND;
    quiz_number(q, squares, 0.01);
}

/* The product of the rows of two places. */
static double alike(int a, int b, int E) {
    real x[WIDEST], y[WIDEST];
    double sum = 0;
    sinusoid_table(x, a, 1, E);
    sinusoid_table(y, b, 1, E);
    for (int e = 0; e < E; e++) sum += (double)x[e] * (double)y[e];
    return sum;
}

static void same_distance(Random *random, QuizQuestion *q) {
    const int E = quiz_between(random, 2, 8) * 4, k = quiz_between(random, 1, 9);
    const int a = quiz_between(random, 2, 9) * 100, b = quiz_between(random, 10, 99);
    const bool other_side = quiz_between(random, 0, 1);
    const int c = other_side ? b - k : b + k;
    quiz_text(
        q,
        "The paper's rows of the places %d and %d have the product %.3f (d_model %d). Predict:\n"
        "which have those of %d and %d?",
        a, a + k, alike(a, a + k, E), E, b, c);
    quiz_hint(q, "Two hands turned by the same angle still have the same angle between them.");
    quiz_working(q, "%d and %d are as far apart. How far, it knows; which way, it does not.", b, c);
    q->read = BESIDE;
    quiz_number(q, alike(b, c, E), 0.002);
}

static void shift_entries(Random *random, QuizQuestion *q) {
    const int E = quiz_between(random, 2, 16) * 2, k = quiz_between(random, 1, 9);
    real shift[32 * 32];
    sinusoid_shift(shift, k, E);
    int entries = 0;
    for (int i = 0; i < E * E; i++) entries += shift[i] != 0;
    quiz_text(
        q,
        "One matrix R (%d,%d) makes PE(pos + %d) of PE(pos), whatever pos is. How many of its\n"
        "%d numbers are not 0?",
        E, E, k, E * E);
    quiz_hint(q, "Each clock is turned on its own: sine and cosine of a pair make the new ones.");
    quiz_working(q, "%d blocks of 2 x 2 on the diagonal.", E / 2);
    q->read = THE_CODE;
    quiz_number(q, entries, 0);
}

/* ---- Rotary ---------------------------------------------------------------------------------- */

static void turn(Random *random, QuizQuestion *q) {
    int n[2];
    real x[2], y[2] = {0}, back[2] = {0};
    char text[16];
    quiz_draw(random, -5, 9, 2, n, x);
    const int place = quiz_between(random, 1, 2), asked = quiz_between(random, 0, 1);
    const bool gradient = quiz_between(random, 0, 2) == 0;
    rotary_forward(y, x, place, 1, 1, 2, 2);
    rotary_backward(back, x, place, 1, 1, 2, 2);
    const char *sine = place == 1 ? "0.841" : "0.909", *cosine = place == 1 ? "0.540" : "-0.416";
    quiz_text(
        q,
        "Rotary positions, one pair that turns by 1 radian a place (sin %d = %s, cos %d = %s).\n"
        "At place %d %s [%s]. What is the %s number\nof %s?",
        place, sine, place, cosine, place,
        gradient ? "comes back the gradient" : "stands the query",
        quiz_numbers_text(text, sizeof text, n, 2), asked ? "second" : "first",
        gradient ? "what goes on to the query as it was before the turn" : "what it is turned to");
    quiz_hint(q,
              "Forward: (x cos - y sin, x sin + y cos). The way back is the turn the other way.");
    const char *sign = (asked == 0) != gradient ? "-" : "+";
    quiz_working(q, "%d x %s %s %d x %s.", asked ? n[1] : n[0], cosine, sign, asked ? n[0] : n[1],
                 sine);
    q->read = gradient ? BACKWARD : THE_CODE;
    quiz_number(q, (double)(gradient ? back : y)[asked], 0.02);
}

/* The product of a query at m and a key at n. */
static double turned_product(const real *query, const real *key, int m, int n, int D) {
    real q[4], k[4];
    double sum = 0;
    rotary_forward(q, query, m, 1, 1, D, D);
    rotary_forward(k, key, n, 1, 1, D, D);
    for (int d = 0; d < D; d++) sum += (double)q[d] * (double)k[d];
    return sum;
}

static void rotary_distance(Random *random, QuizQuestion *q) {
    int numbers[8];
    real x[8];
    quiz_draw(random, -3, 3, 8, numbers, x);
    const int m = quiz_between(random, 3, 30), ahead = quiz_between(random, -2, 3);
    const int steps = quiz_between(random, 1, 9) * 100;
    quiz_text(
        q,
        "With rotary positions a query at place %d and a key at place %d have the product %.3f.\n"
        "Both words move %d places to the right. What is their product then?",
        m, m - ahead, turned_product(x, x + 4, m, m - ahead, 4), steps);
    quiz_hint(q, "Only the difference of their angles is left.");
    quiz_working(q, "The difference is %d places, before and after.", ahead);
    q->read = THE_CODE;
    quiz_number(q, turned_product(x, x + 4, m + steps, m - ahead + steps, 4), 0.005);
}

static void angle_between(Random *random, QuizQuestion *q) {
    const int m = quiz_between(random, 5, 40), n = m - quiz_between(random, 1, 5);
    const int pair = quiz_between(random, 0, 1);
    real hands[2][4] = {{1, 0, 1, 0}, {1, 0, 1, 0}};
    double angle[2];
    for (int i = 0; i < 2; i++) {
        rotary_forward(hands[i], hands[i], i ? n : m, 1, 1, 4, 4);
        angle[i] = atan2((double)hands[i][2 * pair + 1], (double)hands[i][2 * pair]);
    }
    double between = angle[0] - angle[1];
    if (between < 0) between += 2 * PI; // both were brought into one turn
    quiz_text(
        q,
        "A head of 4 numbers is two pairs. A query stands at place %d, a key at place %d. By how\n"
        "many radians is the query's %s pair turned further than the key's?",
        m, n, pair ? "second" : "first");
    quiz_hint(q, "Pair i is turned by 1 / 10000^(2i/4) for each place.");
    quiz_working(q, "%d places, each %s.", m - n, pair ? "1/100" : "1");
    q->read = THE_CODE;
    quiz_number(q, between, 0.001);
}

/* ---- Learned positions, and none ------------------------------------------------------------- */

static void position_parameters(Random *random, QuizQuestion *q) {
    static const PositionsKind kinds[] = {POSITIONS_LEARNED, POSITIONS_LEARNED, POSITIONS_LEARNED,
                                          POSITIONS_SINUSOID, POSITIONS_ROTARY};
    static const char *const because[] = {
        [POSITIONS_LEARNED] = "A row for each place.",
        [POSITIONS_SINUSOID] = "It is a formula: nothing in it is learned.",
        [POSITIONS_ROTARY] = "Nothing is added, and a turn has nothing to learn."};
    const PositionsKind kind = kinds[quiz_between(random, 0, 4)];
    const int longest = quiz_between(random, 2, 9) * 8, E = quiz_between(random, 2, 9) * 4;
    Parameters parameters = {0};
    positions_new(kind, &parameters, "", longest, E, random);
    quiz_text(
        q,
        "A model with d_model %d for sentences of up to %d words gets %s positions. How many\n"
        "numbers more does it learn?",
        E, longest, kind == POSITIONS_SINUSOID ? "sinusoid" : positions_name(kind));
    quiz_hint(q, "Which of them are a table that is trained?");
    quiz_working(q, "%s", because[kind]);
    q->read = BACKWARD;
    quiz_number(q, (double)parameters_size(&parameters), 0);
    parameters_free(&parameters);
}

static void learned_gradient(Random *random, QuizQuestion *q) {
    enum { SENTENCES = 3, LONGEST = 6 };
    const int T = quiz_between(random, 3, 5), row = quiz_between(random, 0, LONGEST - 1);
    real dweight[LONGEST] = {0}, dy[LONGEST];
    int g[SENTENCES];
    char text[16];
    quiz_draw(random, 1, 9, SENTENCES, g, NULL);
    for (int b = 0; b < SENTENCES; b++) {
        for (int t = 0; t < T; t++) dy[t] = (real)g[b];
        learned_positions_backward(dweight, dy, 0, T, 1);
    }
    quiz_text(
        q,
        "Learned positions, a table of %d rows of one number each. Three sentences of %d words\n"
        "bring back the gradients %s, each the same one at all its places. What does row %d of\n"
        "the table get (counted from 0)?",
        LONGEST, T, quiz_numbers_text(text, sizeof text, g, SENTENCES), row);
    quiz_hint(q, "Row t gets the sum over the batch at place t.");
    if (row < T)
        quiz_working(q, "Every sentence has a word at place %d: %d + %d + %d.", row, g[0], g[1],
                     g[2]);
    else
        quiz_working(q, "No sentence reached place %d, so nothing.", row);
    q->read = BACKWARD;
    quiz_number(q, (double)dweight[row], 0);
}

/* The first number of word `which` (of three, of two numbers each) after it has looked at all by
 * plain likeness. */
static double mixed(const real *words, int which) {
    Tensor *x = TENSOR_FROM(words, 3, 2);
    Tensor *weights = op_softmax(op_matmul(x, op_transpose(x, 0, 1))); // (3,3)
    return (double)op_matmul(weights, x)->data[which * 2];
}

static void bag_of_words(Random *random, QuizQuestion *q) {
    int n[6];
    real x[6], reversed[6];
    char text[3][16];
    quiz_draw(random, -1, 2, 6, n, x);
    for (int i = 0; i < 3; i++) {
        memcpy(reversed + 2 * i, x + 2 * (2 - i), 2 * sizeof(real));
        quiz_numbers_text(text[i], sizeof text[i], n + 2 * i, 2);
    }
    quiz_text(q,
              "dog [%s] bites [%s] man [%s], without positions. After looking at the others by\n"
              "likeness the dog's first number is %.3f. What is it in \"man bites dog\"?",
              text[0], text[1], text[2], mixed(x, 0));
    quiz_hint(q, "What does the dog look at, and what changes when the words change places?");
    quiz_working(q,
                 "The same three words are looked at, with the same weights: a set has no order.");
    q->read = RUN_IT;
    quiz_number(q, mixed(reversed, 2), 0.002);
}

enum { TRAINED = 16, LENGTH = 48 };

/* The shares of places that point at their left neighbour after a short training. */
static NeighbourScore neighbours(PositionsKind kind, uint64_t seed) {
    const NeighbourTask task = {.positions = kind,
                                .turns_only = kind == POSITIONS_ROTARY,
                                .d_model = 32,
                                .trained = TRAINED,
                                .longest = LENGTH,
                                .steps = 300,
                                .lr = 0.1};
    NeighbourScore score = {.length = LENGTH};
    Random random;
    random_seed(&random, seed);
    neighbour_train(&task, &random, &score, 1);
    return score;
}

static void who_goes_on(Random *random, QuizQuestion *q) {
    enum { KINDS = 3 };
    static const PositionsKind kind[] = {POSITIONS_LEARNED, POSITIONS_SINUSOID, POSITIONS_ROTARY};
    NeighbourScore score[KINDS];
    do { // until the three can be told apart: now and then sines get none right, too
        const uint64_t seed = random_below(random, 100000);
        for (int k = 0; k < KINDS; k++) score[k] = neighbours(kind[k], seed);
    } while (score[1].beyond < score[0].beyond + 0.02 || score[2].beyond < score[1].beyond + 0.02);
    char line[KINDS][160], choice[KINDS][160];
    for (int k = 0; k < KINDS; k++)
        snprintf(line[k], sizeof line[k], "%.0f %% of the trained places, %.0f %% of the new ones",
                 100 * score[k].seen, 100 * score[k].beyond);
    const int asked = quiz_between(random, 0, 1) * 2; // the learned table, or rotary
    for (int k = 0; k < KINDS; k++) memcpy(choice[k], line[(asked + k) % KINDS], sizeof choice[k]);
    quiz_text(
        q,
        "Three models were trained just now to point at the left neighbour, on %d places, and\n"
        "then asked about %d. One has a learned table, one sines and a matrix that may do\n"
        "anything, one rotary positions. This is what they got right. Which has %s?",
        TRAINED, LENGTH, asked ? "rotary positions" : "the learned table");
    quiz_hint(q,
              "Who has something for a place that training never reached, and who depends on the "
              "distance\n  alone?");
    quiz_working(q,
                 "Rows that were never trained know nothing; a turn is the same everywhere; sines "
                 "exist\n  there, but the matrix fits the places that it saw.");
    q->read = GOES_WRONG;
    quiz_choices(q, random, KINDS, choice);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static QuizMaker *const makers[] = {
        bag_of_words,        one_entry,        speed,       wavelength,    row_length,
        same_distance,       shift_entries,    turn,        angle_between, rotary_distance,
        position_parameters, learned_gradient, who_goes_on,
    };
    return quiz_main(argc, argv, "Questions on chapter 2, with other numbers each time.", makers,
                     sizeof makers / sizeof makers[0]);
}
