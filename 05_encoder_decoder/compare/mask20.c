/* mask20.c - The Annotated Transformer, "Encoder and Decoder Stacks": subsequent_mask(20), who may
 * look at whom in the decoder.
 *
 * Beside: annotated Decoder - subsequent_mask(20), row by row
 */
#include "03_self_attention/masks.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>

enum { LENGTH = 20 };

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The Annotated Transformer's picture of subsequent_mask(20).",
                         "build/05_encoder_decoder/mask20"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    unsigned char ignored[LENGTH * LENGTH]; // (20,20)
    masks_causal(ignored, LENGTH, LENGTH);

    puts("subsequent_mask(20): row = the place that looks, column = the place looked at,\n"
         "# = may be looked at. It is built there as (triu(ones, 1) == 0).\n");
    real allowed[LENGTH * LENGTH];
    double published[LENGTH * LENGTH];
    for (int t = 0; t < LENGTH; t++) {
        printf("  %2d ", t);
        for (int s = 0; s < LENGTH; s++) {
            const int i = t * LENGTH + s;
            published[i] = s <= t ? 1 : 0;
            allowed[i] = ignored[i] ? 0 : 1;
            printf(" %c", ignored[i] ? '.' : '#');
        }
        putchar('\n');
    }
    putchar('\n');
    compare_row(&comparison, "row 0", published, allowed, LENGTH, 0, 0);
    compare_row(&comparison, "row 19", published + 19 * LENGTH, allowed + 19 * LENGTH, LENGTH, 0,
                0);
    double count = 0;
    bool same = true;
    for (int i = 0; i < LENGTH * LENGTH; i++) {
        count += (double)allowed[i];
        same = same && (double)allowed[i] == published[i];
    }
    compare_value(&comparison, "pairs allowed, 20 21 / 2", 210, count, 0, 0);
    compare_claim(&comparison, "all 400 places are as there", same);

    plot_heatmap(&(Picture){.name = "mask20",
                            .directory = lesson.common.out,
                            .title = "Who may look at whom: subsequent_mask(20)",
                            .caption = "dark = may be looked at: place 0 sees only itself, place "
                                       "19 everybody, and no place reads its own answer",
                            .x_label = "place looked at",
                            .y_label = "place that looks",
                            .width = 560,
                            .height = 460,
                            .no_scale = true},
                 &(PlotMap){.data = allowed, .rows = LENGTH, .cols = LENGTH}, -1);
    return lesson_end(&lesson, compare_end(&comparison));
}
