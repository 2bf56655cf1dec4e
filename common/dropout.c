#include "common/dropout.h"

#include "common/random.h"

/* A hash is uniform over 0 .. 2^32 - 1, so a share of p of them is below p 2^32. */
Dropout dropout_new(uint64_t key, real p) {
    return (Dropout){key, (uint32_t)(p * 4294967296.0), 1 / (1 - p)};
}

/* What element i is multiplied by: 0 or scale. */
static inline real factor(const Dropout *dropout, size_t i) {
    return random_hash(dropout->key, (uint32_t)i) < dropout->threshold ? 0 : dropout->scale;
}

/* The dropout is copied: y could be the memory that it lies in, as far as a compiler knows, and
 * the loop would not vectorise. */
void dropout_apply(const Dropout *dropout, real *y, const real *x, size_t first, size_t n) {
    const Dropout d = *dropout;
    for (size_t i = 0; i < n; i++) y[i] = x[i] * factor(&d, first + i);
}

void dropout_backward(const Dropout *dropout, real *dx, const real *dy, size_t first, size_t n) {
    const Dropout d = *dropout;
    for (size_t i = 0; i < n; i++) dx[i] += dy[i] * factor(&d, first + i);
}
