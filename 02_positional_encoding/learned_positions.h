/* learned_positions.h - a second embedding table: one vector for each place, trained like a word's.
 *
 * GPT's and BERT's way, and that of Karpathy's video. There is no formula, so there is nothing for
 * a place that training never reached.
 */
#ifndef LEARNED_POSITIONS_H
#define LEARNED_POSITIONS_H

#include "common/ops.h"

/* y (T,E) <- the rows first_position .. first_position + T - 1 of weight (max_length,E). */
void learned_positions_forward(real *y, const real *weight, int first_position, int T, int E);

/* Adds to dweight (max_length,E): row first_position + t receives dy (T,E)'s row t, and the rows
 * that were not looked up receive nothing. */
void learned_positions_backward(real *dweight, const real *dy, int first_position, int T, int E);

/* The same recorded on the tape: weight (max_length,E) -> (T,E). It is a programmer's error to ask
 * for a place that the table does not have. */
Tensor *learned_positions(Tensor *weight, int first_position, int T);

#endif
