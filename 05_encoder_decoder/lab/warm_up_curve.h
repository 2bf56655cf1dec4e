/* warm_up_curve.h - the loss of a short training run, short enough to be made while one waits.
 *
 * A small stack of encoder layers learns to say three digits backwards, at a rate that is too high
 * to begin with.
 */
#ifndef WARM_UP_CURVE_H
#define WARM_UP_CURVE_H

#include "05_encoder_decoder/lab/placement.h"

enum {
    WARM_UP_CURVE_LAYERS = 8,
    WARM_UP_CURVE_DIGITS = 6,  // guessing costs ln 6
    WARM_UP_CURVE_WINDOWS = 4, // means of so many steps each:
    WARM_UP_CURVE_WINDOW = 40
};

/* loss (WARM_UP_CURVE_WINDOWS) <- the mean loss of each window, in nats. With warm_up the rate is
 * reached along a line in the first half of the steps; else it is there from the first one. The
 * same seed gives the same weights and digits in any placement. Leaves the current graph empty. */
void warm_up_curve(Placement placement, bool warm_up, uint64_t seed, double *loss);

#endif
