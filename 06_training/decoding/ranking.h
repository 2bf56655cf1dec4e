/* ranking.h - beam_step for all rows of a batch, while the generator still computes.
 *
 * The logits of a batch are more than a processor's cache holds, and so is the generator's weight.
 * Neither is gone through more than once: a piece of the vocabulary at a time, the logits of all
 * rows are made, looked at, and forgotten.
 */
#ifndef RANKING_H
#define RANKING_H

#include "06_training/decoding/candidates.h"
#include "06_training/decoding/decoding.h"

/* best (rows,count) <- for each row of decoded (rows,E) the best tokens in falling order, of equal
 * ones the first: score ln P(token), hypothesis 0, token a place among the logits (decoding_limit).
 * <pad> and <s> are never among them, though they have a share of the probability. If there are
 * fewer than count, the rest has score -INFINITY. In the arena of the current graph, until it is
 * released; decoding->finite tells whether all logits were finite. */
const BeamCandidate *ranking_of(Decoding *decoding, Tensor *decoded, int count);

/* best (count) <- the best continuations of K hypotheses whose ln P are scores (K) and whose tokens
 * ranking (K,count) has: what beam_step finds. */
void ranking_merge(BeamCandidate *best, const BeamCandidate *ranking, const double *scores, int K,
                   int count);

#endif
