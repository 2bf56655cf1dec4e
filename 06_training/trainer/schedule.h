/* schedule.h - how large the step of the optimizer is, step by step. */
#ifndef SCHEDULE_H
#define SCHEDULE_H

/* The learning rate of step 1, 2, ... (Vaswani et al. 2017, section 5.3, equation 3):
 *     step <= warmup    peak step / warmup              up in a straight line
 *     afterwards        peak sqrt(warmup / step)        down with the root
 * The paper hides the peak in its formula, where it is 1 / sqrt(d_model warmup). warmup 0: peak
 * always. */
double schedule_inverse_square_root(double peak, long warmup, long step);

/* The learning rate of step 1, 2, ... when it is known how long training lasts. spent: the share of
 * the budget (steps, epochs or minutes) that was used up before this step, from 0 to 1.
 *     peak climb (1 - spent)
 * a straight line down to 0 at the end, under which the rate climbs at first, as above. The climb,
 * step / warmup, is over after warmup steps or a tenth of the budget, whichever comes first: a
 * short training is not all warm-up. warmup 0: no climb. */
double schedule_linear(double peak, long warmup, long step, double spent);

#endif
