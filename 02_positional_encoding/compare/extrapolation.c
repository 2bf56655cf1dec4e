/* extrapolation.c - The paper, section 3.5, chose sines since they "may" let the model go on to
 * longer sequences; Alammar, "Representing The Order of The Sequence", says that they do. Measured
 * on a task that needs nothing but positions.
 *
 * Beside: paper 3.5; alammar Representing The Order of The Sequence; bloem Input: using the
 *     positions - sentences longer than trained: how many places are still right, for four kinds of
 *     positions
 * Beside: karpathy 1:00:18 - a table learned for 32 places, asked about more
 */
#include "02_positional_encoding/lab/neighbour.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>

enum { SCHEMES = 4, LENGTHS = 4, TRAINED = 32 };

static const int length[LENGTHS] = {40, 64, 128, 256};

static const struct {
    const char *name, *short_name;
    PositionsKind positions;
    bool turns_only;
} scheme[SCHEMES] = {
    {"sines, any matrix W", "sines, any matrix", POSITIONS_SINUSOID, false},
    {"learned positions, any W", "learned positions", POSITIONS_LEARNED, false},
    {"sines, W of rotations", "sines, rotations only", POSITIONS_SINUSOID, true},
    {"rotary, any W", "rotary", POSITIONS_ROTARY, false},
};

static void draw(const char *directory, real beyond[SCHEMES][LENGTHS]) {
    const char *const labels[LENGTHS] = {"40", "64", "128", "256"};
    PlotSeries series[SCHEMES] = {{0}};
    for (int k = 0; k < SCHEMES; k++)
        series[k] = (PlotSeries){.name = scheme[k].short_name, .y = beyond[k]};
    plot_bars(
        &(Picture){
            .name = "extrapolation",
            .directory = directory,
            .title = "places past the trained 32 that find their left neighbour",
            .caption = "what can only turn goes on past the trained length, nothing else does.",
            .x_label = "length of the sequence",
            .y_label = "percent right",
            .width = 960, // room for the numbers above the bars
            .y_max = 110,
        },
        labels, LENGTHS, series, SCHEMES, 0);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Trained on 32 positions, asked about up to 256: who extrapolates?",
                         "build/02_positional_encoding/extrapolation"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    puts("Task: from positions alone, point at your left neighbour.\n"
         "score(i,j) = (PE(i) W) . PE(j), trained on 32 places, then asked on longer ones.\n"
         "Percent right among the places past 32 (in brackets: among the first 32):\n");
    printf("%-25s   loss ", "");
    for (int l = 0; l < LENGTHS; l++) printf("   n = %-4d", length[l]);
    puts("");
    real beyond[SCHEMES][LENGTHS];
    for (int k = 0; k < SCHEMES; k++) {
        const NeighbourTask task = {.positions = scheme[k].positions,
                                    .turns_only = scheme[k].turns_only,
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
        printf("%-25s %6.4f ", scheme[k].name, neighbour_train(&task, &random, score, LENGTHS));
        for (int l = 0; l < LENGTHS; l++) {
            beyond[k][l] = (real)(100 * score[l].beyond);
            printf(" %3.0f (%3.0f)", (double)beyond[k][l], 100 * score[l].seen);
        }
        puts("");
    }
    puts("\nAll four learn what they are shown. Past it, learned rows are what they were at\n"
         "the start: noise. Sines exist everywhere, and so does a matrix that would do\n"
         "(make 02/rotation), yet gradient descent settles for one that fits 32 places.\n"
         "Allow nothing but rotations and it cannot help working at any length. Rotary\n"
         "positions build that in: whatever W is, the score of two places depends on their\n"
         "distance alone. The paper only says \"may\"; Alammar's \"able to scale\" needs this.\n"
         "With words in the places, in a real attention: make 03/who_extrapolates\n");
    draw(lesson.common.out, beyond);

    Comparison comparison = {0};
    puts("");
    compare_claim(&comparison, "rotations: all right, up to 8 times the trained length",
                  beyond[2][3] == 100);
    compare_claim(&comparison, "rotary: all right, up to 8 times the trained length",
                  beyond[3][3] == 100);
    compare_claim(&comparison, "learned rows: none right past the trained length",
                  beyond[1][0] < 2 && beyond[1][3] < 2);
    compare_claim(&comparison, "sines and any matrix: less than half right",
                  beyond[0][0] < 50 && beyond[0][3] < 50);
    return lesson_end(&lesson, compare_end(&comparison));
}
