#include "01_embeddings/bpe_merge.h"
#include "common/kernels.h"
#include "tests/exercise.h"

/* Merges 1 2 -> 9 in the word and shows what remains. */
static void merge(int *symbols, size_t count) {
    const size_t kept = bpe_merge_pair(symbols, count, 1, 2, 9);
    exercise_show_number("how many symbols remain", (double)kept);
    exercise_show_ints("the word", symbols, kept <= count ? (int)kept : (int)count);
}

static void one_pair(void) {
    merge((int[]){5, 1, 2, 6}, 4);
}

static void two_pairs(void) {
    merge((int[]){1, 2, 7, 1, 2}, 5);
}

static void no_pair(void) {
    merge((int[]){2, 1, 3, 2, 2, 1}, 6);
}

static void short_words(void) {
    merge((int[]){1}, 1);
    int none[] = {4};
    exercise_show_number("of an empty word remain", (double)bpe_merge_pair(none, 0, 1, 2, 9));
}

static void ends_with_half(void) {
    merge((int[]){1, 2, 1}, 3);
}

static void three_equal(void) {
    int symbols[] = {3, 3, 3};
    const size_t kept = bpe_merge_pair(symbols, 3, 3, 3, 9);
    exercise_show_number("how many symbols remain", (double)kept);
    exercise_show_ints("the word", symbols, kept <= 3 ? (int)kept : 3);
}

/* What a merge makes is not merged again by the same call. */
static void piece_is_left(void) {
    int symbols[] = {1, 2, 2};
    const size_t kept = bpe_merge_pair(symbols, 3, 1, 2, 1);
    exercise_show_number("how many symbols remain", (double)kept);
    exercise_show_ints("the word", symbols, kept <= 3 ? (int)kept : 3);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"bpe_merge_pair", "1 2 becomes 9 in 5 1 2 6", one_pair, VALUES},
        {"bpe_merge_pair", "in 1 2 7 1 2", two_pairs, VALUES},
        {"bpe_merge_pair", "in 2 1 3 2 2 1, where it never stands", no_pair, VALUES},
        {"bpe_merge_pair", "in words of one and of no symbol", short_words, VALUES},
        {"bpe_merge_pair", "in 1 2 1", ends_with_half, VALUES},
        {"bpe_merge_pair", "3 3 becomes 9 in 3 3 3", three_equal, VALUES},
        {"bpe_merge_pair", "1 2 becomes 1 in 1 2 2", piece_is_left, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
