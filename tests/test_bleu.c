/* test_bleu.c - tokens and scores against those of sacreBLEU. Counts must be equal, scores agree
 * to 1e-9: both sides compute in double from the same integers. */
#include "06_training/score/bleu_score.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fixtures/bleu_fixture.h"

enum {
    TOKENIZED_COUNT = sizeof TOKENIZED / sizeof *TOKENIZED,
    CORPUS_COUNT = sizeof CORPORA / sizeof *CORPORA,
    REFERENCES_MAX = 8
};

START_TEST(test_tokens) {
    ByteArray tokens = {0};
    bleu_tokenize(TOKENIZED[_i].line, TOKENIZED[_i].tokenizer, TOKENIZED[_i].lowercase, &tokens);
    ck_assert_msg(strcmp(tokens.data, TOKENIZED[_i].tokens) == 0,
                  "row %d, line     %s\nexpected %s\nours     %s", _i, TOKENIZED[_i].line,
                  TOKENIZED[_i].tokens, tokens.data);
    free(tokens.data);
}
END_TEST

static double score_flat(const char *const *text, size_t segments, size_t references,
                         BleuOptions options, BleuScore *score) {
    const char *const *reference[REFERENCES_MAX];
    for (size_t r = 0; r < references; r++) reference[r] = text + (r + 1) * segments;
    return bleu_score(text, reference, references, segments, options, score);
}

START_TEST(test_corpora) {
    const BleuScore *expected = &CORPORA[_i].expected;
    BleuScore score;
    const double returned = score_flat(CORPORA[_i].text, CORPORA[_i].segments,
                                       CORPORA[_i].references, CORPORA[_i].options, &score);
    for (int n = 0; n < BLEU_ORDERS; n++) {
        ck_assert_msg(score.correct[n] == expected->correct[n], "row %d, order %d: %ld, not %ld",
                      _i, n + 1, score.correct[n], expected->correct[n]);
        ck_assert_int_eq(score.total[n], expected->total[n]);
        ck_assert_double_eq_tol(score.precision[n], expected->precision[n], 1e-9);
    }
    ck_assert_int_eq(score.hypothesis_length, expected->hypothesis_length);
    ck_assert_int_eq(score.reference_length, expected->reference_length);
    ck_assert_double_eq_tol(score.brevity_penalty, expected->brevity_penalty, 1e-12);
    ck_assert_double_eq_tol(score.score, expected->score, 1e-9);
    ck_assert_double_eq(returned, score.score);
}
END_TEST

/* The example of sacreBLEU's README: three segments, two references. */
static const char *const README_TEXT[] = {
    "The dog bit the man.",     "It wasn't surprising.",  "The man had just bitten him.",
    "The dog bit the man.",     "It was not unexpected.", "The man bit him first.",
    "The dog had bit the man.", "No one was surprised.",  "The man had bitten the dog."};

START_TEST(test_readme_example) {
    const BleuOptions by_13a = {BLEU_13A, false}, by_none = {BLEU_NONE, false};
    char line[BLEU_LINE_BYTES];
    BleuScore score;
    ck_assert_double_eq_tol(score_flat(README_TEXT, 3, 2, by_13a, &score), 48.530827, 1e-6);
    bleu_score_line(&score, 2, by_13a, 1, line);
    ck_assert_str_eq(line, "BLEU|nrefs:2|case:mixed|eff:no|tok:13a|smooth:exp|version:2.6.0 = 48.5 "
                           "82.4/50.0/45.5/37.5 (BP = 0.943 ratio = 0.944 hyp_len = 17 "
                           "ref_len = 18)");
    ck_assert_double_eq_tol(score_flat(README_TEXT, 3, 2, by_none, NULL), 49.1919566, 1e-6);
}
END_TEST

START_TEST(test_extremes) {
    const BleuOptions options = {BLEU_13A, true};
    const char *const same[] = {"One two three four five.", "One two three four five."};
    const char *const nothing[] = {"", "One two three four five."};
    const char *const both_empty[] = {"", ""};
    const char *const foreign[] = {"six seven eight nine ten", "One two three four five."};
    const char *const short_one[] = {"One two", "One two"};
    char line[BLEU_LINE_BYTES];
    BleuScore score;
    ck_assert_double_eq_tol(score_flat(same, 1, 1, options, NULL), 100.0, 1e-9);
    ck_assert_double_eq(score_flat(foreign, 1, 1, options, NULL), 0.0);
    ck_assert_double_eq(score_flat(short_one, 1, 1, options, NULL), 0.0); // it has no 4-gram
    ck_assert_double_eq(score_flat(nothing, 1, 1, options, &score), 0.0);
    ck_assert_double_eq(score.brevity_penalty, 0.0);
    ck_assert_double_eq(score_flat(both_empty, 1, 1, options, &score), 0.0);
    ck_assert_double_eq(score.brevity_penalty, 1.0);
    bleu_score_line(&score, 1, options, 2, line);
    ck_assert_str_eq(line, "BLEU|nrefs:1|case:lc|eff:no|tok:13a|smooth:exp|version:2.6.0 = 0.00 "
                           "0.0/0.0/0.0/0.0 (BP = 1.000 ratio = 0.000 hyp_len = 0 ref_len = 0)");
    ck_assert_double_eq(score_flat(same, 0, 1, options, NULL), 0.0);
}
END_TEST

/* K. Papineni et al. 2002, section 2.1: seven times "the", of which the first reference has two and
 * the second one. No pair of words is anywhere. The second is as long as the translation. */
START_TEST(test_counts_are_clipped) {
    const char *const references[] = {"the cat is on the mat", "there is a cat on the mat"};
    BleuCounts counts = {0};
    bleu_counts_add(&counts, "the the the the the the the", references, 2);
    static const long total[] = {7, 6, 5, 4};
    for (int n = 0; n < BLEU_ORDERS; n++) {
        ck_assert_int_eq(counts.correct[n], n == 0 ? 2 : 0);
        ck_assert_int_eq(counts.total[n], total[n]);
    }
    ck_assert_int_eq(counts.hypothesis_length, 7);
    ck_assert_int_eq(counts.reference_length, 7);
}
END_TEST

/* Counts of segments add up; each n-gram is clipped by the reference that has it most often, not by
 * all of them together: of "a b a b c", "a b" stands twice in the first, "c" once in the second. */
START_TEST(test_counts_add_up) {
    const char *const references[] = {"a b a b", "b c d"}, *const short_one[] = {"x"};
    BleuCounts counts = {0};
    bleu_counts_add(&counts, "a b a b c", references, 2);
    static const long correct[] = {5, 4, 2, 1}, total[] = {5, 4, 3, 2};
    for (int n = 0; n < BLEU_ORDERS; n++) {
        ck_assert_int_eq(counts.correct[n], correct[n]);
        ck_assert_int_eq(counts.total[n], total[n]);
    }
    ck_assert_int_eq(counts.reference_length, 4);
    bleu_counts_add(&counts, "x x", short_one, 1);
    bleu_counts_add(&counts, "", short_one, 1); // nothing was said
    ck_assert_int_eq(counts.correct[0], 6);
    ck_assert_int_eq(counts.total[0], 7);
    ck_assert_int_eq(counts.total[1], 5);
    ck_assert_int_eq(counts.total[2], 3);
    ck_assert_int_eq(counts.hypothesis_length, 7);
    ck_assert_int_eq(counts.reference_length, 6);
}
END_TEST

START_TEST(test_brevity_penalty) {
    ck_assert_double_eq(bleu_counts_brevity_penalty(7, 7), 1);
    ck_assert_double_eq(bleu_counts_brevity_penalty(9, 7), 1); // too long costs precision already
    ck_assert_double_eq_tol(bleu_counts_brevity_penalty(5, 10), 0.36787944117144233, 1e-15);
    ck_assert_double_eq_tol(bleu_counts_brevity_penalty(4, 5), 0.77880078307140488, 1e-15);
    ck_assert_double_eq(bleu_counts_brevity_penalty(0, 3), 0);
    ck_assert_double_eq(bleu_counts_brevity_penalty(0, 0), 1);
}
END_TEST

/* Of two references equally far in length the shorter counts, whatever their order. */
START_TEST(test_closest_reference) {
    const BleuOptions options = {BLEU_NONE, false};
    const char *const shorter_first[] = {"a b c d", "a b", "a b c d e f"};
    const char *const longer_first[] = {"a b c d", "a b c d e f", "a b"};
    BleuScore score;
    score_flat(shorter_first, 1, 2, options, &score);
    ck_assert_int_eq(score.reference_length, 2);
    score_flat(longer_first, 1, 2, options, &score);
    ck_assert_int_eq(score.reference_length, 2);
}
END_TEST

START_TEST(test_broken_utf8_passes_through) {
    const char line[] = "a\xff\xc3.\xe2\x82 b\xed\xa0\x80";
    ByteArray tokens = {0};
    bleu_tokenize(line, BLEU_NONE, true, &tokens);
    ck_assert_str_eq(tokens.data, line);
    bleu_tokenize(line, BLEU_INTL, false, &tokens);
    ck_assert_str_eq(tokens.data, "a\xff\xc3 . \xe2\x82 b\xed\xa0\x80");
    free(tokens.data);
}
END_TEST

/* A line of one repeated token is the worst case for a table of n-grams, a long line of distinct
 * ones for its size; neither may take quadratic time. */
START_TEST(test_long_lines) {
    enum { TOKENS = 30000 };
    ByteArray repeated = {0}, distinct = {0};
    for (int i = 0; i < TOKENS; i++) {
        char token[16];
        byte_array_append(&repeated, "x ", 2);
        byte_array_append(&distinct, token, (size_t)snprintf(token, sizeof token, "%d ", i));
    }
    const BleuOptions options = {BLEU_13A, false};
    const char *const text[] = {repeated.data, distinct.data, repeated.data, distinct.data};
    BleuScore score;
    ck_assert_double_eq_tol(score_flat(text, 2, 1, options, &score), 100.0, 1e-9);
    ck_assert_int_eq(score.correct[3], 2 * (TOKENS - 3));
    free(repeated.data);
    free(distinct.data);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("bleu");
    TCase *tc = tcase_create("bleu");
    tcase_set_timeout(tc, 60);
    tcase_add_loop_test(tc, test_tokens, 0, TOKENIZED_COUNT);
    tcase_add_loop_test(tc, test_corpora, 0, CORPUS_COUNT);
    tcase_add_test(tc, test_readme_example);
    tcase_add_test(tc, test_extremes);
    tcase_add_test(tc, test_counts_are_clipped);
    tcase_add_test(tc, test_counts_add_up);
    tcase_add_test(tc, test_brevity_penalty);
    tcase_add_test(tc, test_closest_reference);
    tcase_add_test(tc, test_broken_utf8_passes_through);
    tcase_add_test(tc, test_long_lines);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
