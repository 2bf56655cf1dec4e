/* neighbour.h - the smallest task that needs positions: "who stands left of you?"
 *
 * Every place of a sequence holds the same word, so nothing but positions p_0 .. p_{n-1} tells them
 * apart, and place i must point at place i - 1. One matrix W decides: score(i,j) = (p_i W) . p_j /
 * sqrt(E), and a softmax over j says where i points. That is the part of attention that looks at
 * positions. It is trained on short sequences and then asked about longer ones.
 */
#ifndef NEIGHBOUR_H
#define NEIGHBOUR_H

#include "02_positional_encoding/positions.h"
#include "common/random.h"

typedef struct {
    PositionsKind positions; // any but none; rotary turns p_i W and p_j before they meet
    bool turns_only;         // W can only turn and stretch each sine-cosine pair
    int d_model;             // E, even
    int trained;             // places 0 .. trained-1 are seen in training
    int longest;             // how many learned rows there are
    int steps;               // of Adam, each on the whole sequence
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
