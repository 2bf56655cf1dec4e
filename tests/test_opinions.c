// Chapter 6's classifier: its sentences mean what their labels say, and order is what it needs.
#include "06_training/lab/classifier.h"
#include "common/kernels.h"
#include "common/vector.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

enum { DRAWN = 3000 };

static Graph *graph;
static Opinion opinions[DRAWN];

static void setup(void) {
    graph = graph_new();
    graph_use(graph);
}

static void teardown(void) {
    graph_free(graph);
}

static void draw(bool held_out) {
    Random random;
    random_seed(&random, 3);
    opinions_draw(opinions, DRAWN, held_out, &random);
}

/* The words of the sentence in the order of their ids. */
static int by_id(const void *a, const void *b) {
    return *(const int *)a - *(const int *)b;
}

START_TEST(twins_have_the_same_words) {
    draw(false);
    int twins = 0;
    for (int i = 0; i < DRAWN; i++) {
        Opinion twin;
        if (!opinions_twin(&opinions[i], &twin)) {
            ck_assert_int_le(opinions[i].pattern, OPINION_NOT);
            continue;
        }
        twins++;
        ck_assert_int_ne(opinions[i].label, twin.label);
        ck_assert_int_ne(memcmp(opinions[i].ids, twin.ids, sizeof twin.ids), 0);
        Opinion a = opinions[i];
        qsort(a.ids, (size_t)a.length, sizeof(int), by_id);
        qsort(twin.ids, (size_t)twin.length, sizeof(int), by_id);
        ck_assert_mem_eq(a.ids, twin.ids, sizeof a.ids);
    }
    ck_assert_int_gt(twins, DRAWN / 2); // four patterns of six
}
END_TEST

static bool has(const char *text, const char *word) {
    return strstr(text, word) != NULL;
}

/* What a reader would say, of three patterns, from the text alone. */
START_TEST(labels_are_what_the_sentence_says) {
    static const char *const good[] = {"good",  "fine",      "lovely", "great",
                                       "fresh", "wonderful", "tasty",  "pleasant"};
    draw(true);
    int good_labels = 0;
    for (int i = 0; i < DRAWN; i++) {
        char text[256];
        opinions_text(&opinions[i], text);
        good_labels += opinions[i].label;
        bool good_word = false; // behind the words that decide, or anywhere
        const char *from = text;
        if (opinions[i].pattern == OPINION_WHEN) from = strstr(text, "now it is");
        if (opinions[i].pattern > OPINION_NOT && opinions[i].pattern != OPINION_WHEN) continue;
        if (!from) continue; // "is X now and used to be Y"
        for (int k = 0; k < 8; k++) good_word |= has(from, good[k]);
        const bool turned = has(text, "was not") || has(text, "would not");
        ck_assert_msg(opinions[i].label == (good_word != turned), "%s: %d", text,
                      opinions[i].label);
    }
    ck_assert_int_gt(good_labels, DRAWN * 45 / 100);
    ck_assert_int_lt(good_labels, DRAWN * 55 / 100);
}
END_TEST

START_TEST(held_out_sentences_are_not_trained_on) {
    static Opinion trained[DRAWN];
    draw(false);
    memcpy(trained, opinions, sizeof trained);
    draw(true);
    for (int i = 0; i < DRAWN; i++)
        for (int j = 0; j < DRAWN; j += 7)
            ck_assert(trained[i].length != opinions[j].length ||
                      memcmp(trained[i].ids, opinions[j].ids, sizeof trained[i].ids) != 0);
}
END_TEST

/* scores <- of a sentence and of its twin. */
static void score_twins(ClassifierKind kind, real scores[4]) {
    Opinion pair[2] = {opinions_of("the soup was good , not bad")};
    ck_assert(opinions_twin(&pair[0], &pair[1]));
    Classifier *c = classifier_new(kind, 2, 5);
    memcpy(scores, classifier_forward(c, pair, 2, NULL)->data, 4 * sizeof *scores);
    classifier_free(c);
    graph_reset(graph);
}

START_TEST(only_positions_tell_twins_apart) {
    real scores[4];
    for (int kind = 0; kind < CLASSIFIER_ENCODER; kind++) {
        score_twins((ClassifierKind)kind, scores);
        ck_assert_double_lt(vector_max_difference(scores, scores + 2, 2), 1e-5);
    }
    score_twins(CLASSIFIER_ENCODER, scores);
    ck_assert_double_gt(vector_max_difference(scores, scores + 2, 2), 1e-3);
}
END_TEST

/* <pad> changes nothing: alone, or in a batch with a longer one. */
START_TEST(padding_is_not_seen) {
    const Opinion pair[2] = {
        opinions_of("the soup was good"),
        opinions_of("we went there with friends , the soup was not very good")};
    Classifier *c = classifier_new(CLASSIFIER_ENCODER, 2, 5);
    const Tensor *alone = classifier_forward(c, pair, 1, NULL);
    const Tensor *both = classifier_forward(c, pair, 2, NULL);
    ck_assert_double_lt(vector_max_difference(alone->data, both->data, 2), 1e-5);
    classifier_free(c);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("opinions");
    TCase *tc = tcase_create("opinions");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, twins_have_the_same_words);
    tcase_add_test(tc, labels_are_what_the_sentence_says);
    tcase_add_test(tc, held_out_sentences_are_not_trained_on);
    tcase_add_test(tc, only_positions_tell_twins_apart);
    tcase_add_test(tc, padding_is_not_seen);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
