/* saturation.h - what the length of queries and keys does to the softmax, with and without the
 * division by its square root.
 */
#ifndef SATURATION_H
#define SATURATION_H

#include "common/random.h"

enum { SATURATION_KEYS = 8 };

/* Averages over draws of one query and SATURATION_KEYS keys. */
typedef struct {
    double variance; // of the scores; the others are averages over the draws
    double largest;  // weight of the softmax: 1/keys when it cannot choose, 1 when it is sure
    double gradient; // Frobenius norm of d weights / d scores = diag(p) - p p^T
} Saturation;

/* Query and keys of length d, entries drawn from N(0,1). Their product has mean 0 and variance d
 * (Vaswani et al. 2017, footnote 4), so the scores are divided by sqrt(d) if scaled. */
Saturation saturation_measure(int d, bool scaled, int draws, Random *random);

#endif
