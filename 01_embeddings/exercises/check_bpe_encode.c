#include "01_embeddings/bpe_encode.h"
#include "common/kernels.h"
#include "tests/exercise.h"

#include <stdlib.h>

static int byte(char c) {
    return BPE_FIRST_BYTE + (unsigned char)c;
}

/* Merges in this order: ab, bc, abc, dd, ca. */
static Bpe *vocabulary(void) {
    Error err;
    Bpe *bpe = bpe_new("", &err);
    REQUIRE(bpe, "%s", err.text);
    const int ab = bpe_add_merge(bpe, byte('a'), byte('b'), &err);
    bpe_add_merge(bpe, byte('b'), byte('c'), &err);
    bpe_add_merge(bpe, ab, byte('c'), &err);
    bpe_add_merge(bpe, byte('d'), byte('d'), &err);
    bpe_add_merge(bpe, byte('c'), byte('a'), &err);
    return bpe;
}

/* Encodes the letters of a word and shows the pieces' ids. */
static void encode(const char *word) {
    Bpe *bpe = vocabulary();
    int symbols[32] = {0};
    const size_t count = strlen(word);
    for (size_t i = 0; i < count; i++) symbols[i] = byte(word[i]);
    const size_t kept = bpe_encode_symbols(bpe, symbols, count);
    exercise_show_number("how many symbols remain", (double)kept);
    exercise_show_ints("their ids", symbols, kept <= count ? (int)kept : (int)count);
    bpe_free(bpe);
}

static void one_merge(void) {
    encode("xab");
}

static void no_merge(void) {
    encode("xyz");
}

static void short_words(void) {
    encode("a");
    encode("");
}

static void merge_of_a_merge(void) {
    encode("abc");
}

static void learned_first_goes_first(void) {
    encode("cab");
}

static void left_first(void) {
    encode("ddd");
}

static void many(void) {
    encode("abcddabxbcbabcdddd");
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"bpe_encode_symbols", "xab, with the merges ab, bc, abc, dd, ca", one_merge, VALUES},
        {"bpe_encode_symbols", "xyz, where none applies", no_merge, VALUES},
        {"bpe_encode_symbols", "a single letter, and none", short_words, VALUES},
        {"bpe_encode_symbols", "abc: a merge of a merge", merge_of_a_merge, VALUES},
        {"bpe_encode_symbols", "cab: ca is left, ab was first", learned_first_goes_first, VALUES},
        {"bpe_encode_symbols", "ddd", left_first, VALUES},
        {"bpe_encode_symbols", "a long word", many, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
