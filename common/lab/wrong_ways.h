/* wrong_ways.h - ways back through a softmax that a careless check lets pass. */
#ifndef WRONG_WAYS_H
#define WRONG_WAYS_H

#include <stddef.h>

typedef enum {
    WAY_RIGHT,        // dx_i = p_i (dp_i - sum_j dp_j p_j)
    WAY_WITHOUT_P,    // the factor p_i forgotten
    WAY_WRONG_SIGN,   // the right one, negative
    WAY_DOES_NOTHING, // dx = 0
    WAYS
} Way;

const char *way_name(Way way);

/* dx (n) from the probabilities p (n) and what flows into them, dp (n). All dp equal, as they are
 * when the results are just added up, gives 0 in each of the four. */
void way_back(Way way, const double *p, const double *dp, size_t n, double *dx);

#endif
