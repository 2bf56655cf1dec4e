// Characters as tokens: sorted code points, counts, and errors for what the text did not have.
#include "01_embeddings/characters.h"
#include "common/files/text.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Characters learned(const char *text) {
    Characters characters;
    Error err = {""};
    ck_assert_msg(characters_learn(&characters, text, strlen(text), &err), "%s", err.text);
    return characters;
}

START_TEST(sorted_set_with_counts) {
    Characters c = learned("hello é");
    const uint32_t sorted[] = {' ', 'e', 'h', 'l', 'o', 0xe9};
    const long times[] = {1, 1, 1, 2, 1, 1};
    ck_assert_uint_eq(c.count, 6);
    for (int id = 0; id < 6; id++) {
        ck_assert_uint_eq(c.code_point[id], sorted[id]);
        ck_assert_int_eq(c.times[id], times[id]);
        ck_assert_int_eq(characters_id(&c, sorted[id]), id);
    }
    ck_assert_int_eq(characters_id(&c, 'a'), -1);
    ck_assert_int_eq(characters_id(&c, 0x10ffff), -1);
    characters_free(&c);
}
END_TEST

START_TEST(there_and_back) {
    const char *text = "ಕನ್ನಡ, déjà vu \U0001F600\n";
    Characters c = learned(text);
    IntArray ids = {0};
    Error err = {""};
    size_t bytes;
    ck_assert(characters_encode(&c, text, strlen(text), &ids, &err));
    ck_assert_uint_eq(ids.count, 5 + 2 + 4 + 1 + 2 + 1 + 1 + 1); // Kannada's word is 5 code points
    char *back = characters_decode(&c, ids.data, ids.count, &bytes);
    ck_assert_str_eq(back, text);
    ck_assert_uint_eq(bytes, strlen(text));
    free(back);
    back = characters_decode(&c, NULL, 0, NULL);
    ck_assert_str_eq(back, "");
    free(back);
    free(ids.data);
    characters_free(&c);
}
END_TEST

START_TEST(unknown_and_malformed) {
    Characters c = learned("abc"), none;
    IntArray ids = {0};
    Error err = {""};
    ck_assert(!characters_encode(&c, "ab€c", 6, &ids, &err));
    ck_assert_str_eq(err.text, "byte 2: the character U+20AC (€) is not among the 3 known");
    ck_assert(!characters_encode(&c, "a\xc3", 2, &ids, &err));
    ck_assert_str_eq(err.text, "byte 1 of the text is not UTF-8");
    ck_assert(!characters_learn(&none, "", 0, &err));
    ck_assert_str_eq(err.text, "no text: there are no characters to number");
    ck_assert(!characters_learn(&none, "ab\xff", 3, &err));
    ck_assert_str_eq(err.text, "byte 2 of the text is not UTF-8");
    free(ids.data);
    characters_free(&c);
}
END_TEST

/* The numbers of the video: 65 characters, and its first line as ids. */
START_TEST(tiny_shakespeare) {
    const char *const folders[] = {getenv("DATA"), "build/data", "../shared/data"};
    char *text = NULL, path[512];
    size_t bytes = 0;
    Error err = {""};
    for (size_t i = 0; i < 3 && !text; i++) {
        if (!folders[i]) continue;
        snprintf(path, sizeof path, "%s/tinyshakespeare/input.txt", folders[i]);
        if (!text_read(path, &text, &bytes, &err)) text = NULL;
    }
    if (!text) {
        printf("skipped: tiny_shakespeare: no build/data/tinyshakespeare/input.txt (make data)\n");
        return;
    }
    Characters c;
    ck_assert(characters_learn(&c, text, bytes, &err));
    ck_assert_uint_eq(bytes, 1115394);
    ck_assert_uint_eq(c.count, 65);
    IntArray ids = {0};
    const int hii_there[] = {46, 47, 47, 1, 58, 46, 43, 56, 43};
    ck_assert(characters_encode(&c, "hii there", 9, &ids, &err));
    ck_assert_mem_eq(ids.data, hii_there, sizeof hii_there);
    free(ids.data);
    free(text);
    characters_free(&c);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("characters");
    TCase *cases = tcase_create("characters");
    tcase_add_test(cases, sorted_set_with_counts);
    tcase_add_test(cases, there_and_back);
    tcase_add_test(cases, unknown_and_malformed);
    tcase_add_test(cases, tiny_shakespeare);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
