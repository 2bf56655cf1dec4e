#include "03_self_attention/masks.h"
#include "common/kernels.h"
#include "tests/exercise.h"

/* ---- Causal ---------------------------------------------------------------------------------- */

static void causal_square(void) {
    unsigned char ignored[16];
    masks_causal(ignored, 4, 4);
    SHOW_BYTES("ignored", ignored, 4, 4);
}

static void causal_two_new(void) {
    unsigned char ignored[2 * 5];
    masks_causal(ignored, 2, 5);
    SHOW_BYTES("ignored", ignored, 2, 5);
}

static void causal_one(void) {
    unsigned char ignored[6];
    masks_causal(ignored, 1, 6);
    SHOW_BYTES("ignored by one new token after five", ignored, 1, 6);
}

/* ---- Padding --------------------------------------------------------------------------------- */

static void padding_one(void) {
    unsigned char ignored[4];
    masks_key_padding(ignored, (int[]){5, 9, 0, 0}, 1, 4, 0);
    SHOW_BYTES("ignored", ignored, 1, 4);
}

static void padding_two(void) {
    unsigned char ignored[6];
    masks_key_padding(ignored, (int[]){5, 0, 3, 0, 2, 2}, 2, 3, 2);
    SHOW_BYTES("ignored", ignored, 2, 3);
}

/* ---- All in one ------------------------------------------------------------------------------ */

static const unsigned char PADDING[2 * 3] = {0, 0, 1, 0, 0, 0};
static const unsigned char ATTN[2 * 3] = {1, 0, 0, 0, 0, 0};

static void show_merged(Masks masks, int T) {
    unsigned char ignored[2 * 3 * 3];
    masks_merge(ignored, masks, 2, T, 3);
    SHOW_BYTES("ignored", ignored, 2, T, 3);
}

static void merge_nothing(void) {
    show_merged((Masks){0}, 2);
}

static void merge_padding(void) {
    show_merged((Masks){.key_padding_mask = PADDING}, 2);
}

static void merge_attn(void) {
    show_merged((Masks){.attn_mask = ATTN}, 2);
}

static void merge_causal(void) {
    show_merged((Masks){.causal = true}, 3);
}

static void merge_all(void) {
    show_merged((Masks){PADDING, ATTN, true}, 2);
}

/* ---- Into the scores ------------------------------------------------------------------------- */

static void show_filled(Masks masks, int T, int S) {
    real scores[4 * 4];
    exercise_fill(scores, 16, 1);
    masks_fill(scores, masks, T, S);
    SHOW("scores", scores, T, S);
}

static void fill_nothing(void) {
    show_filled((Masks){0}, 2, 3);
}

static void fill_padding(void) {
    show_filled((Masks){.key_padding_mask = PADDING}, 2, 3);
}

static void fill_attn(void) {
    show_filled((Masks){.attn_mask = ATTN}, 2, 3);
}

static void fill_causal(void) {
    show_filled((Masks){.causal = true}, 4, 4);
}

static void fill_cached(void) {
    show_filled((Masks){.causal = true}, 2, 4);
}

static void fill_all(void) {
    show_filled((Masks){PADDING, ATTN, true}, 2, 3);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"masks_causal", "four tokens", causal_square, VALUES},
        {"masks_causal", "two new tokens after three", causal_two_new, VALUES},
        {"masks_causal", "one new token after five", causal_one, VALUES},
        {"masks_key_padding", "one sentence, pad 0", padding_one, VALUES},
        {"masks_key_padding", "two sentences, pad 2", padding_two, VALUES},
        {"masks_merge", "nothing is ignored", merge_nothing, VALUES},
        {"masks_merge", "padding alone", merge_padding, VALUES},
        {"masks_merge", "an attn_mask alone", merge_attn, VALUES},
        {"masks_merge", "causal alone", merge_causal, VALUES},
        {"masks_merge", "all three", merge_all, VALUES},
        {"masks_fill", "nothing is ignored", fill_nothing, VALUES},
        {"masks_fill", "padding alone", fill_padding, VALUES},
        {"masks_fill", "an attn_mask alone", fill_attn, VALUES},
        {"masks_fill", "causal alone", fill_causal, VALUES},
        {"masks_fill", "causal, two new tokens after two", fill_cached, VALUES},
        {"masks_fill", "all three", fill_all, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
