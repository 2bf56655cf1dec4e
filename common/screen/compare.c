#include "common/screen/compare.h"

#include "common/screen/print.h"

#include <stdio.h>

/* A row of at most 50 characters, so that "published" before it fits into 80 columns with its
 * indent. */
enum { ROW_WIDTH = 50 };

/* Takes one number into the account and returns how far it is off. */
static double account(Comparison *comparison, double published, double computed, double allowed) {
    const double difference = fabs(published - computed);
    comparison->compared++;
    if (!(difference <= allowed)) comparison->missed++; // NaN compares false
    if (isnan(difference) || difference > comparison->largest) comparison->largest = difference;
    return difference;
}

/* Ends a line with how far off it is: green where that is allowed, red where it is not. */
static void print_difference(double difference, double allowed, int decimals) {
    const bool good = difference <= allowed;
    printf("  %s%s %.*f%s\n", print_style(good ? STYLE_GOOD : STYLE_BAD),
           good ? "off by" : "MISSED by", decimals ? decimals + 2 : 0, difference,
           print_style(STYLE_PLAIN));
}

/* Characters that the widest of the numbers takes with these decimals. */
static int widest(const double *numbers, size_t count, int decimals) {
    int width = 0;
    for (size_t i = 0; i < count; i++) {
        const int length = snprintf(NULL, 0, "%.*f", decimals, numbers[i]);
        if (length > width) width = length;
    }
    return width;
}

/* Both versions are printed with the decimals that were published: what one compares by eye has
 * the same number of digits. */
void compare_row(Comparison *comparison, const char *label, const double *published,
                 const real *computed, size_t count, int decimals, double allowed) {
    double largest = 0;
    int width = widest(published, count, decimals);
    for (size_t i = 0; i < count; i++) {
        const double ours = (double)computed[i];
        const double off = account(comparison, published[i], ours, allowed);
        if (isnan(off) || off > largest) largest = off;
        if (widest(&ours, 1, decimals) > width) width = widest(&ours, 1, decimals);
    }
    printf("  %s\n", label);
    // A row too long for the line goes on below in both versions.
    const size_t per_line = width < ROW_WIDTH ? (size_t)(ROW_WIDTH / (width + 1)) : 1;
    for (size_t first = 0; first < count; first += per_line) {
        const size_t end = first + per_line < count ? first + per_line : count;
        printf("    published");
        for (size_t i = first; i < end; i++) printf(" %*.*f", width, decimals, published[i]);
        printf("\n    computed ");
        for (size_t i = first; i < end; i++) printf(" %*.*f", width, decimals, (double)computed[i]);
        if (end < count) putchar('\n');
    }
    print_difference(largest, allowed, decimals);
}

/* Row by row under one label, numbered from 0 as in the code that published them. */
void compare_matrix(Comparison *comparison, const char *label, const double *published,
                    const real *computed, size_t rows, size_t cols, int decimals, double allowed) {
    for (size_t r = 0; r < rows; r++) {
        char numbered[64];
        snprintf(numbered, sizeof numbered, "%s %zu", label, r);
        compare_row(comparison, numbered, published + r * cols, computed + r * cols, cols, decimals,
                    allowed);
    }
}

void compare_value(Comparison *comparison, const char *label, double published, double computed,
                   int decimals, double allowed) {
    const double difference = account(comparison, published, computed, allowed);
    printf("  %-22s published %.*f  computed %.*f", label, decimals, published, decimals, computed);
    print_difference(difference, allowed, decimals);
}

/* For what was published in words: "later is less", "both are equal". */
void compare_claim(Comparison *comparison, const char *claim, bool holds) {
    comparison->claims++;
    if (!holds) comparison->refuted++;
    printf("  %s  %s%s%s\n", claim, print_style(holds ? STYLE_GOOD : STYLE_BAD),
           holds ? "holds" : "DOES NOT HOLD", print_style(STYLE_PLAIN));
}

void compare_shape(Comparison *comparison, const char *label, const Tensor *tensor, int ndim,
                   const int *published) {
    bool equal = tensor->ndim == ndim;
    for (int i = 0; i < ndim && equal; i++) equal = tensor->shape[i] == published[i];
    comparison->claims++;
    if (!equal) comparison->refuted++;
    char ours[64], theirs[64];
    printf("  %-28s published %-14s computed %s%s%s%s\n", label,
           shape_text(theirs, ndim, published), shape_text(ours, tensor->ndim, tensor->shape),
           print_style(STYLE_BAD), equal ? "" : "  MISSED", print_style(STYLE_PLAIN));
}

/* A comparison that compared nothing has failed: an early return must not look like agreement. */
int compare_end(const Comparison *comparison) {
    const bool failed = comparison->missed > 0 || comparison->refuted > 0;
    const bool good = !failed && comparison->compared + comparison->claims > 0;
    printf("\n%s", print_style(good ? STYLE_GOOD : STYLE_BAD));
    if (comparison->compared > 0)
        printf("largest difference %.2g over %d numbers, %d missed", comparison->largest,
               comparison->compared, comparison->missed);
    if (comparison->claims > 0)
        printf("%s%d of %d claims hold", comparison->compared > 0 ? "; " : "",
               comparison->claims - comparison->refuted, comparison->claims);
    if (comparison->compared + comparison->claims == 0) printf("nothing was compared");
    printf("%s\n", print_style(STYLE_PLAIN));
    output_finish();
    return good ? 0 : 1;
}
