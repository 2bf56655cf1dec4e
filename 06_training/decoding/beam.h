/* beam.h - one step of beam search: of all ways to go on with a few hypotheses, the best. */
#ifndef BEAM_H
#define BEAM_H

#include "06_training/decoding/candidates.h"
#include "common/real.h"

/* best (count) <- the best candidates in falling order, of equal ones the earlier first. The score
 * of hypothesis k with token v behind it is scores[k] + ln softmax(logits[k])[v].
 *
 * logits (K,V): what may come after each of K hypotheses. scores (K): ln P of each so far;
 * -INFINITY: there is none. <pad> and <s> are never said, though they have a share of the
 * probability. If there are fewer candidates than count, the rest have score -INFINITY. scratch has
 * room for count. */
void beam_step(const real *logits, const double *scores, int K, int V, BeamCandidate *best,
               BeamCandidate *scratch, int count);

/* What ln P is divided by when hypotheses of different lengths are compared:
 *     lp(Y) = ((5 + |Y|) / 6)^alpha          (Wu et al. 2016, equation 14)
 * length is |Y|, </s> included; alpha 0: 1 for all. */
double beam_length_penalty(int length, double alpha);

#endif
