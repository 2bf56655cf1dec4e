// The answers of chapter 4's quiz beside plain arithmetic on what the question says.
#include "common/kernels.h"
#include "tests/quiz_check.h"

#include <math.h>

/* ---- Split, and what heads compute ----------------------------------------------------------- */

static double head_of_column(const QuizAsked *a) {
    const double E = a->n[0], H = a->n[1], column = a->n[3]; // n[2] is where one counts from
    return floor(column * H / E);
}

/* n: (1,T,E), 0, H, (1,H,T,D), head, token, place. */
static double split_digit(const QuizAsked *a) {
    const double E = a->n[2], H = a->n[4], h = a->n[9], t = a->n[10], d = a->n[11];
    return 10 * t + h * (E / H) + d;
}

static double shape(const QuizAsked *a) {
    const int B = (int)a->n[0], T = (int)a->n[1], E = (int)a->n[2], H = (int)a->n[3];
    if (quiz_check_has(a, "merged")) return quiz_check_shape(3, (int[]){B, T, E});
    return quiz_check_shape(4, (int[]){B, H, T, quiz_check_has(a, "weights") ? T : E / H});
}

static double head_score(const QuizAsked *a) {
    const int h = (int)a->n[16];
    double sum = 0;
    for (int e = 4 * h; e < 4 * h + 4; e++) sum += a->n[e] * a->n[8 + e];
    return sum / 2;
}

/* n: head 0 and its weights, head 1 and its weights, three values. */
static double two_heads(const QuizAsked *a) {
    const int h = quiz_check_has(a, "second") ? 1 : 0;
    double sum = 0;
    for (int s = 0; s < 3; s++) sum += a->n[1 + 4 * h + s] * a->n[8 + 2 * s + h];
    return sum;
}

static double all_weights(const QuizAsked *a) {
    return a->n[0] * a->n[1];
}

/* ---- What heads cost ------------------------------------------------------------------------- */

static double layer_parameters(const QuizAsked *a) {
    return 4 * (a->n[0] + 1) * a->n[0];
}

static double wide_heads(const QuizAsked *a) {
    const double H = a->n[0], E = a->n[1];
    return 4 * E * (H * E) / (4 * E * E);
}

static double cost(const QuizAsked *a) {
    const double T = a->n[0], E = a->n[1], H = a->n[2];
    return quiz_check_has(a, "exponentials") ? H * T * T : T * T * E;
}

static double cache_size(const QuizAsked *a) {
    return a->n[0] * a->n[1] * 2 * a->n[2];
}

/* ---- What goes wrong ------------------------------------------------------------------------- */

/* n: (1,H,T,D), (1,T,E), 0, row, column. The numbers are counted off, head after head. */
static double wrong_word(const QuizAsked *a) {
    const int H = (int)a->n[1], T = (int)a->n[2], D = (int)a->n[3];
    int left = (int)(a->n[8] * a->n[6] + a->n[9]) - (int)a->n[7];
    for (int h = 0; h < H; h++)
        for (int t = 0; t < T; t++)
            for (int d = 0; d < D; d++)
                if (left-- == 0) return t;
    return NAN;
}

/* n: (1,T,E), 0, (1,H,T,D), head, token, place. Counted off as it lies, word after word. */
static double wrong_number(const QuizAsked *a) {
    const int T = (int)a->n[1], E = (int)a->n[2], D = (int)a->n[7];
    int left = ((int)a->n[8] * T + (int)a->n[9]) * D + (int)a->n[10];
    for (int t = 0; t < T; t++)
        for (int e = 0; e < E; e++)
            if (left-- == 0) return 10 * t + e;
    return NAN;
}

/* H words to a row, each from one head: word i of the list is word i % T of a head. */
static double leaking_rows(const QuizAsked *a) {
    const int H = (int)a->n[0], T = (int)a->n[1];
    int rows = 0;
    for (int t = 0; t < T; t++) {
        int latest = 0;
        for (int i = t * H; i < (t + 1) * H; i++) latest = (int)fmax(latest, i % T);
        rows += latest > t;
    }
    return rows;
}

static double video_scale(const QuizAsked *a) {
    return sqrt(a->n[0]) / sqrt(a->n[2]);
}

static double silenced(const QuizAsked *a) {
    const double E = a->n[0], H = a->n[1];
    return 3 * E * (H - 1) / H;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const QuizTruthOf truths[] = {
        {"belongs column", head_of_column, 0},
        {"It is split into", split_digit, 0},
        {"What shape", shape, 0},
        {"Two heads. A query", head_score, 0},
        {"Two heads of one column", two_heads, 0},
        {"What do all the\nweights", all_weights, 0},
        {"biases everywhere", layer_parameters, 0},
        {"as wide as the model", wide_heads, 0},
        {"from queries and keys to weights", cost, 0},
        {"cache of keys and values", cache_size, 0},
        {"Two heads found", wrong_word, 0},
        {"Someone makes two heads", wrong_number, 0},
        {"something of a later word", leaking_rows, 0},
        {"How many times too small", video_scale, 0},
        {"is silenced", silenced, 0},
    };
    return quiz_check_run("04_multihead", truths, sizeof truths / sizeof truths[0]);
}
