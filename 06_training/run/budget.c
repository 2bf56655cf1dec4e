#include "06_training/run/budget.h"

#include "06_training/trainer/schedule.h"

#include <string.h>

/* The share of the way from `from` to limit that is behind us; no limit, no share. */
static double share(double now, double from, double limit) {
    if (limit <= 0) return 0;
    if (limit <= from || now >= limit) return 1;
    return (now - from) / (limit - from);
}

static double larger(double a, double b) {
    return a > b ? a : b;
}

double budget_spent(const Settings *s, const RunState *state, BudgetPlace now) {
    const RunBudget *from = &state->budget;
    const double steps = share(now.steps, from->steps, (double)s->steps);
    const double epochs = share(now.epochs, from->epochs, (double)s->epochs);
    const double minutes = share(now.seconds, from->seconds, 60 * s->minutes);
    return larger(larger(steps, epochs), minutes); // the first to be over ends the training
}

bool budget_is_linear(const Settings *s) {
    const bool limited = s->steps || s->epochs || s->minutes > 0;
    return limited && strcmp(s->schedule, "linear") == 0; // without an end there is no way to it
}

double budget_rate(const Settings *s, const RunState *state, BudgetPlace now) {
    const long step = (long)now.steps + 1;
    const double spent = budget_spent(s, state, now), from = state->budget.rate;
    if (!budget_is_linear(s)) return schedule_inverse_square_root(s->lr, s->warmup, step);
    // A renewed budget has no climb: Adam knows the gradients by now.
    return from > 0 ? schedule_linear(from, 0, step, spent)
                    : schedule_linear(s->lr, s->warmup, step, spent);
}

void budget_renew(const Settings *s, RunState *state, BudgetPlace now) {
    const double least = s->lr / 10;
    // Still climbing: the new budget is as if it had been given at the start.
    if (state->budget.rate == 0 && now.steps < (double)s->warmup && state->spent < 0.1) return;
    state->budget = (RunBudget){.steps = now.steps,
                                .epochs = now.epochs,
                                .seconds = now.seconds,
                                .rate = s->new_lr ? s->lr : larger(state->rate, least)};
}
