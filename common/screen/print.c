#include "common/screen/print.h"

#include "common/files/utf8.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 80 columns fit beside an editor and into a book. A label longer than 14 would leave a heat-map
 * of ten words no room for its cells. */
enum { PRINT_WIDTH = 80, LABEL_WIDTH = 14 };

/* See no-color.org: NO_COLOR with any value but an empty one asks for plain text. */
bool print_colours(void) {
    const char *no_color = getenv("NO_COLOR"), *term = getenv("TERM");
    if (no_color && *no_color) return false;
    return isatty(STDOUT_FILENO) && term && strcmp(term, "dumb") != 0;
}

/* ANSI escape sequences (ECMA-48, SGR): bold, dim, green, red. */
const char *print_style(PrintStyle style) {
    static const char *const sequence[] = {
        [STYLE_PLAIN] = "\033[0m", [STYLE_BOLD] = "\033[1m", [STYLE_DIM] = "\033[2m",
        [STYLE_GOOD] = "\033[32m", [STYLE_BAD] = "\033[31m",
    };
    return print_colours() ? sequence[style] : "";
}

/* Characters that the widest of the numbers takes. */
static int number_width(const real *data, size_t count, int decimals) {
    int widest = 1;
    for (size_t i = 0; i < count; i++) {
        const int width = snprintf(NULL, 0, "%.*f", decimals, (double)data[i]);
        if (width > widest) widest = width;
    }
    return widest;
}

/* One row of a matrix: "  [ 1.00 0.00 ]", continued under its first number when it is long. */
static void print_row(const real *row, size_t cols, int width, int decimals) {
    // The brackets and the indent take 6.
    const size_t per_line = (PRINT_WIDTH - 6) / (size_t)(width + 1);
    printf("  [");
    for (size_t c = 0; c < cols; c++) {
        if (c > 0 && per_line > 0 && c % per_line == 0) printf("\n   ");
        printf(" %*.*f", width, decimals, (double)row[c]);
    }
    printf(" ]\n");
}

/* One width for the whole matrix, so that equal columns stand under each other. */
void print_matrix(const char *name, const real *data, size_t rows, size_t cols, int decimals) {
    printf("%s%s%s (%zu,%zu)\n", print_style(STYLE_BOLD), name, print_style(STYLE_PLAIN), rows,
           cols);
    const int width = number_width(data, rows * cols, decimals);
    for (size_t r = 0; r < rows; r++) print_row(data + r * cols, cols, width, decimals);
}

/* A vector is a matrix of one row whose shape has one number. */
void print_vector(const char *name, const real *data, size_t count, int decimals) {
    printf("%s%s%s (%zu)\n", print_style(STYLE_BOLD), name, print_style(STYLE_PLAIN), count);
    print_row(data, count, number_width(data, count, decimals), decimals);
}

/* ---- heat-maps ------------------------------------------------------------------------------- */

/* Prints a label in exactly `width` terminal columns: padded on the left, or cut with a mark.
 * Characters are never cut in two; control characters and malformed bytes become '?'. */
static void print_label(const char *label, size_t width) {
    const size_t bytes = strlen(label), columns = utf8_columns(label);
    const bool cut = columns > width;
    if (!cut) printf("%*s", (int)(width - columns), "");
    size_t used = 0, length;
    uint32_t c;
    for (size_t i = 0; (length = utf8_next(label + i, bytes - i, &c)) > 0; i += length) {
        // A character has at most 4 bytes; printing it whole keeps the terminal from seeing half of
        // one.
        char one[5] = {0};
        memcpy(one, label + i, length);
        if (utf8_is_control(c) || c == 0xfffd) strcpy(one, "?");
        if (cut && used + utf8_columns(one) + 1 > width) break;
        used += utf8_columns(one);
        fputs(one, stdout);
    }
    if (cut) printf("…%*s", (int)(width - used - 1), ""); // a wide character may leave a gap
}

/* The label i of an axis, which is its number when there are no labels. */
static const char *axis_label(const char *const *labels, size_t i, char number[24]) {
    if (labels) return labels[i];
    snprintf(number, 24, "%zu", i);
    return number;
}

/* How many columns the labels of an axis need, within reason. */
static size_t widest_label(const char *const *labels, size_t count) {
    char number[24];
    size_t widest = 1;
    for (size_t i = 0; i < count; i++) {
        const size_t width = utf8_columns(axis_label(labels, i, number));
        if (width > widest) widest = width;
    }
    return widest < LABEL_WIDTH ? widest : LABEL_WIDTH;
}

/* A block `width` characters wide, darker for larger |value|; dots for zero and for what is not a
 * number. On a terminal blue means positive and orange negative, in step with the darkness. */
static void print_block(double value, double largest, size_t width) {
    static const char *const shade[] = {"·", "░", "▒", "▓", "█"};
    const double share = isfinite(value) && largest > 0 ? fabs(value) / largest : 0;
    int level = (int)(share * 4 + 0.5);
    if (level == 0 && share > 0.02) level = 1; // small, but not nothing
    if (print_colours()) printf("\033[38;5;%dm", value < 0 ? 172 : 32);
    for (size_t i = 0; i < width; i++) fputs(shade[level], stdout);
    fputs(print_style(STYLE_PLAIN), stdout);
}

/* The value of the darkest block. Infinities (masked scores) would leave all others blank. */
static double largest_magnitude(const real *data, size_t count) {
    double largest = 0;
    for (size_t i = 0; i < count; i++) {
        const double magnitude = fabs((double)data[i]);
        if (isfinite(magnitude) && magnitude > largest) largest = magnitude;
    }
    return largest;
}

/* How a heat-map's columns are laid out on the line. */
typedef struct {
    size_t cell, block; // columns of a cell with the space before it, and of its block
    size_t shown;       // how many cells fit
    bool numbers;
    int decimals;
} Layout;

/* A cell is " NUMBER██" with as many of the decimals as the line has room for, or else " ██"; it is
 * widened for the column labels as far as the line allows. */
static Layout heatmap_layout(const real *data, size_t rows, size_t cols, size_t room, size_t header,
                             int decimals) {
    size_t digits = 0;
    for (; decimals >= 0; decimals--) {
        digits = (size_t)number_width(data, rows * cols, decimals);
        if (cols * (digits + 3) <= room) break;
    }
    Layout layout = {.numbers = decimals >= 0, .decimals = decimals};
    layout.cell = layout.numbers ? digits + 3 : 3;
    while (layout.cell < header + 1 && (layout.cell + 1) * cols <= room) layout.cell++;
    layout.block = layout.numbers ? 2 : layout.cell - 1;
    layout.shown = layout.cell * cols <= room ? cols : room / layout.cell;
    return layout;
}

/* The number is padded to what its cell has left of the block. */
static void print_heatmap_row(const real *row, const Layout *layout, double largest) {
    for (size_t c = 0; c < layout->shown; c++) {
        if (layout->numbers)
            printf("%*.*f", (int)(layout->cell - layout->block), layout->decimals, (double)row[c]);
        else
            putchar(' ');
        print_block((double)row[c], largest, layout->block);
    }
    putchar('\n');
}

/* The blocks are scaled by the whole map, not row by row, so that rows can be compared. */
void print_heatmap(const char *name, const real *data, size_t rows, size_t cols,
                   const char *const *row_labels, const char *const *col_labels, int decimals) {
    char number[24];
    const size_t label = widest_label(row_labels, rows), header = widest_label(col_labels, cols);
    const Layout layout = heatmap_layout(data, rows, cols, PRINT_WIDTH - label, header, decimals);
    printf("%s%s%s (%zu,%zu)\n%*s", print_style(STYLE_BOLD), name, print_style(STYLE_PLAIN), rows,
           cols, (int)label, "");
    for (size_t c = 0; c < layout.shown; c++) {
        putchar(' ');
        print_label(axis_label(col_labels, c, number), layout.cell - 1);
    }
    putchar('\n');
    const double largest = largest_magnitude(data, rows * cols);
    for (size_t r = 0; r < rows; r++) {
        print_label(axis_label(row_labels, r, number), label);
        print_heatmap_row(data + r * cols, &layout, largest);
    }
    if (layout.shown < cols) printf("(%zu of %zu columns shown)\n", layout.shown, cols);
}

/* The columns of one character are those of it as a text. What is no character is shown as the sign
 * for that, or a terminal would show it as it likes. */
void print_short(const char *before, const char *text) {
    const size_t room = PRINT_WIDTH - 1 - utf8_columns(before);
    const size_t most = utf8_columns(text) > room ? room - 4 : room; // of " ..."
    size_t columns = 0;
    fputs(before, stdout);
    while (*text) {
        char character[5] = "\357\277\275";
        uint32_t c;
        const size_t length = utf8_next(text, strlen(text), &c);
        if (utf8_is_control(c))
            snprintf(character, sizeof character, "?"); // it might steer the terminal
        else if (c != 0xfffd)
            snprintf(character, sizeof character, "%.*s", (int)length, text);
        columns += utf8_columns(character);
        if (columns > most) break;
        fputs(character, stdout);
        text += length;
    }
    puts(*text ? " ..." : "");
}
