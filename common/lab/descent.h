/* descent.h - two ways to walk down: plain gradient descent and Adam, in a narrow valley.
 *
 * The valley is f(x, y) = (x^2 + VALLEY_STEEP y^2) / 2: across it the slope is VALLEY_STEEP times
 * what it is along it. Most losses look like that in two of their many directions.
 */
#ifndef DESCENT_H
#define DESCENT_H

#include "common/parameters.h"

enum { VALLEY_STEEP = 100 };

/* w = w - rate grad for every parameter, torch.optim.SGD's step without momentum. The gradients
 * stay as they are: see parameters_zero_grad. */
void descent_step(Parameters *parameters, double rate);

double valley_height(double x, double y);

/* Walks `steps` steps from (x[0], y[0]); x and y (steps + 1) receive every place on the way. */
void valley_descend(double rate, int steps, real *x, real *y);
void valley_adam(double rate, int steps, real *x, real *y);

#endif
