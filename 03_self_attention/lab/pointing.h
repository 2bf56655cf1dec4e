/* pointing.h - a task that shows what queries, keys and values are for.
 *
 * A sentence is a ring of tokens. Each has a name, names one other token that it points at, and
 * carries a payload; each must answer with the payload of the token it points at. Pointing is
 * directed: that A points at B says nothing about where B points. One attention layer is trained on
 * it under different rules about which of its projections may differ.
 */
#ifndef POINTING_H
#define POINTING_H

#include "common/linear.h"

enum {
    POINTING_TOKENS = 8,                                      // T: tokens of a sentence, and names
    POINTING_PAYLOADS = 8,                                    // V: what a token may carry
    POINTING_WIDTH = 2 * POINTING_TOKENS + POINTING_PAYLOADS, // E: three one-hot vectors, joined
};

typedef enum {
    PROJECT_NOTHING,  // scores are x_i . x_j: only the value is projected
    PROJECT_QK_SAME,  // query = key: scores are symmetric
    PROJECT_KV_SAME,  // key = value
    PROJECT_SEPARATE, // query, key and value each have their own
} Projections;

typedef struct {
    Projections projections;
    Parameters parameters;
    Linear query, key, value, output; // shared ones are the same Linear
} PointingModel;

/* Sentences one after the other: x (B,T,E) and the payload each token must answer, (B,T). */
typedef struct {
    int sentences;
    real *x;
    int *targets;
} PointingBatch;

/* Queries, keys and values of D numbers; weights in the manner of nn.Linear without biases, from
 * seed. Call pointing_free. */
PointingModel pointing_new(Projections projections, int D, uint64_t seed);
void pointing_free(PointingModel *model);

/* logits (B,T,V) of x (B,T,E); weights, if not NULL, receives the attention (B,T,T). */
Tensor *pointing_forward(const PointingModel *model, Tensor *x, Tensor **weights);

/* Fills the batch, whose arrays the caller provides, with random rings and payloads. */
void pointing_batch(PointingBatch *batch, Random *random);

/* One sentence in which token i points at token i+1, and the last at the first: x (T,E). */
void pointing_ring(real *x);

/* Trains with Adam on fresh batches of 32. accuracies (steps / every + 1, starting untrained)
 * receives the share of right answers on 64 fresh sentences; it may be NULL. Resets the current
 * graph. Returns the last. */
double pointing_train(PointingModel *model, int steps, int every, uint64_t seed, real *accuracies);

#endif
