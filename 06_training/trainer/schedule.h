/* schedule.h - how large the step of the optimizer is, step by step. */
#ifndef SCHEDULE_H
#define SCHEDULE_H

/* The learning rate of step 1, 2, ... (Vaswani et al. 2017, section 5.3, equation 3):
 *     step <= warmup    peak step / warmup              up in a straight line
 *     afterwards        peak sqrt(warmup / step)        down with the root
 * The paper hides the peak in its formula, where it is 1 / sqrt(d_model warmup). warmup 0: peak
 * always. */
double schedule_inverse_square_root(double peak, long warmup, long step);

#endif
