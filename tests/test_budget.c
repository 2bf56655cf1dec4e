/* test_budget.c - the share of a training that is spent, whichever limit it has, and the rate that
 * follows from it. */
#include <math.h>

#include "06_training/run/budget.h"
#include "common/kernels.h"
#include "tests/suite.h"

static Settings limits(long steps, long epochs, double minutes) {
    Settings s;
    settings_preset("tiny", &s);
    s.lr = 0.8, s.warmup = 0;
    s.steps = steps, s.epochs = epochs, s.minutes = minutes;
    return s;
}

static double spent(Settings s, BudgetPlace now) {
    const RunState state = {.seed = 1};
    return budget_spent(&s, &state, now);
}

static double rate(Settings s, const RunState *state, double steps) {
    return budget_rate(&s, state, (BudgetPlace){.steps = steps});
}

START_TEST(the_first_limit_to_be_reached_counts) {
    const BudgetPlace now = {.steps = 30, .epochs = 1.5, .seconds = 6};
    ck_assert_double_eq(spent(limits(0, 0, 0), now), 0);
    ck_assert_double_eq_tol(spent(limits(120, 0, 0), now), 0.25, 1e-15);
    ck_assert_double_eq_tol(spent(limits(0, 3, 0), now), 0.5, 1e-15);
    ck_assert_double_eq_tol(spent(limits(0, 0, 1), now), 0.1, 1e-15);
    ck_assert_double_eq_tol(spent(limits(120, 3, 1), now), 0.5, 1e-15);
    ck_assert_double_eq(spent(limits(30, 0, 0), now), 1);
    ck_assert_double_eq(spent(limits(20, 0, 0), now), 1); // behind the end there is no more
}
END_TEST

START_TEST(the_rate_comes_down_to_nothing_at_the_end) {
    const RunState state = {.seed = 1};
    const Settings s = limits(100, 0, 0);
    ck_assert_double_eq_tol(rate(s, &state, 0), 0.8, 1e-15);
    ck_assert_double_eq_tol(rate(s, &state, 50), 0.4, 1e-15);
    ck_assert_double_eq_tol(rate(s, &state, 99), 0.008, 1e-15);
}
END_TEST

/* Without a limit there is no end to fall to: then it is the paper's schedule, as if asked for. */
START_TEST(without_an_end_the_rate_falls_with_the_root) {
    const RunState state = {.seed = 1};
    Settings endless = limits(0, 0, 0), papers = limits(100, 0, 0);
    endless.warmup = papers.warmup = 4;
    papers.schedule = "inverse-sqrt";
    for (int step = 0; step < 100; step++) {
        const double expected = step < 4 ? 0.2 * (step + 1) : 0.8 * sqrt(4.0 / (step + 1));
        ck_assert_double_eq_tol(rate(endless, &state, step), expected, 1e-15);
        ck_assert_double_eq_tol(rate(papers, &state, step), expected, 1e-15);
    }
}
END_TEST

START_TEST(a_new_budget_falls_from_the_present_rate) {
    RunState state = {.rate = 0.4, .spent = 0.5};
    const Settings longer = limits(150, 0, 0);
    budget_renew(&longer, &state, (BudgetPlace){.steps = 50});
    ck_assert_double_eq_tol(rate(longer, &state, 50), 0.4, 1e-15);
    ck_assert_double_eq_tol(rate(longer, &state, 100), 0.2, 1e-15);
    ck_assert_double_eq(rate(longer, &state, 150), 0);
    // A second time, from there.
    state.rate = 0.2, state.spent = 0.5;
    const Settings still_longer = limits(200, 0, 0);
    budget_renew(&still_longer, &state, (BudgetPlace){.steps = 100});
    ck_assert_double_eq_tol(rate(still_longer, &state, 150), 0.1, 1e-15);
}
END_TEST

START_TEST(a_run_at_its_end_goes_on_from_a_tenth_or_from_what_is_said) {
    RunState ended = {.rate = 0.001, .spent = 1};
    Settings longer = limits(200, 0, 0);
    budget_renew(&longer, &ended, (BudgetPlace){.steps = 100});
    ck_assert_double_eq_tol(rate(longer, &ended, 100), 0.08, 1e-15);
    ck_assert_double_eq_tol(rate(longer, &ended, 150), 0.04, 1e-15);
    longer.lr = 0.5, longer.new_lr = true;
    ended.rate = 0.001;
    budget_renew(&longer, &ended, (BudgetPlace){.steps = 100});
    ck_assert_double_eq_tol(rate(longer, &ended, 100), 0.5, 1e-15);
}
END_TEST

/* A run that is still climbing has not begun to fall. */
START_TEST(during_the_climb_a_new_budget_is_as_if_given_at_the_start) {
    RunState state = {.rate = 0.1, .spent = 0.01};
    Settings s = limits(1000, 0, 0);
    s.warmup = 80;
    budget_renew(&s, &state, (BudgetPlace){.steps = 10});
    const RunState fresh = {.seed = 1};
    for (int step = 10; step < 1000; step += 90)
        ck_assert_double_eq(rate(s, &state, step), rate(s, &fresh, step));
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("budget");
    TCase *all = tcase_create("all");
    tcase_add_test(all, the_first_limit_to_be_reached_counts);
    tcase_add_test(all, the_rate_comes_down_to_nothing_at_the_end);
    tcase_add_test(all, without_an_end_the_rate_falls_with_the_root);
    tcase_add_test(all, a_new_budget_falls_from_the_present_rate);
    tcase_add_test(all, a_run_at_its_end_goes_on_from_a_tenth_or_from_what_is_said);
    tcase_add_test(all, during_the_climb_a_new_budget_is_as_if_given_at_the_start);
    suite_add_tcase(suite, all);
    return suite_run(suite);
}
