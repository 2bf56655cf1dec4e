#include "06_training/score/bleu_counts.h"
#include "common/kernels.h"
#include "tests/exercise.h"

/* ---- Counts ---------------------------------------------------------------------------------- */

static void show_orders(const char *name, const long *counts) {
    int shown[BLEU_ORDERS];
    for (int n = 0; n < BLEU_ORDERS; n++) shown[n] = (int)counts[n];
    exercise_show_ints(name, shown, BLEU_ORDERS);
}

static void show_counts(const BleuCounts *counts) {
    show_orders("correct, of 1 to 4 tokens", counts->correct);
    show_orders("total, of 1 to 4 tokens", counts->total);
    exercise_show_number("hypothesis_length", (double)counts->hypothesis_length);
    exercise_show_number("reference_length", (double)counts->reference_length);
}

static void one_segment(const char *hypothesis, const char *const *references, size_t count) {
    BleuCounts counts = {0};
    bleu_counts_add(&counts, hypothesis, references, count);
    show_counts(&counts);
}
#define SEGMENT(hypothesis, ...)                                                                   \
    one_segment(hypothesis, (const char *const[]){__VA_ARGS__},                                    \
                sizeof((const char *const[]){__VA_ARGS__}) / sizeof(char *))

static void one_word(void) {
    SEGMENT("cat", "cat");
}

static void order_matters(void) {
    SEGMENT("the dog bit the man", "the man bit the dog");
}

/* The paper's example 2: "the" stands twice in the reference that has it most often. */
static void the_the_the(void) {
    SEGMENT("the the the the the the the", "the cat is on the mat", "there is a cat on the mat");
}

static void first_has_most(void) {
    SEGMENT("a b a b a", "a b a b", "b a", "c");
}

static void each_has_some(void) {
    SEGMENT("it is a cat", "it was a dog", "this is a cat");
}

static void nothing_said(void) {
    SEGMENT("", "a b c");
}

static void short_ones(void) {
    SEGMENT("a b", "a b c d e");
}

/* Three tokens are compared with two and four: equally close. */
static void equally_close(void) {
    SEGMENT("a b c", "a b c d", "a b");
}

static void closest_between(void) {
    SEGMENT("a b c d", "a", "a b c d e f g h", "a b c d e", "b c d e f g");
}

static void two_segments(void) {
    BleuCounts counts = {.correct = {10, 7, 5, 2},
                         .total = {20, 18, 16, 14},
                         .hypothesis_length = 20,
                         .reference_length = 23};
    const char *const reference[] = {"the cat sat on the mat"};
    bleu_counts_add(&counts, "the cat sat on a mat", reference, 1);
    bleu_counts_add(&counts, "on the mat", reference, 1);
    show_counts(&counts);
}

/* ---- Brevity --------------------------------------------------------------------------------- */

static void show_penalty(long hypothesis_length, long reference_length) {
    exercise_show_number("the penalty",
                         bleu_counts_brevity_penalty(hypothesis_length, reference_length));
}

static void half_as_long(void) {
    show_penalty(5, 10);
}

static void as_long(void) {
    show_penalty(10, 10);
}

static void longer(void) {
    show_penalty(15, 10);
}

static void a_little_short(void) {
    show_penalty(999, 1000);
}

static void nothing_at_all(void) {
    show_penalty(0, 10);
}

static void nothing_to_say(void) {
    show_penalty(0, 0);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"bleu_counts_brevity_penalty", "half as long as the reference", half_as_long, VALUES},
        {"bleu_counts_brevity_penalty", "as long", as_long, VALUES},
        {"bleu_counts_brevity_penalty", "longer", longer, VALUES},
        {"bleu_counts_brevity_penalty", "999 tokens for 1000", a_little_short, VALUES},
        {"bleu_counts_brevity_penalty", "nothing said", nothing_at_all, VALUES},
        {"bleu_counts_brevity_penalty", "nothing said, and nothing to say", nothing_to_say, VALUES},
        {"bleu_counts_add", "one word, and right", one_word, VALUES},
        {"bleu_counts_add", "the dog bit the man", order_matters, VALUES},
        {"bleu_counts_add", "the the the the the the the", the_the_the, VALUES},
        {"bleu_counts_add", "two tokens for five", short_ones, VALUES},
        {"bleu_counts_add", "an empty translation", nothing_said, VALUES},
        {"bleu_counts_add", "each of two references has a part", each_has_some, VALUES},
        {"bleu_counts_add", "the first of three references has most", first_has_most, VALUES},
        {"bleu_counts_add", "two references equally close in length", equally_close, VALUES},
        {"bleu_counts_add", "four references, the third is closest in length", closest_between,
         VALUES},
        {"bleu_counts_add", "two segments, to counts that hold numbers", two_segments, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
