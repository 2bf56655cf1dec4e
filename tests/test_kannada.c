// Kannada by rule, and its characters as ids.
#include "06_training/lab/kannada.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

/* Vowels as letters and as signs, a doubled consonant, one of two letters, one without a vowel. */
START_TEST(words_by_hand) {
    static const char *const words[][2] = {
        {"kannaDa", "ಕನ್ನಡ"},  {"ivattu", "ಇವತ್ತು"},
        {"naanu", "ನಾನು"},    {"amma", "ಅಮ್ಮ"},
        {"uuru", "ಊರು"},      {"mane", "ಮನೆ"},
        {"haalu", "ಹಾಲು"},    {"khaadi", "ಖಾದಿ"},
        {"bhaarata", "ಭಾರತ"}, {"aidu", "ಐದು"},
        {"koopa", "ಕೋಪ"},     {"beku", "ಬೆಕು"},
        {"maiL", "ಮೈಳ್"},      {"eenu maaDabeeku?", "ಏನು ಮಾಡಬೇಕು?"}};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        char kannada[KANNADA_BYTES];
        kannada_write(kannada, words[i][0]);
        ck_assert_str_eq(kannada, words[i][1]);
    }
}
END_TEST

START_TEST(ids_are_characters) {
    const SentencePair pair = kannada_pair("kannaDa");
    ck_assert_int_eq(pair.src_length, 7);
    ck_assert_int_eq(pair.tgt_length, 5); // ka, na, virama, na, Da
    ck_assert_int_eq(pair.tgt[1], pair.tgt[3]);
}
END_TEST

/* Of drawn texts: from ids back to what the rule wrote, within the vocabularies. */
START_TEST(ids_come_back) {
    Random random;
    random_seed(&random, 8);
    for (int n = 0; n < 500; n++) {
        char latin[KANNADA_BYTES], kannada[KANNADA_BYTES], text[KANNADA_BYTES];
        kannada_draw(latin, 1 + n % 4, &random);
        kannada_write(kannada, latin);
        const SentencePair pair = kannada_pair(latin);
        ck_assert_str_eq(kannada_text(pair.tgt, pair.tgt_length, text), kannada);
        for (int t = 0; t < pair.tgt_length; t++)
            ck_assert_int_lt(pair.tgt[t], kannada_script_vocabulary());
        for (int s = 0; s < pair.src_length; s++)
            ck_assert_int_lt(pair.src[s], kannada_latin_vocabulary());
    }
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("kannada");
    TCase *tc = tcase_create("kannada");
    tcase_add_test(tc, words_by_hand);
    tcase_add_test(tc, ids_are_characters);
    tcase_add_test(tc, ids_come_back);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
