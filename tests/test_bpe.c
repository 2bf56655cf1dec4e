// Byte-pair encoding: subword-nmt's merges, nothing ever lost, and files that cannot do harm.
#include "01_embeddings/bpe_chunk.h"
#include "01_embeddings/bpe_encode.h"
#include "01_embeddings/bpe_learn.h"
#include "01_embeddings/tokens.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static Lines fixture(const char *name) {
    char path[256];
    Lines lines;
    Error err = {""};
    snprintf(path, sizeof path, "tests/fixtures/%s", name);
    ck_assert_msg(lines_read(path, &lines, &err), "%s", err.text);
    return lines;
}

static Bpe *learned(const Lines *lines, int vocab_size) {
    Error err = {""};
    Bpe *bpe = bpe_learn(lines, 1, vocab_size, NULL, NULL, &err);
    ck_assert_msg(bpe != NULL, "%s", err.text);
    return bpe;
}

/* A tokenizer learned from the fixture's text, with every merge that text can give. */
static Bpe *fixture_bpe(void) {
    Lines lines = fixture("bpe_text.txt");
    Bpe *bpe = learned(&lines, 100000);
    lines_free(&lines);
    return bpe;
}

static void expect_round_trip(const Bpe *bpe, const char *text, size_t bytes) {
    IntArray ids = {0};
    size_t decoded;
    bpe_encode(bpe, text, bytes, &ids);
    ck_assert_uint_le(ids.count, bytes + 1);
    for (size_t i = 0; i < ids.count; i++) ck_assert_int_ge(ids.data[i], BPE_FIRST_BYTE);
    char *back = bpe_decode(bpe, ids.data, ids.count, &decoded);
    ck_assert_uint_eq(decoded, bytes);
    ck_assert_mem_eq(back, text, bytes);
    ck_assert_int_eq(back[bytes], 0);
    free(back);
    free(ids.data);
}

/* The pieces of a text, as labels with '|' between them. */
static const char *pieces(const Bpe *bpe, const char *text) {
    static char joined[1024];
    IntArray ids = {0};
    joined[0] = '\0';
    bpe_encode(bpe, text, strlen(text), &ids);
    for (size_t i = 0; i < ids.count; i++)
        snprintf(joined + strlen(joined), sizeof joined - strlen(joined), "%s%s", i ? "|" : "",
                 bpe_piece(bpe, ids.data[i]));
    free(ids.data);
    return joined;
}

/* ---- learning -------------------------------------------------------------------------------- */

START_TEST(merges_of_subword_nmt) {
    Lines expected = fixture("bpe_merges.tsv");
    Bpe *bpe = fixture_bpe();
    ck_assert_int_eq(bpe_merge_count(bpe), expected.count);
    for (int rank = 0; rank < bpe_merge_count(bpe); rank++) {
        char line[2 * BPE_CHUNK_BYTES + 2];
        size_t left, right;
        const BpeMerge merge = bpe_merge(bpe, rank);
        const char *left_text = bpe_bytes(bpe, merge.left, &left);
        const char *right_text = bpe_bytes(bpe, merge.right, &right);
        snprintf(line, sizeof line, "%.*s\t%.*s", (int)left, left_text, (int)right, right_text);
        ck_assert_msg(strcmp(line, expected.line[rank]) == 0, "merge %d: '%s', expected '%s'", rank,
                      line, expected.line[rank]);
    }
    bpe_free(bpe);
    lines_free(&expected);
}
END_TEST

START_TEST(order_of_lines_does_not_matter) {
    Lines lines = fixture("bpe_text.txt");
    Bpe *bpe = learned(&lines, 400);
    for (size_t i = 0; i < lines.count / 2; i++) {
        char *line = lines.line[i];
        lines.line[i] = lines.line[lines.count - 1 - i];
        lines.line[lines.count - 1 - i] = line;
    }
    Bpe *reversed = learned(&lines, 400);
    char *a = bpe_save(bpe), *b = bpe_save(reversed);
    ck_assert_str_eq(a, b);
    free(a);
    free(b);
    bpe_free(bpe);
    bpe_free(reversed);
    lines_free(&lines);
}
END_TEST

typedef struct {
    int calls;
    long last_count;
} Watched;

static void watch(void *context, const Bpe *bpe, int rank, long count) {
    Watched *watched = context;
    ck_assert_int_eq(rank, watched->calls++);
    ck_assert_int_eq(rank, bpe_merge_count(bpe) - 1);
    ck_assert_int_le(count, watched->last_count);
    ck_assert_int_ge(count, 2);
    watched->last_count = count;
}

/* "low" 5 times, "lower" twice, ...: the counts of the first merges can be done by hand. */
START_TEST(merges_by_hand) {
    char *text[] = {"low low low low low", "lower lower",
                    "newest newest newest newest newest newest", "widest widest widest"};
    const Lines lines = {text, 4, NULL};
    Watched watched = {0, 1000};
    Error err = {""};
    Bpe *bpe = bpe_learn(&lines, 1, BPE_FIRST_CHARACTER + 3, watch, &watched, &err);
    ck_assert_int_eq(watched.calls, 3);
    // (s,t) and (e,s) stand 9 times each: the greater pair first. Then (e,st), also 9 times.
    ck_assert_str_eq(bpe_piece(bpe, BPE_FIRST_CHARACTER), "st");
    ck_assert_str_eq(bpe_piece(bpe, BPE_FIRST_CHARACTER + 1), "est");
    // Then (space,l), (l,o) and (o,w), 7 times each: again the greatest.
    ck_assert_str_eq(bpe_piece(bpe, BPE_FIRST_CHARACTER + 2), "ow");
    ck_assert_int_eq(watched.last_count, 7);
    ck_assert_str_eq(pieces(bpe, "lowest"), "▁|l|ow|est");
    bpe_free(bpe);
}
END_TEST

START_TEST(vocabulary_sizes) {
    char *text[] = {"é é é à à ü", "x"};
    const Lines lines = {text, 2, NULL};
    Error err = {""};
    ck_assert_ptr_null(bpe_learn(&lines, 1, BPE_FIRST_CHARACTER - 1, NULL, NULL, &err));
    ck_assert_str_eq(err.text,
                     "a vocabulary of 258 tokens is too small: expected at least 259, the "
                     "special tokens and the 256 bytes");
    Bpe *bpe = learned(&lines, BPE_FIRST_CHARACTER + 2); // room for two of three characters
    ck_assert_int_eq(bpe_vocab_size(bpe), BPE_FIRST_CHARACTER + 2);
    ck_assert_str_eq(bpe_piece(bpe, BPE_FIRST_CHARACTER), "à");
    ck_assert_str_eq(bpe_piece(bpe, BPE_FIRST_CHARACTER + 1), "é");
    ck_assert_str_eq(pieces(bpe, "é ü"), "▁|é|▁|<0xC3>|<0xBC>");
    bpe_free(bpe);
    bpe = learned(&lines, 100000); // more than there is: it gives what it has
    ck_assert_int_eq(bpe_vocab_size(bpe), BPE_FIRST_CHARACTER + 3 + 2);
    ck_assert_str_eq(pieces(bpe, "é ü à x"), "▁é|▁|ü|▁à|▁|x");
    bpe_free(bpe);
    const Lines nothing = {0};
    bpe = learned(&nothing, 1000);
    ck_assert_int_eq(bpe_vocab_size(bpe), BPE_FIRST_CHARACTER);
    expect_round_trip(bpe, "still works", 11);
    bpe_free(bpe);
}
END_TEST

/* ---- encoding -------------------------------------------------------------------------------- */

START_TEST(chunks) {
    const char *const text[] = {
        " The| animal| didn'|t| cross|.",
        " L'|homme| n'|est| pas| là| ?",
        " black-and-white| T-shirt| -|5| a|-| b|--|c",
        " two|  | spaces|\t|tab|\n\n  | line|  ",
        " \"|Yes|!\"| 13|.|5| 3rd",
        " ಕನ್ನಡ| l’|eau|\u00a0|?",
        " a|'| b|''|c| rock| '|n|'| roll|'",
    };
    for (size_t i = 0; i < sizeof text / sizeof *text; i++) {
        char plain[256], cut[256] = "";
        size_t bytes = 0;
        for (const char *c = text[i]; *c; c++)
            if (*c != '|') plain[bytes++] = *c;
        for (size_t at = 0, length; at < bytes; at += length) {
            length = bpe_chunk_bytes(plain + at, bytes - at);
            ck_assert_uint_gt(length, 0);
            snprintf(cut + strlen(cut), sizeof cut - strlen(cut), "%s%.*s", at ? "|" : "",
                     (int)length, plain + at);
        }
        ck_assert_str_eq(cut, text[i]);
    }
}
END_TEST

START_TEST(nothing_is_lost) {
    static const char *const text[] = {
        "",
        " ",
        "  ",
        "   a",
        "a   ",
        "\n",
        "\t a\r\n",
        "a",
        " a",
        "The animal didn't cross the street because it was too tired.",
        "zzz qqq XYZ <s> </s> <pad>",
        "日本語 and Ελληνικά, \U0001F600\U0001F3FD!",
        "e\u0301 \u00a0 \u2028 \u200b \ufeff \ufffd",
        "▁ ▁a <0x0A>",
        "\x01\x7f\xc2\x85"};
    Bpe *bpe = fixture_bpe();
    for (size_t i = 0; i < sizeof text / sizeof *text; i++)
        expect_round_trip(bpe, text[i], strlen(text[i]));
    expect_round_trip(bpe, "a\0b \0", 5);
    Lines lines = fixture("bpe_text.txt");
    for (size_t i = 0; i < lines.count; i++)
        expect_round_trip(bpe, lines.line[i], strlen(lines.line[i]));
    lines_free(&lines);
    bpe_free(bpe);
}
END_TEST

/* Random code points of all lengths, with many spaces and letters that the merges know. */
START_TEST(nothing_is_lost_at_random) {
    Bpe *bpe = fixture_bpe();
    srand(1);
    for (int round = 0; round < 2000; round++) {
        ByteArray text = {0};
        byte_array_append(&text, "", 0);
        for (int i = rand() % 60; i > 0; i--) {
            static const char *const common[] = {" ", "e", "the", "-", "'", "é", "\n", "."};
            const uint32_t limit[] = {0x80, 0x800, 0x10000, 0x110000};
            uint32_t c = (uint32_t)rand() % limit[rand() % 4];
            if (c >= 0xd800 && c < 0xe000) c = 'x';
            const char utf8[4] = {(char)(0xf0 | c >> 18), (char)(0x80 | (c >> 12 & 0x3f)),
                                  (char)(0x80 | (c >> 6 & 0x3f)), (char)(0x80 | (c & 0x3f))};
            const char three[3] = {(char)(0xe0 | c >> 12), utf8[2], utf8[3]};
            const char two[2] = {(char)(0xc0 | c >> 6), utf8[3]}, one = (char)c;
            if (rand() % 2)
                byte_array_append(&text, common[c % 8], strlen(common[c % 8]));
            else if (c < 0x80)
                byte_array_append(&text, &one, 1);
            else if (c < 0x800)
                byte_array_append(&text, two, 2);
            else if (c < 0x10000)
                byte_array_append(&text, three, 3);
            else
                byte_array_append(&text, utf8, 4);
        }
        expect_round_trip(bpe, text.data, text.count);
        free(text.data);
    }
    bpe_free(bpe);
}
END_TEST

START_TEST(a_megabyte_word) {
    Bpe *bpe = fixture_bpe();
    const size_t bytes = 1 << 20;
    for (int c = 0; c < 3; c++) {
        char *text = malloc(bytes);
        memset(text, "a .\n"[c], bytes);
        expect_round_trip(bpe, text, bytes);
        free(text);
    }
    bpe_free(bpe);
}
END_TEST

/* The first word of a sentence and the same word inside it are one token. */
START_TEST(pieces_join_to_text) {
    Bpe *bpe = fixture_bpe();
    ck_assert_str_eq(pieces(bpe, "tower the tower"), "▁tower|▁the|▁tower");
    ck_assert_str_eq(pieces(bpe, "L'animal."), "▁L'|animal|.");
    const int ids[] = {TOKEN_BOS, BPE_FIRST_BYTE + ' ', BPE_FIRST_BYTE + 'a', TOKEN_EOS, TOKEN_PAD};
    char *text = bpe_decode(bpe, ids, 5, NULL);
    ck_assert_str_eq(text, "a");
    free(text);
    ck_assert_str_eq(bpe_piece(bpe, TOKEN_PAD), "<pad>");
    ck_assert_str_eq(bpe_piece(bpe, TOKEN_BOS), "<s>");
    ck_assert_str_eq(bpe_piece(bpe, TOKEN_EOS), "</s>");
    ck_assert_str_eq(bpe_piece(bpe, BPE_FIRST_BYTE + '\n'), "<0x0A>");
    ck_assert_str_eq(bpe_piece(bpe, BPE_FIRST_BYTE + 0xe9), "<0xE9>");
    bpe_free(bpe);
}
END_TEST

/* A source sentence ends, a target sentence also begins; an empty one is nothing but its marks. */
START_TEST(sentences_get_their_marks) {
    Bpe *bpe = fixture_bpe();
    IntArray ids = {0};
    tokens_append_source(bpe, "the tower", &ids); // "▁the", "▁tower", "</s>"
    tokens_append_target(bpe, "the", &ids);       // "<s>", "▁the", "</s>"
    tokens_append_target(bpe, "", &ids);          // "<s>", "</s>"
    ck_assert_uint_eq(ids.count, 8);
    const int marks[8] = {-1,          -1,        TOKEN_EOS, TOKEN_BOS,
                          ids.data[0], TOKEN_EOS, TOKEN_BOS, TOKEN_EOS};
    for (int i = 0; i < 8; i++)
        if (marks[i] >= 0)
            ck_assert_int_eq(ids.data[i], marks[i]);
        else
            ck_assert_int_ge(ids.data[i], TOKEN_TEXT);
    free(ids.data);
    bpe_free(bpe);
}
END_TEST

/* A model may write half a character; what is printed is UTF-8 all the same. */
START_TEST(decoding_is_always_utf8) {
    Bpe *bpe = fixture_bpe();
    const int ids[] = {BPE_FIRST_BYTE + 'a', BPE_FIRST_BYTE + 0xe2, BPE_FIRST_BYTE + 0x82,
                       BPE_FIRST_BYTE + ' ', BPE_FIRST_BYTE + 0xff};
    char *text = bpe_decode(bpe, ids, 5, NULL);
    ck_assert_str_eq(text, "a\ufffd\ufffd \ufffd");
    free(text);
    bpe_free(bpe);
}
END_TEST

/* Two ways to the same piece give one id. */
START_TEST(one_id_for_one_text) {
    Error err = {""};
    Bpe *bpe = bpe_new("", &err);
    const int a = BPE_FIRST_BYTE + 'a', b = BPE_FIRST_BYTE + 'b', c = BPE_FIRST_BYTE + 'c';
    const int ab = bpe_add_merge(bpe, a, b, &err), abc = bpe_add_merge(bpe, ab, c, &err);
    const int bc = bpe_add_merge(bpe, b, c, &err);
    ck_assert_int_eq(bpe_add_merge(bpe, a, bc, &err), abc);
    ck_assert_int_eq(bpe_vocab_size(bpe), BPE_FIRST_CHARACTER + 3);
    ck_assert_int_eq(bpe_merge_count(bpe), 4);
    bpe_free(bpe);
}
END_TEST

/* ---- files ----------------------------------------------------------------------------------- */

START_TEST(save_and_load) {
    Bpe *bpe = fixture_bpe();
    char *json = bpe_save(bpe);
    Error err = {""};
    Bpe *loaded = bpe_load(json, &err);
    ck_assert_msg(loaded != NULL, "%s", err.text);
    char *again = bpe_save(loaded);
    ck_assert_str_eq(json, again);
    ck_assert_int_eq(bpe_vocab_size(bpe), bpe_vocab_size(loaded));
    char *expected = strdup(pieces(bpe, "L'animal n'est pas ಕನ್ನಡ."));
    ck_assert_str_eq(pieces(loaded, "L'animal n'est pas ಕನ್ನಡ."), expected);
    free(expected);
    free(again);
    free(json);
    bpe_free(bpe);
    bpe_free(loaded);
}
END_TEST

START_TEST(load_refuses_the_truncated) {
    Bpe *bpe = fixture_bpe();
    char *json = bpe_save(bpe);
    for (size_t length = strlen(json); length-- > 0;) {
        Error err = {""};
        json[length] = '\0';
        ck_assert_ptr_null(bpe_load(json, &err));
        ck_assert_str_ne(err.text, "");
    }
    free(json);
    bpe_free(bpe);
}
END_TEST

START_TEST(load_refuses_the_malformed) {
    static const char *const bad[][2] = {
        {"", "tokenizer: byte 0: '[' or '{' expected near end of file"},
        {"[]", "tokenizer: expected an object"},
        {"{\"type\": \"bpe\", \"characters\": \"\"}", "tokenizer: expected an object"},
        {"{\"type\": \"wpm\", \"characters\": \"\", \"merges\": []}",
         "tokenizer: expected an object"},
        {"{\"type\": \"bpe\", \"characters\": 5, \"merges\": []}", "tokenizer: expected an object"},
        {"{\"type\": \"bpe\", \"characters\": \"\", \"merges\": {}}",
         "tokenizer: expected an object"},
        {"{\"type\": \"bpe\", \"characters\": \"\", \"merges\": [], \"more\": 1}",
         "tokenizer: exp"},
        {"{\"type\": \"bpe\", \"type\": \"bpe\", \"characters\": \"\", \"merges\": []}",
         "tokenizer: b"},
        {"{\"type\": \"bpe\", \"characters\": \"a\", \"merges\": []}",
         "tokenizer: characters, byte 0: expected UTF-8 above U+007F"},
        {"{\"type\": \"bpe\", \"characters\": \"éà\", \"merges\": []}",
         "tokenizer: characters, byte 2: expected UTF-8 above U+00E9"},
        {"{\"type\": \"bpe\", \"characters\": \"éé\", \"merges\": []}",
         "tokenizer: characters, byte 2"},
        {"{\"type\": \"bpe\", \"characters\": \"\xff\", \"merges\": []}", "tokenizer: byte "},
        {"{\"type\": \"bpe\", \"characters\": \"\", \"merges\": [5]}",
         "tokenizer: 1 numbers in \"merges\": expected pairs"},
        {"{\"type\": \"bpe\", \"characters\": \"\", \"merges\": [5, 6.5]}",
         "tokenizer: merge 0: expected two ids"},
        {"{\"type\": \"bpe\", \"characters\": \"\", \"merges\": [5, 4294967301]}",
         "tokenizer: merge 0: expected two ids"},
        {"{\"type\": \"bpe\", \"characters\": \"\", \"merges\": [5, 6, 2, 7]}",
         "tokenizer: merge 1 joins 2 and 7: expected ids from 3 to 259"},
        {"{\"type\": \"bpe\", \"characters\": \"\", \"merges\": [5, 259]}",
         "tokenizer: merge 0 joins 5 and 259: expected ids from 3 to 258"},
        {"{\"type\": \"bpe\", \"characters\": \"\", \"merges\": [5, -1]}",
         "tokenizer: merge 0: exp"},
        {"{\"type\": \"bpe\", \"characters\": \"\", \"merges\": [5, 6, 5, 6]}",
         "tokenizer: merge 1 joins 5 and 6: an earlier merge does so too"},
        // Each merge doubles the piece: nine of them would be 512 bytes.
        {"{\"type\": \"bpe\", \"characters\": \"\", \"merges\": [5, 5, 259, 259, 260, 260, 261, "
         "261, "
         "262, 262, 263, 263, 264, 264, 265, 265, 266, 266]}",
         "tokenizer: merge 8 joins 266 and 266: the piece would be too long"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        Error err = {""};
        ck_assert_msg(bpe_load(bad[i][0], &err) == NULL, "accepted: %s", bad[i][0]);
        ck_assert_msg(strncmp(err.text, bad[i][1], strlen(bad[i][1])) == 0, "%s\ngave '%s'",
                      bad[i][0], err.text);
    }
}
END_TEST

/* Whatever one changed byte does to the file, loading it ends in a tokenizer or in an error. */
START_TEST(load_survives_damage) {
    Bpe *bpe = fixture_bpe();
    char *json = bpe_save(bpe);
    const size_t length = strlen(json);
    srand(2);
    for (int round = 0; round < 3000; round++) {
        const size_t at = (size_t)rand() % length;
        const char was = json[at];
        json[at] = (char)(1 + rand() % 255);
        Error err = {""};
        Bpe *loaded = bpe_load(json, &err);
        ck_assert(loaded != NULL || err.text[0] != '\0');
        if (loaded) expect_round_trip(loaded, "Déjà vu, the street.", 22);
        bpe_free(loaded);
        json[at] = was;
    }
    free(json);
    bpe_free(bpe);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("bpe");
    TCase *cases = tcase_create("bpe");
    tcase_set_timeout(cases, 120); // valgrind
    tcase_add_test(cases, merges_of_subword_nmt);
    tcase_add_test(cases, order_of_lines_does_not_matter);
    tcase_add_test(cases, merges_by_hand);
    tcase_add_test(cases, vocabulary_sizes);
    tcase_add_test(cases, chunks);
    tcase_add_test(cases, nothing_is_lost);
    tcase_add_test(cases, nothing_is_lost_at_random);
    tcase_add_test(cases, a_megabyte_word);
    tcase_add_test(cases, pieces_join_to_text);
    tcase_add_test(cases, sentences_get_their_marks);
    tcase_add_test(cases, decoding_is_always_utf8);
    tcase_add_test(cases, one_id_for_one_text);
    tcase_add_test(cases, save_and_load);
    tcase_add_test(cases, load_refuses_the_truncated);
    tcase_add_test(cases, load_refuses_the_malformed);
    tcase_add_test(cases, load_survives_damage);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
