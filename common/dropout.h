/* dropout.h - which elements a dropout drops, and what becomes of the others: shared by op_dropout
 * and by fused operations that drop inside.
 *
 * The mask is a pure function of a key and an element's index. Nothing is stored for the way back:
 * it asks the same question again and gets the same answer.
 */
#ifndef COMMON_DROPOUT_H
#define COMMON_DROPOUT_H

#include <stddef.h>

#include "common/real.h"

typedef struct {
    uint64_t key;
    uint32_t threshold; // dropped where the hash is below
    real scale;         // what the kept elements are multiplied by: 1 / (1 - p)
} Dropout;

/* Drops with probability p, 0 <= p < 1. graph_dropout_key gives a key that no other dropout of the
 * step has. */
Dropout dropout_new(uint64_t key, real p);

/* y_i = x_i f_i for the elements first <= i < first + n of all that this dropout sees; f_i is 0 or
 * 1 / (1 - p). x, y (n) are the first of them; y may be x. */
void dropout_apply(const Dropout *dropout, real *y, const real *x, size_t first, size_t n);

/* In the forward pass y_i = x_i f_i, so now dx_i += dy_i f_i. */
void dropout_backward(const Dropout *dropout, real *dx, const real *dy, size_t first, size_t n);

#endif
