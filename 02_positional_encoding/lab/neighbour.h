/* neighbour.h - the smallest task that needs positions: "who stands left of you?"
 *
 * Given nothing but position vectors p_0 .. p_{n-1}, place i must point at place i - 1. One matrix
 * W decides: score(i,j) = (p_i W) . p_j / sqrt(E), and a softmax over j says where i points. That
 * is the part of attention that looks at positions. It is trained on short sequences and then asked
 * about longer ones.
 */
#ifndef NEIGHBOUR_H
#define NEIGHBOUR_H

#include "common/random.h"
#include "common/real.h"

typedef enum {
    NEIGHBOUR_SINUSOID, // the paper's table: exists for every position
    NEIGHBOUR_LEARNED,  // one trained row per position: beyond the trained length they are as drawn
    NEIGHBOUR_ROTATED,  // the paper's table, and a W that can only turn and stretch each pair
} NeighbourKind;

typedef struct {
    NeighbourKind kind;
    int d_model; // E, even
    int trained; // places 0 .. trained-1 are seen in training
    int longest; // how many learned rows there are
    int steps;   // of Adam, each on the whole sequence
    double lr;
} NeighbourTask;

/* On a sequence of `length` places, every one of which may be pointed at: the share of the places
 * below `trained`, and of those from there on, that point at their left neighbour. */
typedef struct {
    int length;          // in: trained < length <= longest
    double seen, beyond; // out: 0 to 1
} NeighbourScore;

/* Trains W (and the learned rows), then fills the scores. Resets the current graph. Returns the
 * mean cross-entropy of the last step, in nats. */
double neighbour_train(const NeighbourTask *task, Random *random, NeighbourScore *scored,
                       size_t count);

#endif
