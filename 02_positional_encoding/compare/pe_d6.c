/* pe_d6.c - CodeEmporium, notebook Positional_Encoding: the table with d_model 6 for 10 positions,
 * its divisors, and the last digit that float costs it.
 *
 * Beside: codeemporium Positional_Encoding - his table of 10 places and 6 dimensions, and its
 *     divisors 1.0000 21.5443 464.1590
 */
#include "02_positional_encoding/sinusoid.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

enum { POSITIONS = 10, D_MODEL = 6 };

/* The table as the notebook prints it: (positions,d_model), 4 decimals. */
static const double published[POSITIONS][D_MODEL] = {
    {0.0000, 1.0000, 0.0000, 1.0000, 0.0000, 1.0000},
    {0.8415, 0.5403, 0.0464, 0.9989, 0.0022, 1.0000},
    {0.9093, -0.4161, 0.0927, 0.9957, 0.0043, 1.0000},
    {0.1411, -0.9900, 0.1388, 0.9903, 0.0065, 1.0000},
    {-0.7568, -0.6536, 0.1846, 0.9828, 0.0086, 1.0000},
    {-0.9589, 0.2837, 0.2300, 0.9732, 0.0108, 0.9999},
    {-0.2794, 0.9602, 0.2749, 0.9615, 0.0129, 0.9999},
    {0.6570, 0.7539, 0.3192, 0.9477, 0.0151, 0.9999},
    {0.9894, -0.1455, 0.3629, 0.9318, 0.0172, 0.9999},
    {0.4121, -0.9111, 0.4057, 0.9140, 0.0194, 0.9998},
};

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"CodeEmporium's positional encoding table, d_model 6, 10 positions.",
                         "build/02_positional_encoding/pe_d6"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 0);
    Comparison comparison = {0};

    puts("CodeEmporium's notebook divides the position by 10000^(2i/6), one divisor for\n"
         "each sine-cosine pair. In float, as there, and in double:\n");
    const double divisors[] = {1.0, 21.5443, 464.1590};
    for (int i = 0; i < 3; i++) {
        char label[64];
        snprintf(label, sizeof label, "dims %d, %d", 2 * i, 2 * i + 1);
        compare_value(&comparison, label, divisors[i], (double)powf(10000, (float)(2 * i) / 6), 4,
                      0.0001);
    }
    printf("  10000^(4/6) in double is %.4f: the printed last digit is float's rounding.\n",
           pow(10000, 4 / 6.0));

    real table[POSITIONS * D_MODEL]; // (10,6)
    sinusoid_table(table, 0, POSITIONS, D_MODEL);
    puts("\nPE (10,6), one row for each position:\n");
    for (size_t t = 0; t < POSITIONS; t++) {
        char label[32];
        snprintf(label, sizeof label, "position %zu", t);
        compare_row(&comparison, label, published[t], table + t * D_MODEL, D_MODEL, 4, 0.0000501);
    }
    puts("\nRead down a column: the first pair turns about once in 6 positions, the last has\n"
         "hardly moved. Fast hands tell neighbours apart, slow ones tell far from near.");
    return lesson_end(&lesson, compare_end(&comparison));
}
