/* compare.h - the numbers that a resource publishes beside the ones computed here.
 *
 *     Comparison comparison = {0};
 *     compare_row(&comparison, "output 1", published, computed, 3, 2, 0.005);
 *     return lesson_end(&lesson, compare_end(&comparison));
 */
#ifndef COMMON_COMPARE_H
#define COMMON_COMPARE_H

#include "common/real.h"
#include "common/tensor.h"

/* What a program has compared so far. Start from all zeros. */
typedef struct {
    double largest; // of |published - computed| over the promised numbers
    int compared;   // how many numbers
    int missed;     // how many of them differ by more than was allowed
    int claims;     // statements put to the test
    int refuted;    // how many of them do not hold
} Comparison;

/* Prints the two rows of `count` numbers, one below the other, with the largest difference between
 * them, and takes them into the account. A number that is not finite has missed. */
void compare_row(Comparison *comparison, const char *label, const double *published,
                 const real *computed, size_t count, int decimals, double allowed);

/* compare_row for each row of a matrix (rows,cols): "LABEL 0", "LABEL 1", ... */
void compare_matrix(Comparison *comparison, const char *label, const double *published,
                    const real *computed, size_t rows, size_t cols, int decimals, double allowed);

/* One number on one line. With decimals 0 and allowed 0: a count that must be exact. */
void compare_value(Comparison *comparison, const char *label, double published, double computed,
                   int decimals, double allowed);

/* A statement without a published number, on one line with whether it holds here. */
void compare_claim(Comparison *comparison, const char *claim, bool holds);

/* A tensor's shape on one line, "Z0  published (2,64)  computed (2,64)", as a claim. */
void compare_shape(Comparison *comparison, const char *label, const Tensor *tensor, int ndim,
                   const int *published);
#define COMPARE_SHAPE(comparison, label, tensor, ...)                                              \
    compare_shape(comparison, label, tensor, NDIM(__VA_ARGS__), SHAPE(__VA_ARGS__))

/* Prints the largest difference, how many numbers matched and how many claims hold. Returns the
 * program's exit status: 0, or 1 if any of them failed or there was nothing to compare. */
int compare_end(const Comparison *comparison);

#endif
