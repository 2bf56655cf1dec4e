/* pe_similarity.c - TensorFlow's tutorial, where it introduces the positional encoding: how alike
 * position 1000 is to every other, in an encoding of 2048 positions and 512 dimensions.
 *
 * Beside: tensorflow The embedding and positional encoding layer - how alike place 1000 is to
 *     others: 0.9731 at distance 1, 0.5121 at 50
 */
#include "02_positional_encoding/lab/sinusoid_form.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>
#include <stdlib.h>

enum { POSITIONS = 2048, D_MODEL = 512, MIDDLE = 1000 };

/* The curve within 50 positions of the middle. */
static void draw(const char *directory, const real *similarity) {
    enum { AROUND = 50, COUNT = 2 * AROUND + 1 };
    real x[COUNT], y[COUNT];
    for (int i = 0; i < COUNT; i++) {
        x[i] = (real)(MIDDLE - AROUND + i);
        y[i] = similarity[MIDDLE - AROUND + i];
    }
    plot_lines(
        &(Picture){
            .name = "pe_similarity",
            .directory = directory,
            .title = "how alike position 1000 is to its neighbours (cosine, d_model 512)",
            .caption = "highest at position 1000 itself, falling the same way on both sides.",
            .x_label = "position",
            .y_label = "cosine",
            .y_max = 1.05,
        },
        &(PlotSeries){.x = x, .y = y, .count = COUNT}, 1);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {
        "The cosine between position 1000 and its neighbours, as TensorFlow plots.",
        "build/02_positional_encoding/pe_similarity"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    real *table = malloc(sizeof(real) * POSITIONS * D_MODEL); // (2048,512)
    if (!table) error_exit(&(Error){"out of memory"});
    sinusoid_form_table(table, SINUSOID_TENSORFLOW, 0, POSITIONS, D_MODEL);

    // Every row has length sqrt(256): sin^2 + cos^2 = 1 for each of the 256 pairs.
    real similarity[POSITIONS];
    for (size_t t = 0; t < POSITIONS; t++) {
        double product = 0;
        for (size_t e = 0; e < D_MODEL; e++)
            product += (double)(table[t * D_MODEL + e] * table[(size_t)MIDDLE * D_MODEL + e]);
        similarity[t] = (real)(product / (D_MODEL / 2.0));
    }
    free(table);

    puts("PE (2048,512), rows scaled to length 1, times row 1000. The tutorial shows the\n"
         "curve; its values at distance k, computed with NumPy:\n");
    const int distance[] = {0, 1, 2, 5, 10, 20, 50};
    const double expected[] = {1, 0.9731, 0.9052, 0.7406, 0.6789, 0.6155, 0.5121};
    for (size_t i = 0; i < sizeof distance / sizeof distance[0]; i++) {
        char label[32];
        snprintf(label, sizeof label, "k = %d", distance[i]);
        compare_value(&comparison, label, expected[i], (double)similarity[MIDDLE + distance[i]], 4,
                      0.00005);
    }
    double lopsided = 0;
    // The cosine of two places depends on |k| alone: sin and cos of a pair give cos(w k).
    for (size_t k = 1; k <= 50; k++)
        lopsided = fmax(lopsided, fabs((double)(similarity[MIDDLE - k] - similarity[MIDDLE + k])));
    compare_claim(&comparison, "left and right are the same, k = 1 to 50, to 1e-5",
                  lopsided < 1e-5);
    puts("\nA sharp peak that looks the same on both sides: the dot product knows how far,\n"
         "not which way. For the direction you need a rotation: make 02/rotation.");
    puts("");
    draw(lesson.common.out, similarity);
    return lesson_end(&lesson, compare_end(&comparison));
}
