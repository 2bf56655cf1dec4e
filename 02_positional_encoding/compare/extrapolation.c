/* extrapolation.c - The paper, section 3.5, chose sines since they "may" let the model go on to
 * longer sequences; Alammar, "Representing The Order of The Sequence", says that they do. Measured
 * on a task that needs nothing but positions.
 */
#include "02_positional_encoding/lab/neighbour.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>

enum { KINDS = 3, LENGTHS = 4, TRAINED = 32 };

static const int length[LENGTHS] = {40, 64, 128, 256};

static void draw(const char *directory, real beyond[KINDS][LENGTHS]) {
    const char *const labels[LENGTHS] = {"40", "64", "128", "256"};
    const PlotSeries series[KINDS] = {{.name = "sines, any matrix", .y = beyond[0]},
                                      {.name = "learned positions", .y = beyond[1]},
                                      {.name = "sines, rotations only", .y = beyond[2]}};
    plot_bars(
        &(Picture){
            .name = "extrapolation",
            .directory = directory,
            .title = "places past the trained 32 that find their left neighbour",
            .caption = "only the rows that are forced to rotate go on past the trained length.",
            .x_label = "length of the sequence",
            .y_label = "percent right",
            .y_max = 110,
        },
        labels, LENGTHS, series, KINDS, 0);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Trained on 32 positions, asked about up to 256: who extrapolates?",
                         "build/02_positional_encoding/extrapolation"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    const char *const name[KINDS] = {"sines, any matrix W", "learned positions, any W",
                                     "sines, W of rotations"};
    puts("Task: from positions alone, point at your left neighbour.\n"
         "score(i,j) = (PE(i) W) . PE(j), trained on 32 places, then asked on longer ones.\n"
         "Percent right among the places past 32 (in brackets: among the first 32):\n");
    printf("%-25s   loss ", "");
    for (int l = 0; l < LENGTHS; l++) printf("   n = %-4d", length[l]);
    puts("");
    real beyond[KINDS][LENGTHS];
    for (int k = 0; k < KINDS; k++) {
        const NeighbourTask task = {.kind = (NeighbourKind)k,
                                    .d_model = 32,
                                    .trained = TRAINED,
                                    .longest = 256,
                                    .steps = 1000,
                                    .lr = 0.1};
        NeighbourScore score[LENGTHS];
        for (int l = 0; l < LENGTHS; l++) score[l] = (NeighbourScore){.length = length[l]};
        Random random;
        // The same seed for each, so that they differ in the kind of positions and in nothing else.
        random_seed(&random, (uint64_t)lesson.common.seed);
        printf("%-25s %6.4f ", name[k], neighbour_train(&task, &random, score, LENGTHS));
        for (int l = 0; l < LENGTHS; l++) {
            beyond[k][l] = (real)(100 * score[l].beyond);
            printf(" %3.0f (%3.0f)", (double)beyond[k][l], 100 * score[l].seen);
        }
        puts("");
    }
    puts("\nAll three learn what they are shown. Past it, learned rows are what they were at\n"
         "the start: noise. Sines exist everywhere, and so does a matrix that would do\n"
         "(make 02/rotation), yet gradient descent settles for one that fits 32 places.\n"
         "Allow nothing but rotations and it cannot help working at any length: the idea\n"
         "behind RoPE. The paper only says \"may\"; Alammar's \"able to scale\" needs this.\n");
    draw(lesson.common.out, beyond);

    Comparison comparison = {0};
    puts("");
    compare_claim(&comparison, "rotations: all right, up to 8 times the trained length",
                  beyond[2][3] == 100);
    compare_claim(&comparison, "learned rows: none right past the trained length",
                  beyond[1][0] < 2 && beyond[1][3] < 2);
    compare_claim(&comparison, "sines and any matrix: less than half right",
                  beyond[0][0] < 50 && beyond[0][3] < 50);
    return lesson_end(&lesson, compare_end(&comparison));
}
