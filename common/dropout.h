/* dropout.h - which elements a dropout drops: shared by op_dropout and by fused operations that
 * drop inside.
 *
 * The mask is a pure function of a key and an element's index. Nothing is stored for the way back:
 * it asks the same question again and gets the same answer.
 */
#ifndef COMMON_DROPOUT_H
#define COMMON_DROPOUT_H

#include "common/random.h"
#include "common/tensor.h"

typedef struct {
    uint64_t key;
    uint32_t threshold; // dropped where the hash is below
    real scale;         // what the kept elements are multiplied by: 1 / (1 - p)
} Dropout;

/* The next dropout of the current graph: no two since the last reset share a key. 0 <= p < 1. */
static inline Dropout dropout_next(real p) {
    Graph *graph = graph_current();
    // Mixed before the count is added: or the second dropout under key k would be the first under
    // k + 1.
    const uint64_t key = random_mix64(random_mix64(graph->dropout_key) + graph->dropout_calls++);
    return (Dropout){key, (uint32_t)(p * 4294967296.0), 1 / (1 - p)};
}

/* What element i is multiplied by: 0 or scale. */
static inline real dropout_factor(const Dropout *dropout, size_t i) {
    return random_hash(dropout->key, (uint32_t)i) < dropout->threshold ? 0 : dropout->scale;
}

#endif
