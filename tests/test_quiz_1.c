// The answers of chapter 1's quiz beside plain arithmetic on what the question says.
#include "common/kernels.h"
#include "tests/quiz_check.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Pieces ---------------------------------------------------------------------------------- */

/* Every two letters of the four words, counted one after the other. */
static double most_frequent_pair(const QuizAsked *a) {
    static const char *const word[] = {"low", "lower", "newest", "widest"};
    double most = 0;
    for (char left = 'a'; left <= 'z'; left++)
        for (char right = 'a'; right <= 'z'; right++) {
            double times = 0;
            for (int w = 0; w < 4; w++)
                for (const char *at = word[w]; at[1]; at++)
                    times += (at[0] == left && at[1] == right) * a->n[w];
            most = fmax(most, times);
        }
    return most;
}

/* symbols: letters between spaces, " a b ab ". Joins "LEFT RIGHT" wherever it stands. */
static void join(char *symbols, const char *left, const char *right) {
    char pair[32];
    snprintf(pair, sizeof pair, " %s %s ", left, right);
    for (char *at = symbols; (at = strstr(at, pair)); at++) {
        char *gap = at + 1 + strlen(left);
        memmove(gap, gap + 1, strlen(gap));
    }
}

static void spread(char *symbols, const char *word, size_t length) {
    strcpy(symbols, " ");
    for (size_t i = 0; i < length; i++) sprintf(symbols + strlen(symbols), "%c ", word[i]);
}

static double count_symbols(const char *symbols) {
    double count = -1;
    for (; *symbols; symbols++) count += *symbols == ' ';
    return count;
}

static double pieces(const QuizAsked *a) {
    char left[3][4], right[3][4], word[16], symbols[64];
    const char *order = strstr(a->text, "order: ") + 7, *asked = strstr(a->text, "they cut ");
    sscanf(order, "%3s + %3[a-c], %3s + %3[a-c], %3s + %3[a-c]", left[0], right[0], left[1],
           right[1], left[2], right[2]);
    sscanf(asked, "they cut %15[a-c]", word);
    spread(symbols, word, strlen(word));
    for (int m = 0; m < 3; m++) join(symbols, left[m], right[m]);
    return count_symbols(symbols);
}

static double one_merge(const QuizAsked *a) {
    char word[16], right[2], symbols[64];
    sscanf(a->text, "In %15s every \"a %1[ab]", word, right);
    spread(symbols, word, strlen(word));
    join(symbols, "a", right);
    return count_symbols(symbols);
}

static double vocabulary(const QuizAsked *a) {
    return 3 + 256 + a->n[0] + a->n[1];
}

/* The bytes between the quotation marks, and one for the space. */
static double unknown_letters(const QuizAsked *a) {
    const char *word = strchr(a->text, '"') + 1;
    return (double)strcspn(word, "\"") + 1;
}

/* How many letters of the text come before it; or, with none asked for, how many there are. */
static double character_id(const QuizAsked *a) {
    const char *text = strchr(a->text, '"') + 1, *end = strchr(text, '"');
    const char *asked = strstr(end, "has ");
    double before = 0;
    for (int c = ' '; c < (asked ? asked[4] : 127); c++)
        before += memchr(text, c, (size_t)(end - text)) != NULL;
    return before;
}

/* ---- Rows ------------------------------------------------------------------------------------ */

/* n: W (4,3), the place, 3, the one-hot row. The whole product. */
static double one_hot(const QuizAsked *a) {
    double sum = 0;
    for (int row = 0; row < 4; row++) sum += a->n[14 + row] * a->n[row * 3 + (int)a->n[12] - 1];
    return sum;
}

/* n: four ids, 4 rows, four gradients, the row. */
static double row_gradient(const QuizAsked *a) {
    double sum = 0;
    for (int i = 0; i < 4; i++) sum += (a->n[i] == a->n[9]) * a->n[5 + i];
    return sum;
}

static double rows_without_gradient(const QuizAsked *a) {
    double rows = 0;
    for (int row = 0; row < (int)a->n[7]; row++) {
        bool there = false;
        for (int i = 0; i < 7; i++) there |= a->n[i] == row;
        rows += !there;
    }
    return rows;
}

/* n: d_model, then 1 or, as 1/6, 1 and 6. */
static double loudness(const QuizAsked *a) {
    return sqrt(a->n[0]) / (a->numbers > 2 ? a->n[2] : 1);
}

static double table_size(const QuizAsked *a) {
    return a->n[0] * (quiz_check_has(a, "bigram") ? a->n[0] : a->n[1]);
}

/* ---- What follows what, and what is like what ------------------------------------------------ */

static double next_character(const QuizAsked *a) {
    const int asked = strstr(a->text, "take '")[6] - 'a';
    return a->n[asked] / (a->n[0] + a->n[1] + a->n[2] + a->n[3]);
}

static double analogy(const QuizAsked *a) {
    const int i = quiz_check_has(a, "the second number") ? 1 : 0;
    return a->n[i] - a->n[2 + i] + a->n[4 + i];
}

static double cosine(const QuizAsked *a) {
    return cos(atan2(a->n[1], a->n[0]) - atan2(a->n[3], a->n[2]));
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const QuizTruthOf truths[] = {
        {"two neighbours meet", most_frequent_pair, 0},
        {"Three merges were learned", pieces, 0},
        {"becomes one symbol", one_merge, 0},
        {"How many ids are that", vocabulary, 0},
        {"no merge. Of how many ids", unknown_letters, 0},
        {"Each character of", character_id, 0},
        {"W is\n", one_hot, 0},
        {"come back to the four places", row_gradient, 0},
        {"leave without a gradient", rows_without_gradient, 0},
        {"Which deviation have they", loudness, 0.05},
        {"learn?", table_size, 0},
        {"in a bigram's table", next_character, 0},
        {"king - man + woman", analogy, 0},
        {"the cosine between", cosine, 0},
    };
    return quiz_check_run("01_embeddings", truths, sizeof truths / sizeof truths[0]);
}
