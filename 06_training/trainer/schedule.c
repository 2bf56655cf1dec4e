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
