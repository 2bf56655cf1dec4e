// The links between the built-in corpus's words: against hand-made ones, and what holds of all.
#include "06_training/lab/alignment_error.h"
#include "06_training/lab/linked_corpus.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

enum { PAIRS = 4000 };

static LinkedCorpus corpus;

static void setup(void) {
    linked_corpus_add(&corpus, CORPUS_HELD_OUT, 1, 500);
    linked_corpus_add(&corpus, CORPUS_TRAIN, 1, PAIRS);
}

static void teardown(void) {
    linked_corpus_free(&corpus);
}

/* "animal-animal street-rue": the words that are linked, in the order of the French ones. */
static void links_text(const LinkedPair *pair, char text[1024]) {
    char english[GRAMMAR_FORM_BYTES], french[GRAMMAR_FORM_BYTES];
    size_t length = 0;
    text[0] = '\0';
    for (int t = 0; t < pair->pair.tgt_length; t++)
        for (int s = 0; s < pair->pair.src_length; s++)
            if (pair->links[t] >> s & 1)
                length += (size_t)snprintf(
                    text + length, 1024 - length, "%s%s-%s", length ? " " : "",
                    linked_corpus_word(&corpus.english, pair->pair.src[s], english),
                    linked_corpus_word(&corpus.french, pair->pair.tgt[t], french));
}

START_TEST(the_well_known_sentences) {
    static const char *const expected[4] = {"The-L' animal-animal the-la street-rue tired-fatigué",
                                            "The-L' animal-animal the-la street-rue wide-large",
                                            "The-Le cat-chat the-le milk-lait",
                                            "The-Le cat-chat the-le milk-lait sweet-sucré"};
    for (int i = 0; i < 4; i++) {
        char text[1024];
        links_text(&corpus.pairs[i], text);
        ck_assert_str_eq(text, expected[i]);
    }
}
END_TEST

/* Every link lies inside its sentence, and two in five of the French words, marks
 * among them, have one. */
START_TEST(links_stay_inside) {
    long words = 0, linked = 0;
    for (size_t i = 0; i < corpus.count; i++) {
        const LinkedPair *p = &corpus.pairs[i];
        for (int t = 0; t < p->pair.tgt_length; t++) {
            ck_assert_uint_eq(p->links[t] >> p->pair.src_length, 0);
            words++;
            linked += p->links[t] != 0;
        }
    }
    ck_assert_int_gt(linked, words * 2 / 5);
    ck_assert_int_lt(linked, words * 3 / 5);
}
END_TEST

/* "cat" is linked to a form of "chat" wherever it occurs, and "black" to one of "noir": the grammar
 * puts the adjective behind, and the links cross. */
START_TEST(a_word_keeps_its_translation) {
    int cats = 0, blacks = 0, crossed = 0;
    char english[GRAMMAR_FORM_BYTES], french[GRAMMAR_FORM_BYTES];
    for (size_t i = 0; i < corpus.count; i++) {
        const LinkedPair *p = &corpus.pairs[i];
        for (int t = 0; t < p->pair.tgt_length; t++)
            for (int s = 0; s < p->pair.src_length; s++) {
                if (!(p->links[t] >> s & 1)) continue;
                const char *e = linked_corpus_word(&corpus.english, p->pair.src[s], english);
                const char *f = linked_corpus_word(&corpus.french, p->pair.tgt[t], french);
                const bool cat = strcmp(e, "cat") == 0, black = strcmp(e, "black") == 0;
                cats += cat, blacks += black;
                ck_assert(!cat || strcmp(f, "chat") == 0);
                ck_assert(!black || memcmp(f, "noir", 4) == 0);
                crossed += t > 0 && (p->links[t - 1] >> s) > 1;
            }
    }
    ck_assert_int_gt(cats, 20);
    ck_assert_int_gt(blacks, 20);
    ck_assert_int_gt(crossed, 100);
}
END_TEST

/* The toy of Garg et al., and the right alignment's error. */
START_TEST(error_rate_by_hand) {
    static const uint64_t sure[4] = {1, 2, 4, 0}, possible[4] = {1, 2, 12, 0},
                          found[4] = {1, 2, 8, 8};
    AlignmentError error = {0}, none = {0};
    for (int i = 0; i < 4; i++) {
        alignment_error_add(&error, found[i], sure[i], possible[i]);
        alignment_error_add(&none, sure[i], sure[i], possible[i]);
    }
    ck_assert_double_eq_tol(alignment_error_rate(&error), 2.0 / 7, 1e-12);
    ck_assert_double_eq(alignment_error_rate(&none), 0);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("linked corpus");
    TCase *tc = tcase_create("linked corpus");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, the_well_known_sentences);
    tcase_add_test(tc, links_stay_inside);
    tcase_add_test(tc, a_word_keeps_its_translation);
    tcase_add_test(tc, error_rate_by_hand);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
