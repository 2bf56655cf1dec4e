#include "06_training/trainer/schedule.h"

#include <math.h>

/* Why climb at all: Adam divides by the usual size of a gradient, which it does not know yet in the
 * first steps, and with post-norm the last layers' gradients are large before anything is learned.
 *
 * step^-0.5 and step warmup^-1.5 of equation 3 cross at step = warmup; here both are divided by
 * their value there, so that `peak` is the rate at the top. */
double schedule_inverse_square_root(double peak, long warmup, long step) {
    if (step < warmup) return peak * (double)step / (double)warmup;
    return warmup ? peak * sqrt((double)warmup / (double)step) : peak;
}

/* At the end of a training the steps of a large rate only move the weights around in the valley
 * they have found; small ones lead to its floor. */
double schedule_linear(double peak, long warmup, long step, double spent) {
    const double by_steps = warmup ? (double)step / (double)warmup : 1;
    const double by_budget = spent / 0.1;
    const double climb = by_steps > by_budget ? by_steps : by_budget;
    return peak * (climb < 1 ? climb : 1) * (1 - spent);
}
