/* fuzz_bleu.c - BLEU: tokens have one space between them, a score is from 0 to 100, and what is
 * compared with itself matches in every n-gram. */
#include "06_training/score/bleu_score.h"
#include "common/error.h"
#include "tests/fuzz/fuzz.h"

#include <stdlib.h>
#include <string.h>

enum { SEGMENTS = 64 };

/* Cuts text into lines of a translation and two references, with tabs between them; what is missing
 * is empty. */
static size_t cut(char *text, const char *column[3][SEGMENTS]) {
    size_t count = 0;
    for (char *line = text, *next; line && count < SEGMENTS; line = next, count++) {
        next = strchr(line, '\n');
        if (next) *next++ = '\0';
        for (int c = 0; c < 3; c++) {
            char *tab = strchr(line, '\t');
            column[c][count] = line;
            if (tab) *tab = '\0';
            line = tab ? tab + 1 : line + strlen(line);
        }
    }
    return count;
}

static void check_tokens(const char *line, BleuOptions options) {
    ByteArray tokens = {0};
    bleu_tokenize(line, options.tokenizer, options.lowercase, &tokens);
    const size_t n = tokens.count;
    REQUIRE(strlen(tokens.data) == n, "a NUL among the tokens");
    REQUIRE(n == 0 || (tokens.data[0] != ' ' && tokens.data[n - 1] != ' '), "a space at an end");
    REQUIRE(!strstr(tokens.data, "  "), "two spaces: \"%s\"", tokens.data);
    free(tokens.data);
}

static void check_score(const BleuScore *score, BleuOptions options) {
    char line[BLEU_LINE_BYTES];
    REQUIRE(score->score >= 0 && score->score <= 100 + 1e-9, "a score of %g", score->score);
    REQUIRE(score->brevity_penalty >= 0 && score->brevity_penalty <= 1, "a penalty of %g",
            score->brevity_penalty);
    for (int n = 0; n < BLEU_ORDERS; n++)
        REQUIRE(score->correct[n] <= score->total[n], "%ld of %ld %d-grams are correct",
                score->correct[n], score->total[n], n + 1);
    bleu_score_line(score, 2, options, 2, line);
}

/* The first byte says how it is cut into tokens. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size) {
    if (size == 0) return 0;
    const BleuOptions options = {.tokenizer = data[0] / 2 % (BLEU_NONE + 1),
                                 .lowercase = data[0] % 2};
    char *text = fuzz_string(data + 1, size - 1);
    const char *column[3][SEGMENTS];
    const size_t count = cut(text, column);
    BleuScore score, itself;
    const char *const *const references[] = {column[1], column[2]}, *const *const same[] = {
                                                                        column[0]};
    for (size_t i = 0; i < count; i++) check_tokens(column[0][i], options);
    bleu_score(column[0], references, 2, count, options, &score);
    check_score(&score, options);
    bleu_score(column[0], same, 1, count, options, &itself);
    check_score(&itself, options);
    for (int n = 0; n < BLEU_ORDERS; n++)
        REQUIRE(itself.correct[n] == itself.total[n], "%ld of %ld are its own", itself.correct[n],
                itself.total[n]);
    fuzz_taken = score.score > 0;
    free(text);
    return 0;
}
