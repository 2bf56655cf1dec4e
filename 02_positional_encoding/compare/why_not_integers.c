/* why_not_integers.c - HeduAI, "Visual Guide to Transformer Neural Networks", the episode on
 * position embeddings: why not simply add 0, 1, 2, 3? Four ways to write a place, measured against
 * what one wants of it.
 *
 * Beside: heduai Episode 1 - why not 0, 1, 2, 3? What each of four ways fails at, measured
 */
#include "02_positional_encoding/sinusoid.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/vector.h"

#include <stdio.h>

enum { POSITIONS = 16, BITS = 10, D_MODEL = 8, COLUMNS = 10 };

typedef enum { INTEGERS, FRACTIONS, BINARY, SINUSOIDS, SCHEMES } Scheme;

static const char *const scheme_name[SCHEMES] = {"integers", "fractions", "bits", "sinusoids"};

/* row (COLUMNS) <- place t of a sentence of `length` words; the columns a scheme does not use are
 * 0. Returns how many it uses. */
static int position_row(Scheme scheme, int t, int length, real *row) {
    memset(row, 0, COLUMNS * sizeof *row);
    switch (scheme) {
    case INTEGERS:
        row[0] = (real)t;
        return 1;
    case FRACTIONS:
        row[0] = (real)t / (real)(length - 1);
        return 1;
    case BINARY:
        for (int bit = 0; bit < BITS; bit++) row[bit] = (real)(t >> bit & 1);
        return length <= POSITIONS ? 4 : BITS;
    default:
        sinusoid_table(row, t, 1, D_MODEL);
        return D_MODEL;
    }
}

static double distance(Scheme scheme, int t, int length, int t2, int length2) {
    real a[COLUMNS], b[COLUMNS];
    position_row(scheme, t, length, a);
    position_row(scheme, t2, length2, b);
    double sum = 0;
    for (int c = 0; c < COLUMNS; c++) sum += (double)((a[c] - b[c]) * (a[c] - b[c]));
    return sqrt(sum);
}

static double largest_entry(Scheme scheme, int t, int length) {
    real row[COLUMNS];
    position_row(scheme, t, length, row);
    return vector_max_abs(row, COLUMNS);
}

static void draw(const char *directory) {
    enum { SHOWN = 8 };
    const char *const title[SCHEMES] = {"integers, / 15", "fractions", "bits", "sinusoids"};
    real data[SCHEMES][POSITIONS * SHOWN], row[COLUMNS];
    PlotMap maps[SCHEMES];
    for (int s = 0; s < SCHEMES; s++) {
        for (int t = 0; t < POSITIONS; t++) {
            const int used = position_row((Scheme)s, t, POSITIONS, row);
            if (s == INTEGERS) row[0] /= POSITIONS - 1; // to share the colours of the others
            for (int c = 0; c < SHOWN; c++)             // what a scheme does not use is hatched
                data[s][t * SHOWN + c] = c < used ? row[c] : (real)NAN;
        }
        maps[s] = (PlotMap){.title = title[s], .data = data[s], .rows = POSITIONS, .cols = SHOWN};
    }
    plot_heatmap_grid(
        &(Picture){
            .name = "four_positions",
            .directory = directory,
            .title = "Four ways to write the places 0 to 15, one row each",
            .caption = "sinusoids are bits with soft edges: fast columns left, slow ones right.",
            .x_label = "dimension",
            .y_label = "position",
        },
        maps, SCHEMES, SCHEMES, -1);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Integers, fractions, bits and sinusoids as positions, side by side.",
                         "build/02_positional_encoding/why_not_integers"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    puts("A good position vector is bounded, means the same in every sentence, and moves\n"
         "by equal steps. Which of four candidates is all three?\n");
    puts("             largest entry       place 5 of 10 words    length of the step\n"
         "             place 15    999     - place 5 of 20        2->3   3->4   7->8");
    for (int s = 0; s < SCHEMES; s++) {
        const Scheme scheme = (Scheme)s;
        printf("  %-10s %8.2f %6.0f %16.2f %18.2f %6.2f %6.2f\n", scheme_name[s],
               largest_entry(scheme, 15, 16), largest_entry(scheme, 999, 1000),
               distance(scheme, 5, 10, 5, 20), distance(scheme, 2, 16, 3, 16),
               distance(scheme, 3, 16, 4, 16), distance(scheme, 7, 16, 8, 16));
    }
    puts("\n"
         "Integers grow past the word vectors, whose entries are near 1, and drown them.\n"
         "Fractions: place 5 of 10 words and place 5 of 20 get different numbers.\n"
         "Bits are bounded and fixed, but jump: 0111 -> 1000 changes all four.\n"
         "Sinusoids turn smoothly instead of flipping, and pass all three.\n");
    draw(lesson.common.out);

    Comparison comparison = {0};
    puts("");
    compare_claim(&comparison, "integers: place 999 is an entry of 999, where words have about 1",
                  largest_entry(INTEGERS, 999, 1000) > 998);
    compare_claim(&comparison, "fractions: place 5 depends on the length of the sentence",
                  distance(FRACTIONS, 5, 10, 5, 20) > 0.2);
    compare_claim(&comparison, "bits: the step 7->8 is twice the step 2->3",
                  distance(BINARY, 7, 16, 8, 16) == 2 * distance(BINARY, 2, 16, 3, 16));
    double unequal = 0;
    // Against the first step: if one is longer than another, some place is easier to find.
    for (int t = 1; t < 1000; t++)
        unequal = fmax(unequal, fabs(distance(SINUSOIDS, t, 1001, t + 1, 1001) -
                                     distance(SINUSOIDS, 0, 1001, 1, 1001)));
    compare_claim(&comparison, "sinusoids: all 1000 steps equally long, to 1e-5", unequal < 1e-5);
    return lesson_end(&lesson, compare_end(&comparison));
}
