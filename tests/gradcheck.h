/* gradcheck.h - every gradient against central differences, and float against double.
 *
 * A test describes what it differentiates as a GradCase and hands it to gradcheck(). In the double
 * build that compares each analytic derivative with a numeric one. A float build cannot (a
 * difference quotient of floats is wrong in the third digit); it computes the same results and
 * gradients and compares them with those of the double build's program of the same name, which it
 * runs with --reference FILE.
 */
#ifndef TESTS_GRADCHECK_H
#define TESTS_GRADCHECK_H

#include <check.h>

#include "common/ops.h"
#include "common/parameters.h"

enum { GRADCHECK_INPUTS = 4 };

typedef enum {
    ANY,      // uniform in [-1.5, 1.5]
    POSITIVE, // in [0.5, 2]: logarithms, powers
    NO_KINK,  // in [-1.5, -0.1] or [0.1, 1.5]: relu is not differentiable at 0
} Domain;

typedef struct {
    int ndim; // 0 where there is no further input
    int shape[MAX_DIMS];
} GradShape;

/* An input's shape in a table: INPUT(2, 3). */
#define INPUT(...)                                                                                 \
    {                                                                                              \
        NDIM(__VA_ARGS__), {                                                                       \
            __VA_ARGS__                                                                            \
        }                                                                                          \
    }

typedef struct {
    const char *name;
    /* Computes a tensor of any shape from the inputs, and perhaps from parameters. */
    Tensor *(*build)(const void *context, Tensor **input);
    Domain domain;
    GradShape input[GRADCHECK_INPUTS];
    const void *context;    // handed to build
    Parameters *parameters; // what build uses besides the inputs, differentiated too; NULL: none
} GradCase;

/* Draws the inputs from seed and checks the case, ending the test on a disagreement. The loss is
 * the sum of all results, each times a random number, so that what flows back into the case is
 * never just 1; and build is called twice on the same inputs, so that a gradient which overwrites
 * instead of adding is found out. Every subset of the inputs is taken as those that require a
 * gradient, with the parameters and without. */
void gradcheck(const GradCase *c, uint64_t seed);

/* The main of a test program that uses gradcheck: runs the suite, or writes the reference. */
int gradcheck_main(int argc, char **argv, Suite *suite);

/* The graph that gradcheck uses, made the current one and reset. */
Graph *gradcheck_graph(void);

#endif
