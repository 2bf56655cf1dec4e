/* budget.h - how much of a training's time is spent, and the learning rate that follows from it.
 *
 * A training ends at whichever comes first of --steps, --epochs and --minutes. With the linear
 * schedule the rate comes down to 0 at that end, whatever the machine's speed: a slower one gets
 * the best model its time allows, and not one that was cut off at full rate.
 *
 * Limits of steps and epochs make the rate a pure function of where the run stands, so that a
 * resumed run is the uninterrupted one to the last byte. A limit of minutes follows the clock.
 */
#ifndef BUDGET_H
#define BUDGET_H

#include "06_training/run/run_state.h"
#include "06_training/run/settings.h"

/* Where a run stands in each of the three. */
typedef struct {
    double steps, epochs, seconds; // finished, epochs with the part of the one under way
} BudgetPlace;

/* The share of the budget that is spent, from 0 to 1, counted from where the budget began
 * (state->budget); 0 if there is no limit. */
double budget_spent(const Settings *settings, const RunState *state, BudgetPlace now);

/* Whether the rate comes down in a line: the schedule is linear and has an end. */
bool budget_is_linear(const Settings *settings);

/* The rate of the next step. */
double budget_rate(const Settings *settings, const RunState *state, BudgetPlace now);

/* Begins a new budget here: a resumed run was given other limits, or another --lr. From now on the
 * rate falls from where it is, or from --lr if that was given. A run at its end, whose rate is
 * nearly 0, goes on from a tenth of its peak: from 0 it would learn nothing. */
void budget_renew(const Settings *settings, RunState *state, BudgetPlace now);

#endif
