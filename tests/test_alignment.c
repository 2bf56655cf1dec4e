/* test_alignment.c - which words the pieces of an alignment are part of, and what is left of it
 * where a sentence has no room for its </s>. */
#include <check.h>
#include <string.h>

#include "06_training/decoding/alignment.h"
#include "common/kernels.h"
#include "tests/suite.h"
#include "tests/untrained.h"

static Translator translator;
static Graph *graph;

static void make_translator(void) {
    translator = untrained_translator("\u00e9", 4, true);
    graph = graph_new();
    graph_use(graph);
}

static void free_translator(void) {
    graph_free(graph);
    translator_free(&translator);
}

/* Words are what white space separates, whichever: a space, a tab, a no-break space. The pieces of
 * the white space alone belong to none. */
START_TEST(words_of_an_alignment) {
    static const char *const lines[] = {"the cat \xc3\xa9", "the\tcat\t\xc3\xa9",
                                        "the\xc2\xa0 cat\xe3\x80\x80\xc3\xa9 \t"};
    Error err = {""};
    for (size_t i = 0; i < sizeof lines / sizeof *lines; i++) {
        Alignment a;
        ck_assert_msg(alignment_of(&translator, lines[i], "die katze", -1, &a, &err), "%s",
                      err.text);
        int last = 0;
        ck_assert_int_eq(a.src_word[0], -1); // the space that every sentence begins with
        for (int s = 0; s < a.cols; s++) {
            ck_assert_msg(a.src_word[s] == -1 || a.src_word[s] == last || a.src_word[s] == last + 1,
                          "line %zu, piece %d: word %d after %d", i, s, a.src_word[s], last);
            if (a.src_word[s] >= 0) last = a.src_word[s];
        }
        ck_assert_msg(last == 2, "line %zu: the last word is %d", i, last);
        ck_assert_int_eq(a.src_word[a.cols - 1], -1); // </s>
        alignment_free(&a);
    }
}
END_TEST

/* A translation that was cut off at the limit has no room for its </s>, and is aligned all the
 * same. */
START_TEST(alignment_at_the_limit) {
    Error err = {""};
    Alignment a;
    ck_assert(alignment_of(&translator, "a", "die katze", -1, &a, &err));
    const int rows = a.rows;
    alignment_free(&a);
    for (int room = 0; room >= -2; room--) {
        translator.max_length = rows + room;
        const bool aligned = alignment_of(&translator, "a", "die katze", -1, &a, &err);
        ck_assert_int_eq(aligned, room >= -1);
        if (!aligned) continue;
        ck_assert_int_eq(a.rows, rows + room);
        ck_assert_int_eq(a.tgt_word[rows - 2], 1); // of "katze"
        alignment_free(&a);
    }
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("alignment");
    TCase *tests = tcase_create("alignment");
    tcase_add_unchecked_fixture(tests, make_translator, free_translator);
    tcase_add_test(tests, words_of_an_alignment);
    tcase_add_test(tests, alignment_at_the_limit);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
