/* attention_cost.h - what attention over several heads costs, composed and fused: time, memory. */
#ifndef ATTENTION_COST_H
#define ATTENTION_COST_H

#include "common/tensor.h"

typedef struct {
    size_t bytes;   // that the graph hands out for one pass forward and back
    double seconds; // the fastest of the passes
} AttentionCost;

/* Runs `repeats` passes, forward and back, over the same random q, k, v (B,T,E) with H heads, in
 * the current graph, which is reset. result and gradient (B,T,E), if not NULL, receive the output
 * and the gradient of q for a loss of half the sum of squares. */
AttentionCost attention_cost(bool fused, int B, int T, int E, int H, int repeats, real *result,
                             real *gradient);

#endif
