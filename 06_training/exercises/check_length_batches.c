#include "06_training/translator/length_batches.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { MOST = 40, UNTOUCHED = -1 };

static void show(const int *lengths, size_t count, int batch_tokens) {
    size_t start[MOST + 2];
    int shown[MOST + 2];
    for (int i = 0; i < MOST + 2; i++) start[i] = (size_t)UNTOUCHED;
    const size_t batches = length_batches_cut(lengths, count, batch_tokens, start);
    for (int i = 0; i < MOST + 2; i++) shown[i] = (int)start[i];
    exercise_show_number("batches", (double)batches);
    exercise_show_ints("start, and -1 behind it", shown, (int)count + 2);
}

static void one_sentence(void) {
    show((const int[]){3}, 1, 10);
}

static void all_fit(void) {
    show((const int[]){2, 2, 2}, 3, 10);
}

static void exactly_full(void) {
    show((const int[]){2, 2, 2, 2}, 4, 4);
}

static void two_batches(void) {
    show((const int[]){2, 2, 3, 3}, 4, 6);
}

/* 2 + 2 + 4 tokens are 8, but the rectangle has 3 times 4 places. */
static void stretched(void) {
    show((const int[]){2, 2, 4}, 3, 8);
}

/* In falling order a batch's first sentence is the longest. */
static void falling(void) {
    show((const int[]){6, 3, 3, 2, 2, 2, 1, 1}, 8, 6);
}

static void too_long(void) {
    show((const int[]){2, 2, 30, 2, 2, 2}, 6, 6);
}

static void too_long_first(void) {
    show((const int[]){9, 9, 1, 1}, 4, 4);
}

static void rising(void) {
    int lengths[MOST];
    for (int i = 0; i < MOST; i++) lengths[i] = 1 + i / 3;
    show(lengths, MOST, 32);
}

static void any_order(void) {
    int lengths[MOST];
    for (int i = 0; i < MOST; i++) lengths[i] = 1 + i * 17 % 13;
    show(lengths, MOST, 32);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"length_batches_cut", "one sentence", one_sentence, VALUES},
        {"length_batches_cut", "three that fit together", all_fit, VALUES},
        {"length_batches_cut", "2 2 2 2, four places: batches just full", exactly_full, VALUES},
        {"length_batches_cut", "2 2 3 3, six places", two_batches, VALUES},
        {"length_batches_cut", "2 2 4, eight places: the last stretches all", stretched, VALUES},
        {"length_batches_cut", "the longest first", falling, VALUES},
        {"length_batches_cut", "one that is longer than a batch", too_long, VALUES},
        {"length_batches_cut", "the first is longer than a batch", too_long_first, VALUES},
        {"length_batches_cut", "forty in order of length", rising, VALUES},
        {"length_batches_cut", "forty in any order", any_order, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
