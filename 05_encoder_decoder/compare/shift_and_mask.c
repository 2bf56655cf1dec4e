/* shift_and_mask.c - trax, layers/attention_test.py: ShiftRight and PaddingMask on the arrays of
 * its tests.
 *
 * Beside: trax - `ShiftRight` and `PaddingMask` on the arrays of its tests
 * Beside: annotated Batches and Masking - input, target, and what counts
 */
#include "03_self_attention/masks.h"
#include "05_encoder_decoder/lab/teacher.h"
#include "05_encoder_decoder/shift_right.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"

#include <stdio.h>

enum { PLACES = 4, LENGTH = 5 };

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"trax's tests of ShiftRight and PaddingMask, with our functions.",
                         "build/05_encoder_decoder/shift_and_mask"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};

    puts("ShiftRight of (1,4,4): four places with the vectors 9 9 9 9 to 6 6 6 6. The\n"
         "decoder reads what it is to say one place late, so that no place reads its own\n"
         "answer. trax moves vectors; we move the ids they are looked up with.\n");
    const int places[PLACES] = {9, 8, 7, 6};
    int shifted[PLACES];
    shift_right(shifted, places, 1, PLACES, 0);
    const double published[PLACES] = {0, 9, 8, 7};
    for (int t = 0; t < PLACES; t++) {
        const double row[PLACES] = {published[t], published[t], published[t], published[t]};
        const real ours = (real)shifted[t];
        char label[32];
        snprintf(label, sizeof label, "place %d", t);
        compare_row(&comparison, label, row, (const real[PLACES]){ours, ours, ours, ours}, PLACES,
                    0, 0);
    }

    puts("\nPaddingMask of [1 2 3 4 0], shape (3,1,1,5) there for a batch of three: 1 is\n"
         "\"may be looked at\". Ours names the keys to ignore, so it is turned round.\n");
    const int batch[3 * LENGTH] = {1, 2, 3, 4, 0, 1, 2, 3, 4, 0, 1, 2, 3, 4, 0};
    unsigned char ignored[3 * LENGTH]; // (3,5)
    masks_key_padding(ignored, batch, 3, LENGTH, TOKEN_PAD);
    for (int b = 0; b < 3; b++) {
        const double seen[LENGTH] = {1, 1, 1, 1, 0};
        real ours[LENGTH];
        for (int s = 0; s < LENGTH; s++) ours[s] = ignored[b * LENGTH + s] ? 0 : 1;
        char label[32];
        snprintf(label, sizeof label, "sentence %d", b);
        compare_row(&comparison, label, seen, ours, LENGTH, 0, 0);
    }

    puts("\nTwo pairs as three rows each; a column is one place of the decoder:\n");
    const char *const vocabulary[] = {"je", "suis", "étudiant", "I", "am", "a", "student"};
    SentencePair pairs[2] = {{.src_length = 0}};
    pairs[0].tgt_length = teacher_sentence_ids(pairs[0].tgt, "I am a student", vocabulary, 7);
    pairs[1].tgt_length = teacher_sentence_ids(pairs[1].tgt, "I am", vocabulary, 7);
    const Batch two = teacher_batch(pairs, 2);
    const char *const names[] = {"input", "target", "counts"};
    for (int row = 0; row < 6; row++) {
        printf("  %-8s", names[row % 3]);
        for (int t = 0; t < two.T; t++) {
            const int label = two.labels[row / 3 * two.T + t];
            const int id = row % 3 == 0 ? two.tgt[row / 3 * two.T + t] : label;
            const char *const mark[] = {"<pad>", "<s>", "</s>"};
            const char *word = id < TOKEN_TEXT ? mark[id] : vocabulary[id - TOKEN_TEXT];
            if (row % 3 == 2) word = label == TOKEN_PAD ? "0" : "1";
            printf(" %-8s", word);
        }
        puts(row == 2 ? "\n" : "");
    }
    puts("\nThe last row is the loss mask: places whose target is <pad> are not counted.");
    return lesson_end(&lesson, compare_end(&comparison));
}
