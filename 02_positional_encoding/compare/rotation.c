/* rotation.c - The paper, section 3.5, gives its reason for sines in half a sentence: for any fixed
 * k, PE(pos + k) is a linear function of PE(pos). Here is the matrix, the same at every pos.
 *
 * Beside: paper 3.5 - "a linear function of PE(pos)": the matrix for one step, and that it is right
 *     at every place
 */
#include "02_positional_encoding/lab/sinusoid_shift.h"
#include "02_positional_encoding/sinusoid.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"
#include "common/vector.h"

#include <stdio.h>

enum { D_MODEL = 64, POSITIONS = 1000 };

/* max |PE(pos + k) - PE(pos) R_k| over positions 0 .. 999 and all dimensions. */
static double largest_error(int k) {
    static real table[POSITIONS * D_MODEL], shifted[POSITIONS * D_MODEL];
    static real rotation[D_MODEL * D_MODEL], turned[POSITIONS * D_MODEL];
    sinusoid_table(table, 0, POSITIONS, D_MODEL);
    sinusoid_table(shifted, k, POSITIONS, D_MODEL);
    sinusoid_shift(rotation, k, D_MODEL);
    gemm(false, false, POSITIONS, D_MODEL, D_MODEL, 1, table, D_MODEL, rotation, D_MODEL, 0, turned,
         D_MODEL);
    return vector_max_difference(turned, shifted, POSITIONS * D_MODEL);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"A shift by k positions is a rotation that does not depend on where.",
                         "build/02_positional_encoding/rotation"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};
    real rotation[4 * 4];
    sinusoid_shift(rotation, 1, 4);
    puts("Section 3.5 of the paper: for any fixed offset k, PE(pos + k) is a linear\n"
         "function of PE(pos). For d_model 4 and k = 1 it is this matrix:\n");
    print_matrix("rotation by one step", rotation, 4, 4, 4);
    puts("\nEach 2x2 block turns one clock hand by a fixed angle: 1 radian, 0.01 radian.\n"
         "No pos in it. So ONE weight matrix can say \"look one to the left\" for every\n"
         "place in the sentence. d_model 64, positions 0 to 999: is PE(pos) R_k, entry for\n"
         "entry, PE(pos + k)?\n");
    const int ks[] = {1, -1, 5, 17, 100, 1000};
    for (size_t i = 0; i < sizeof ks / sizeof ks[0]; i++) {
        char claim[64];
        const double off = largest_error(ks[i]);
        snprintf(claim, sizeof claim, "k = %4d: yes, to 1e-6 (largest %.1e)", ks[i], off);
        compare_claim(&comparison, claim, off < 1e-6);
    }
    return lesson_end(&lesson, compare_end(&comparison));
}
