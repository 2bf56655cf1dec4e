/* test_data_check.c - what is counted and found out about sentence pairs before training. */
#include <check.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/check/correspondence.h"
#include "06_training/check/script.h"
#include "06_training/check/stray_characters.h"
#include "06_training/check/writing_check.h"
#include "06_training/run/sizing.h"
#include "06_training/translator/census.h"
#include "common/arena.h"
#include "common/kernels.h"
#include "common/random.h"
#include "tests/suite.h"

/* ---- Sizes ----------------------------------------------------------------------------------- */

static long vocab_for(size_t words, size_t characters, size_t distinct) {
    return sizing_vocab((CensusText){words, characters, distinct}, 10000);
}

START_TEST(vocabulary_follows_from_the_text) {
    ck_assert_int_eq(vocab_for(670000, 3000000, 30), 10000); // Multi30k
    ck_assert_int_eq(vocab_for(100000000, 500000000, 30), 10000);
    ck_assert_int_eq(vocab_for(4800, 20000, 0), 900); // 12.5 sqrt(4800) = 866
    ck_assert_int_eq(vocab_for(4800, 20000, 40), 900);
    ck_assert_int_eq(vocab_for(4800, 20000, 1000), 1900);
    ck_assert_int_eq(vocab_for(100, 24000, 0), 900); // no spaces: five characters are a word
    ck_assert_int_eq(vocab_for(0, 0, 0), 300);
    ck_assert_int_eq(vocab_for(150, 900, 70), 500); // 259 + 70 + 100 have to have room
    ck_assert_int_eq(vocab_for(150, 900, 41), 400);
    ck_assert_int_eq(vocab_for(150, 900, 42), 500);
    ck_assert_int_eq(vocab_for(30, 150, 0), 300);
    ck_assert_int_eq(sizing_vocab((CensusText){4800, 20000, 0}, 700), 700);
}
END_TEST

START_TEST(batches_follow_from_the_text) {
    ck_assert_int_eq(sizing_batch_tokens(440000, 80, 2048), 2048); // Multi30k
    ck_assert_int_eq(sizing_batch_tokens(440000, 0, 8192), 8192);  // 11,000 would be allowed
    ck_assert_int_eq(sizing_batch_tokens(15000, 80, 2048), 256);   // 58 batches
    ck_assert_int_eq(sizing_batch_tokens(20480, 80, 2048), 512);   // exactly 40
    ck_assert_int_eq(sizing_batch_tokens(20479, 80, 2048), 256);
    ck_assert_int_eq(sizing_batch_tokens(440000, 5, 2048), 1024); // 5 epochs: 2,000 steps
    ck_assert_int_eq(sizing_batch_tokens(150, 80, 2048), 128);
    ck_assert_int_eq(sizing_batch_tokens(150, 80, 100), 100);
}
END_TEST

START_TEST(the_rate_follows_from_the_batches) {
    ck_assert_double_eq_tol(sizing_lr(0.004, 128, 2048), 0.001, 1e-12);
    ck_assert_double_eq(sizing_lr(0.004, 2048, 2048), 0.004);
    ck_assert_double_eq(sizing_lr(0.004, 4096, 2048), 0.004);
}
END_TEST

/* ---- Counts ---------------------------------------------------------------------------------- */

#define LINES(...)                                                                                 \
    ((Lines){.line = (char *[]){__VA_ARGS__},                                                      \
             .count = sizeof((char *[]){__VA_ARGS__}) / sizeof(char *)})

START_TEST(a_text_is_counted) {
    const Pairs pairs = {.src = LINES("the dog  sleeps", "caf\u00e9"),
                         .tgt = LINES("\u72d7\u3000\u7761\u89c9", "caf\u00e9 x")};
    const CensusText text = census_text(&pairs);
    ck_assert_uint_eq(text.words, 3 + 1 + 2 + 2); // the ideographic space is one, too
    ck_assert_uint_eq(text.characters, 12 + 4 + 3 + 5);
    ck_assert_uint_eq(text.distinct, 1); // the e with an accent occurs twice
    ck_assert_uint_eq(census_words(pairs.src.line[0]), 3);
    ck_assert_uint_eq(census_words(pairs.tgt.line[0]), 2);
}
END_TEST

START_TEST(numbers_of_a_pair) {
    static const struct {
        const char *src, *tgt;
        CensusNumbers expected;
    } known[] = {
        {"room 12 at 7", "um 7 in Zimmer 12", CENSUS_NUMBERS_SAME},
        {"room 12", "Zimmer 13", CENSUS_NUMBERS_DIFFER},
        {"room 12", "Zimmer 21", CENSUS_NUMBERS_DIFFER},
        {"12 rooms", "zwölf Zimmer", CENSUS_NUMBERS_NONE},
        {"a room", "ein Zimmer", CENSUS_NUMBERS_NONE},
        {"1,000 rooms", "1.000 Zimmer", CENSUS_NUMBERS_SAME},
        {"1 2", "12", CENSUS_NUMBERS_DIFFER},
        {"12 12", "12", CENSUS_NUMBERS_DIFFER},
        {"1 5", "2 4", CENSUS_NUMBERS_DIFFER}, // of one sum
        {"007 and 0", "7, 00", CENSUS_NUMBERS_SAME},
        {"3/5/2019", "03.05.2019", CENSUS_NUMBERS_SAME},
        {"12,345 and 1'234'567", "12345, 1 234\u202f567", CENSUS_NUMBERS_SAME},
        {"2019, 300", "2019300", CENSUS_NUMBERS_DIFFER},
        {"2019 300", "2019300", CENSUS_NUMBERS_DIFFER}, // no thousand has four digits before it
        {"1.2345", "12345", CENSUS_NUMBERS_DIFFER},
        {"2019", "\u0968\u0966\u0967\u096f", CENSUS_NUMBERS_SAME},   // Devanagari
        {"2019", "\uff12\uff10\uff11\uff19年", CENSUS_NUMBERS_SAME}, // wide
        {"90", "\U0001d7d7\U0001d7e2", CENSUS_NUMBERS_SAME},         // bold, sans-serif
        {"2\u00b2 m", "2 m", CENSUS_NUMBERS_SAME},                   // an exponent is no digit
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ck_assert_msg(census_numbers(known[i].src, known[i].tgt) == known[i].expected, "%s | %s",
                      known[i].src, known[i].tgt);
}
END_TEST

START_TEST(pairs_are_counted) {
    const Pairs train = {.src = LINES("a", "b", "a", "a", "c", "ab"),
                         .tgt = LINES("x", "y", "x", "z", "c", "")};
    const Pairs valid = {.src = LINES("a", "a", "d", "b", "a", "e"),
                         .tgt = LINES("x", "y", "d", "y", "bx", "e")};
    const Census census = census_of(&train, &valid);
    ck_assert_uint_eq(census.repeated, 1);
    ck_assert_uint_eq(census.equal, 1);
    ck_assert_uint_eq(census.equal_valid, 2);
    ck_assert_uint_eq(census.seen, 2); // a x and b y
    ck_assert_uint_eq(census.seen_src, 4);
}
END_TEST

START_TEST(how_lines_are_written) {
    const Lines lines = LINES("A small dog .", "A LOUD CAT.", "no stop here", ". in \u00c9",
                              "a\u00a0. ", "", ".", "NBA", "\u72d7\u7761\u89c9 OK");
    const WritingStyle style = writing_style(&lines);
    ck_assert_uint_eq(style.stops, 4);
    ck_assert_uint_eq(style.alone, 3); // the whole of a line, too
    ck_assert_uint_eq(style.sentences, 3);
    ck_assert_uint_eq(style.shouted, 1);
    ck_assert_uint_eq(style.low, 1);
}
END_TEST

START_TEST(pairs_are_known_in_other_letters) {
    const Pairs train = {.src = LINES("The Dog", "\u00c9t\u00e9", "stra\u00dfe", "a b", "q"),
                         .tgt = LINES("Le chien", "SUMMER", "Street", "x", "r")};
    const Pairs valid = {.src =
                             LINES("the  dog", "\u00e9T\u00c9 ", "STRASSE", "ab", " the dog", "q"),
                         .tgt = LINES("le\u00a0CHIEN", " summer", "street", "x", "lechien", "")};
    const Census census = census_of(&train, &valid);
    ck_assert_uint_eq(census.seen, 3);
    ck_assert_uint_eq(census.seen_src, 5);
    ck_assert_uint_eq(census.repeated, 0);
}
END_TEST

START_TEST(text_that_was_decoded_twice) {
    static const char *const wrong[] = {"gr\u00c3\u00bcn",
                                        "gro\u00c3\u0178",        // CP1252 has letters there
                                        "gro\u00c3\xc2\x9f",      // and Latin-1 a control
                                        "don\u00e2\u20ac\u2122t", // a quotation mark
                                        "don\u00e2\xc2\x80\xc2\x99t",
                                        "5 \u00c2\u00b0C",
                                        "\u00d0\u00b4\u00d0\u00b0",
                                        "\u00c3\u20ac", // of \u00c0
                                        "\u00c5\u201f\u00c5\u0178",
                                        "\u00ce\u00b1",
                                        "\u00e5\u2020\u00ac\u00e5\u00a4\u00a9"};
    static const char *const right[] = {"",
                                        "gr\u00fcn",
                                        "S\u00c3O PAULO",
                                        "gr\ufffdn",
                                        "3\u00a0\u00d7\u00a04",
                                        "\u00ab\u00a0caf\u00e9\u00a0\u00bb",
                                        "caf\u00e9\u2026",
                                        "\u00c2NGULO",
                                        "\u00c2 ",
                                        "\u00e2ge",
                                        "5 \u20ac",
                                        "\u00c3",
                                        "ESPA\u00d1A",
                                        "\u00abCAF\u00c9\u00bb",
                                        "\u0434\u0430"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(writing_is_decoded_twice(wrong[i]), "%s", wrong[i]);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        ck_assert_msg(!writing_is_decoded_twice(right[i]), "%s", right[i]);
}
END_TEST

START_TEST(characters_that_nobody_sees) {
    static const struct {
        const char *line;
        Script script;
        uint32_t expected;
    } known[] = {
        {"a \u00addog", SCRIPT_LATIN, 0xad},
        {"a dog\u200b", SCRIPT_LATIN, 0x200b},
        {"\ufeffa dog", SCRIPT_LATIN, 0xfeff},
        {"a\u2060 dog", SCRIPT_LATIN, 0x2060},
        {"a \u202adog\u202c", SCRIPT_LATIN, 0x202a},
        {"a \u2069dog", SCRIPT_LATIN, 0x2069},
        {"a dog\u200e, \u00ad", SCRIPT_LATIN, 0x200e},
        {"\u00ab\u00a0caf\u00e9\u202f\u00bb a\tb\x01\xc2\x85", SCRIPT_LATIN, 0},
        {"\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645", SCRIPT_ARABIC, 0}, // Persian
        {"\u2764\ufe0f \U0001f469\u200d\U0001f680", SCRIPT_LATIN, 0},           // emoji
        {"\u0643\u0644\u0628 C\u200e", SCRIPT_ARABIC, 0},
        {"\u05db\u05dc\u05d1\u200f \u2067x\u2069", SCRIPT_HEBREW, 0},
        {"\u05db\u05dc\u05d1\u200f \u00ad", SCRIPT_HEBREW, 0xad},
        {"\u05db\u200b\u05dc", SCRIPT_HEBREW, 0x200b},
        {"\u0e2b\u200b\u0e21", SCRIPT_THAI, 0},
        {"\u0e2b\u200b\u0e21\u200e", SCRIPT_THAI, 0x200e},
        {"\u72d7\u200b\u304c", SCRIPT_KANA, 0},
        {"\u0eab\u200b\u0ea1", SCRIPT_OTHER, 0}, // Lao
        {"\u72d7\u200b\u7761", SCRIPT_HAN, 0x200b},
        {"", SCRIPT_NONE, 0},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ck_assert_msg(stray_characters_invisible(known[i].line, known[i].script) ==
                          known[i].expected,
                      "%zu: %s", i, known[i].line);
}
END_TEST

START_TEST(control_characters) {
    static const struct {
        const char *line;
        uint32_t expected;
    } known[] = {
        {"a\x01", 1},
        {"a\x0c dog", 0x0c},
        {"a dog\r", 0x0d},
        {"\x1b[1m", 0x1b},
        {"\x1f", 0x1f},
        {"a dog\x7f", 0x7f},
        {"a\xc2\x80", 0x80},
        {"don\xc2\x92t", 0x92},
        {"a\xc2\x9f\x02", 0x9f},
        {"a\tdog \u00a0~ \u00ad\u200b", 0},
        {"", 0},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        ck_assert_msg(stray_characters_control(known[i].line, SCRIPT_LATIN) == known[i].expected,
                      "%zu: %s", i, known[i].line);
}
END_TEST

START_TEST(question_marks_where_letters_were) {
    static const char *const wrong[] = {"h?llo",         "gr??n",    "don???t",
                                        "GR?N",          "GR?n",     "a caf\u00e9?e",
                                        "\u0434?\u0430", "x/y gr?n", "Why? h?llo"};
    static const char *const right[] = {
        "",           "?",   "Really? yes",     "Really?Yes",    "?hola?",
        "5?x",        "x?5", "\u00bfqu\u00e9?", "is it \"a?\"b", "https://a.b/watch?v=1",
        "a /search?q"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        ck_assert_msg(stray_characters_question(wrong[i], SCRIPT_LATIN) == '?', "%s", wrong[i]);
    for (size_t i = 0; i < sizeof right / sizeof *right; i++)
        ck_assert_msg(!stray_characters_question(right[i], SCRIPT_LATIN), "%s", right[i]);
    // No space is missing where there are none.
    ck_assert_uint_eq(stray_characters_question("\u597d\u5417?\u597d", SCRIPT_HAN), 0);
    ck_assert_uint_eq(stray_characters_question("\u304b?\u304b", SCRIPT_KANA), 0);
    ck_assert_uint_eq(stray_characters_question("\u0645?\u0645", SCRIPT_ARABIC), '?');
}
END_TEST

START_TEST(the_line_that_comes_most) {
    const Lines lines = LINES("a", "b", "c", "b", "a", "b"), one = LINES("x", "y");
    ck_assert_uint_eq(census_most(&lines).times, 3);
    ck_assert_uint_eq(census_most(&lines).place, 1);
    ck_assert_uint_eq(census_most(&one).times, 1);
    ck_assert_uint_eq(census_most(&one).place, 0);
}
END_TEST

static const struct {
    const char *line, *name;
} WRITINGS[] = {{"A dog sleeps.", "Latin"},
                {"\u0421\u043e\u0431\u0430\u043a\u0430 a", "Cyrillic"},
                {"12 + 3 = ?!", "none"},
                {"", "none"},
                {"\u72d7\u7761\u89c9", "Han"},
                {"\u72d7\u7761\u304c", "kana"},
                {"\u0643\u0644\u0628", "Arabic"},
                {"\u16a0\u16a1", "another"}, // runes
                {"Stra\u00dfe \u00e4 \u1ea1", "Latin"}};

START_TEST(scripts_are_told_apart) {
    ck_assert_str_eq(script_name(script_of(WRITINGS[_i].line)), WRITINGS[_i].name);
}
END_TEST

START_TEST(the_script_of_most_lines) {
    const Lines lines = LINES("one", "...", "\u0438", "two", "\u72d7");
    size_t others, first;
    ck_assert_int_eq(script_of_most(&lines, &others, &first), SCRIPT_LATIN);
    ck_assert_uint_eq(others, 2);
    ck_assert_uint_eq(first, 3);
}
END_TEST

/* ---- Do they belong together? ---------------------------------------------------------------- */

enum { WORDS = 60, LENGTH = 8, COUNT = 600 };

/* A language of WORDS words, and another one, in reverse order, whose word for 10 + w is
 * 10 + WORDS + w. Every source ends with 2, every target begins with 1 and ends with 2. Pair i has
 * the source of line i, and the target of line (i + shift) mod COUNT. */
static EncodedPairs pairs_of(uint64_t seed, int shift) {
    const size_t stride = 2 * LENGTH + 3;
    EncodedPairs pairs = {.ids = memory_calloc(COUNT * stride * sizeof(int)),
                          .pair = memory_calloc(COUNT * sizeof(EncodedPair)),
                          .count = COUNT};
    for (int i = 0; i < COUNT; i++) {
        const size_t src = (size_t)i * stride;
        const size_t tgt = (size_t)((i + COUNT - shift) % COUNT) * stride + LENGTH + 1;
        pairs.pair[i] = (EncodedPair){(size_t)i, src, src + LENGTH + 1, LENGTH + 1, LENGTH + 2};
        for (int k = 0; k < LENGTH; k++) {
            const int w = (int)(random_mix64(seed * 1000003 + (uint64_t)(i * LENGTH + k)) % WORDS);
            pairs.ids[src + (size_t)k] = 10 + w;
            pairs.ids[tgt + (size_t)(LENGTH - k)] = 10 + WORDS + w;
        }
        pairs.ids[src + LENGTH] = pairs.ids[tgt + LENGTH + 1] = 2;
        pairs.ids[tgt] = 1;
    }
    return pairs;
}

static double fits(const EncodedPairs *learn, const EncodedPairs *judged, int offset) {
    const Correspondence c = correspondence_of(learn, judged, offset);
    ck_assert_int_gt(correspondence_judged(&c), COUNT * 9 / 10);
    return correspondence_share(&c);
}

START_TEST(translations_fit_and_others_do_not) {
    EncodedPairs right = pairs_of(1, 0), other = pairs_of(2, 0), shifted = pairs_of(1, 1);
    ck_assert_double_gt(fits(&right, &right, 0), 0.98);
    ck_assert_double_gt(fits(&right, &other, 0), 0.98); // what one text teaches holds in another
    ck_assert_double_eq_tol(fits(&shifted, &shifted, 0), 0.5, 0.08);
    ck_assert_double_eq_tol(fits(&right, &shifted, 0), 0.5, 0.08);
    // The target of line i + 1 is that of source i.
    ck_assert_double_gt(fits(&shifted, &shifted, -1) + fits(&shifted, &shifted, 1), 1.4);
    ck_assert_double_gt(fmax(fits(&shifted, &shifted, -1), fits(&shifted, &shifted, 1)), 0.98);
    encoded_pairs_free(&right);
    encoded_pairs_free(&other);
    encoded_pairs_free(&shifted);
}
END_TEST

/* From pair 300 on it is another text. */
START_TEST(a_part_that_does_not_fit_is_found) {
    EncodedPairs pairs = pairs_of(1, 0), shifted = pairs_of(1, 5);
    const size_t half = COUNT / 2, stride = 2 * LENGTH + 3;
    memcpy(pairs.ids + half * stride, shifted.ids + half * stride, half * stride * sizeof(int));
    const Correspondence c = correspondence_of(&pairs, &pairs, 0);
    for (int p = 0; p < CORRESPONDENCE_PARTS; p++) {
        if (p < 5) ck_assert_double_gt(correspondence_part(&c, p), 0.9);
        if (p > 5) ck_assert_double_lt(correspondence_part(&c, p), 0.75);
    }
    encoded_pairs_free(&pairs);
    encoded_pairs_free(&shifted);
}
END_TEST

/* Pairs [begin, end) the other way round: w becomes the word of the other language. */
static void exchange(EncodedPairs *pairs, size_t begin, size_t end) {
    for (size_t i = begin; i < end; i++) {
        const size_t first = pairs->pair[i].src;
        for (size_t k = first; k < first + 2 * LENGTH + 3; k++) {
            int *id = &pairs->ids[k];
            if (*id >= 10) *id = *id < 10 + WORDS ? *id + WORDS : *id - WORDS;
        }
    }
}

static void check_exchanged(const EncodedPairs *train, const EncodedPairs *valid, size_t in_train,
                            size_t in_valid) {
    const Exchanged exchanged = correspondence_exchanged(train, valid);
    ck_assert_uint_eq(exchanged.train, in_train);
    ck_assert_uint_eq(exchanged.valid, in_valid);
}

START_TEST(exchanged_sides_are_found) {
    EncodedPairs pairs = pairs_of(1, 0), exchanged = pairs_of(2, 0);
    check_exchanged(&pairs, &exchanged, 0, 0);
    exchange(&exchanged, 0, COUNT / 3);
    check_exchanged(&pairs, &exchanged, 0, COUNT / 3);
    check_exchanged(&exchanged, &pairs, COUNT / 3, 0);
    encoded_pairs_free(&pairs);
    encoded_pairs_free(&exchanged);
}
END_TEST

/* Which half of a text is the wrong one the text cannot tell; another one can. */
START_TEST(validation_says_which_half_is_exchanged) {
    EncodedPairs train = pairs_of(1, 0), valid = pairs_of(2, 0);
    exchange(&train, 0, COUNT / 2);
    check_exchanged(&train, &valid, COUNT / 2, 0);
    exchange(&train, 0, COUNT); // now the other half
    check_exchanged(&train, &valid, COUNT / 2, 0);
    exchange(&train, COUNT / 2, COUNT * 11 / 20); // a tie, but for some
    check_exchanged(&train, &valid, COUNT * 9 / 20, 0);
    exchange(&train, 0, COUNT);
    check_exchanged(&train, &valid, COUNT * 11 / 20, 0);
    exchange(&valid, 0, COUNT * 2 / 5);
    check_exchanged(&train, &valid, COUNT * 11 / 20, COUNT * 2 / 5);
    encoded_pairs_free(&train);
    encoded_pairs_free(&valid);
}
END_TEST

/* One pair has no other target, and one that is its own neighbour's says nothing. */
START_TEST(a_single_pair_says_nothing) {
    EncodedPairs pairs = pairs_of(1, 0);
    pairs.count = 1;
    const Correspondence c = correspondence_of(&pairs, &pairs, 0);
    ck_assert_int_eq(correspondence_judged(&c), 0);
    ck_assert_double_eq(correspondence_share(&c), 1);
    encoded_pairs_free(&pairs);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("data_check");
    TCase *tests = tcase_create("data_check");
    tcase_set_timeout(tests, 60);
    tcase_add_test(tests, vocabulary_follows_from_the_text);
    tcase_add_test(tests, batches_follow_from_the_text);
    tcase_add_test(tests, the_rate_follows_from_the_batches);
    tcase_add_test(tests, a_text_is_counted);
    tcase_add_test(tests, numbers_of_a_pair);
    tcase_add_test(tests, pairs_are_counted);
    tcase_add_test(tests, pairs_are_known_in_other_letters);
    tcase_add_test(tests, how_lines_are_written);
    tcase_add_test(tests, text_that_was_decoded_twice);
    tcase_add_test(tests, characters_that_nobody_sees);
    tcase_add_test(tests, control_characters);
    tcase_add_test(tests, question_marks_where_letters_were);
    tcase_add_test(tests, the_line_that_comes_most);
    tcase_add_loop_test(tests, scripts_are_told_apart, 0,
                        (int)(sizeof WRITINGS / sizeof *WRITINGS));
    tcase_add_test(tests, the_script_of_most_lines);
    tcase_add_test(tests, translations_fit_and_others_do_not);
    tcase_add_test(tests, a_part_that_does_not_fit_is_found);
    tcase_add_test(tests, exchanged_sides_are_found);
    tcase_add_test(tests, validation_says_which_half_is_exchanged);
    tcase_add_test(tests, a_single_pair_says_nothing);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
