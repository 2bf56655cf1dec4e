/* print.h - small matrices and heat-maps on the terminal, in 80 columns.
 *
 * What the demos show is small enough to check by hand, so every number is printed, and a heat-map
 * adds shading that reads the same in grey: the darker block is the larger value. Colour is used
 * only on a terminal and never carries information of its own.
 */
#ifndef COMMON_PRINT_H
#define COMMON_PRINT_H

#include "common/real.h"

#include <stdbool.h>
#include <stddef.h>

/* Whether stdout takes colours: a terminal, TERM not "dumb", NO_COLOR unset or empty. */
bool print_colours(void);

/* The styles, as escape sequences; "" wherever print_colours() is false, so that
 * printf("%sQ%s", print_style(STYLE_BOLD), print_style(STYLE_PLAIN)) is always right. */
typedef enum { STYLE_PLAIN, STYLE_BOLD, STYLE_DIM, STYLE_GOOD, STYLE_BAD } PrintStyle;
const char *print_style(PrintStyle style);

/* Prints "NAME (rows,cols)" and the matrix below it, row-major, columns aligned, every number with
 * the given decimals. Masked entries appear as -inf. A row too long for 80 columns goes on in the
 * next lines. */
void print_matrix(const char *name, const real *data, size_t rows, size_t cols, int decimals);

/* A row vector: "NAME (count)" and its numbers, wrapped at 80 columns. */
void print_vector(const char *name, const real *data, size_t count, int decimals);

/* Prints a (rows,cols) heat-map with a label before each row and above each column: every cell has
 * its number and a block whose darkness is |value| relative to the largest |value|. Decimals are
 * given up until the numbers fit into 80 columns, then the blocks stand alone; when they do not fit
 * either, the columns that do are shown and the rest are counted. Labels are UTF-8, cut to the room
 * there is; NULL labels are numbers from 0. Negative decimals mean no numbers. */
void print_heatmap(const char *name, const real *data, size_t rows, size_t cols,
                   const char *const *row_labels, const char *const *col_labels, int decimals);

/* Prints a line: before, and of text, which may be far too long, as much as fits into 79 columns;
 * " ..." says that there is more. */
void print_short(const char *before, const char *text);

#endif
