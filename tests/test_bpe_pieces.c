// The two pieces of byte-pair encoding on plain arrays: one merge, and encoding with many.
#include "01_embeddings/bpe_chunk.h"
#include "01_embeddings/bpe_encode.h"
#include "01_embeddings/bpe_learn.h"
#include "01_embeddings/bpe_merge.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <limits.h>
#include <string.h>

/* One merge on plain arrays: ids before, joining 1 and 2 (or 7 and 7) to 9, ids after. */
START_TEST(one_merge) {
    static const struct {
        int before[6];
        size_t count;
        int left, right, after[6];
        size_t remain;
    } cases[] = {
        {{1, 2, 3, 1, 2}, 5, 1, 2, {9, 3, 9}, 3},          // both ends
        {{2, 1, 1, 2, 2, 1}, 6, 1, 2, {2, 1, 9, 2, 1}, 5}, // neighbours stay
        {{1, 3, 2}, 3, 1, 2, {1, 3, 2}, 3},                // not side by side
        {{7, 7, 7}, 3, 7, 7, {9, 7}, 2},                   // of three equal the first two
        {{7, 7, 7, 7}, 4, 7, 7, {9, 9}, 2},
        {{1}, 1, 1, 2, {1}, 1},
        {{0}, 0, 1, 2, {0}, 0},
    };
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        int symbols[6];
        memcpy(symbols, cases[c].before, sizeof symbols);
        const size_t remain =
            bpe_merge_pair(symbols, cases[c].count, cases[c].left, cases[c].right, 9);
        ck_assert_uint_eq(remain, cases[c].remain);
        for (size_t i = 0; i < remain; i++) ck_assert_int_eq(symbols[i], cases[c].after[i]);
    }
}
END_TEST

/* Encoding is learning over again: all merges, first to last, each wherever it applies. */
START_TEST(encoding_replays_the_merges) {
    Lines lines;
    Error err = {""};
    ck_assert_msg(lines_read("tests/fixtures/bpe_text.txt", &lines, &err), "%s", err.text);
    Bpe *bpe = bpe_learn(&lines, 1, 100000, NULL, NULL, &err); // all the merges it can give
    ck_assert_msg(bpe != NULL, "%s", err.text);
    for (size_t i = 0; i < lines.count && i < 200; i++) {
        const char *text = lines.line[i];
        for (size_t at = 0, bytes; text[at]; at += bytes) {
            int encoded[BPE_CHUNK_BYTES], replayed[BPE_CHUNK_BYTES];
            size_t count = 0, used;
            bytes = bpe_chunk_bytes(text + at, strlen(text + at));
            for (size_t b = 0; b < bytes; b += used)
                encoded[count++] = bpe_symbol(bpe, text + at + b, bytes - b, &used);
            memcpy(replayed, encoded, count * sizeof *encoded);
            size_t kept = count;
            for (int rank = 0; rank < bpe_merge_count(bpe); rank++) {
                const BpeMerge merge = bpe_merge(bpe, rank);
                kept = bpe_merge_pair(replayed, kept, merge.left, merge.right, merge.piece);
            }
            ck_assert_uint_eq(bpe_encode_symbols(bpe, encoded, count), kept);
            ck_assert_mem_eq(encoded, replayed, kept * sizeof *encoded);
        }
    }
    lines_free(&lines);
    bpe_free(bpe);
}
END_TEST

/* A merge's rank is its place, and a pair that none joins has the largest number there is. */
START_TEST(ranks) {
    Error err = {""};
    Bpe *bpe = bpe_new("", &err);
    const int a = BPE_FIRST_BYTE + 'a', b = BPE_FIRST_BYTE + 'b';
    const int ab = bpe_add_merge(bpe, a, b, &err), aba = bpe_add_merge(bpe, ab, a, &err);
    ck_assert_int_eq(bpe_rank(bpe, a, b), 0);
    ck_assert_int_eq(bpe_rank(bpe, ab, a), 1);
    ck_assert_int_eq(bpe_rank(bpe, b, a), INT_MAX);
    // All of the first merge come before any of the second, which then finds no single a.
    int symbols[] = {a, b, a, b, a, b, b};
    ck_assert_uint_eq(bpe_encode_symbols(bpe, symbols, 7), 4);
    const int expected[] = {ab, ab, ab, b};
    ck_assert_mem_eq(symbols, expected, sizeof expected);
    int other[] = {a, b, a, a};
    ck_assert_uint_eq(bpe_encode_symbols(bpe, other, 4), 2);
    ck_assert(other[0] == aba && other[1] == a);
    bpe_free(bpe);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("bpe pieces");
    TCase *cases = tcase_create("bpe pieces");
    tcase_set_timeout(cases, 60); // valgrind
    tcase_add_test(cases, one_merge);
    tcase_add_test(cases, encoding_replays_the_merges);
    tcase_add_test(cases, ranks);
    suite_add_tcase(suite, cases);
    return suite_run(suite);
}
