/* rotary.h - rotary positions: a query and a key are turned by their place before they meet.
 *
 * Nothing is added to the word. The columns of one head are taken as D/2 pairs, and at place m pair
 * i is turned by the angle m theta_i (Su et al. 2021, "RoFormer", equations 13 to 15, computed as
 * in equation 34):
 *     theta_i = 10000^(-2i/D)
 *     y[2i]     = x[2i] cos(m theta_i) - x[2i+1] sin(m theta_i)
 *     y[2i + 1] = x[2i] sin(m theta_i) + x[2i+1] cos(m theta_i)
 * Turning both hands of a clock by the same angle leaves the angle between them, so the product of
 * a query at m and a key at n depends on the places through m - n alone.
 */
#ifndef ROTARY_H
#define ROTARY_H

#include "common/ops.h"

/* y (B,T,E) <- x (B,T,E) turned; row t stands at place first_position + t. E columns are E/D heads
 * of D, which must be even; every head is turned alike. y may be x. */
void rotary_forward(real *y, const real *x, int first_position, int B, int T, int E, int D);

/* Adds to dx (B,T,E) what comes back from dy (B,T,E): a turn's transpose is the turn by the
 * negative angle. */
void rotary_backward(real *dx, const real *dy, int first_position, int B, int T, int E, int D);

/* The same recorded on the tape: x (B,T,E) whose columns are heads of head_dim -> (B,T,E). Queries
 * and keys are turned after their projection and before the cache, values never. */
Tensor *rotary_turn(Tensor *x, int head_dim, int first_position);

#endif
