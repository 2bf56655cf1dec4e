#include "05_encoder_decoder/shift_right.h"
#include "common/kernels.h"
#include "tests/exercise.h"

static void one_sentence(void) {
    int out[4];
    shift_right(out, (int[]){5, 6, 7, 2}, 1, 4, 1);
    exercise_show_ints("what the decoder reads", out, 4);
}

static void two_sentences(void) {
    int out[6];
    shift_right(out, (int[]){5, 6, 2, 8, 2, 0}, 2, 3, 1);
    exercise_show_ints("what the decoder reads, two rows of three", out, 6);
}

static void one_token(void) {
    int out[2];
    shift_right(out, (int[]){2, 2}, 2, 1, 9);
    exercise_show_ints("what the decoder reads, two rows of one", out, 2);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"shift_right", "5 6 7 </s>, beginning with 1", one_sentence, VALUES},
        {"shift_right", "a batch of two", two_sentences, VALUES},
        {"shift_right", "sentences of one token", one_token, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
