#include "06_training/trainer/schedule.h"
#include "common/kernels.h"
#include "tests/exercise.h"

static void show(double peak, long warmup, long step) {
    exercise_show_number("the rate", schedule_inverse_square_root(peak, warmup, step));
}

static void rates(double peak, long warmup, const long *steps, int count) {
    for (int i = 0; i < count; i++) show(peak, warmup, steps[i]);
}

static void half_way(void) {
    show(8, 4, 2);
}

static void at_the_top(void) {
    show(8, 4, 4);
}

static void going_down(void) {
    show(8, 4, 16);
}

static void first_steps(void) {
    rates(1, 3, (const long[]){1, 2, 3, 4, 5}, 5);
}

static void one_step_up(void) {
    rates(2, 1, (const long[]){1, 2, 9}, 3);
}

static void constant(void) {
    rates(0.001, 0, (const long[]){1, 7, 100000}, 3);
}

/* The paper's peak, 1 / sqrt(512 4000), hence its curve. */
static void papers(void) {
    rates(1 / sqrt(512.0 * 4000), 4000, (const long[]){1, 2000, 3999, 4000, 4001, 100000}, 6);
}

/* Where the two parts meet there is no jump, and nothing is higher. */
static void one_peak(void) {
    const double top = schedule_inverse_square_root(3, 400, 400);
    bool climbs = true, falls = true;
    for (long step = 1; step < 400; step++)
        climbs = climbs && schedule_inverse_square_root(3, 400, step) <
                               schedule_inverse_square_root(3, 400, step + 1);
    for (long step = 400; step < 1200; step++)
        falls = falls && schedule_inverse_square_root(3, 400, step) >
                             schedule_inverse_square_root(3, 400, step + 1);
    exercise_holds("it rises at each step of the warm-up", climbs);
    exercise_holds("it falls at each step behind it", falls);
    exercise_holds("the top is the peak", fabs(top - 3) < 1e-9);
}

static void line(double peak, long warmup, long step, double spent) {
    exercise_show_number("the rate", schedule_linear(peak, warmup, step, spent));
}

static void half_is_spent(void) {
    line(8, 0, 500, 0.5);
}

static void from_end_to_end(void) {
    for (int i = 0; i <= 4; i++) line(2, 0, 25 * i + 1, i / 4.0);
}

static void climb_by_steps(void) {
    for (int i = 0; i < 6; i++) line(1, 4, i + 1, i / 1000.0);
}

static void climb_by_budget(void) {
    for (int i = 0; i < 6; i++) line(1, 4000, 2 * i + 1, i / 40.0);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"schedule_inverse_square_root", "half way up: step 2 of 4", half_way, VALUES},
        {"schedule_inverse_square_root", "the last step of the warm-up", at_the_top, VALUES},
        {"schedule_inverse_square_root", "step 16, four times the warm-up", going_down, VALUES},
        {"schedule_inverse_square_root", "steps 1 to 5, three of them up", first_steps, VALUES},
        {"schedule_inverse_square_root", "a warm-up of one step", one_step_up, VALUES},
        {"schedule_inverse_square_root", "no warm-up", constant, VALUES},
        {"schedule_inverse_square_root", "the paper's, 4000 steps up", papers, VALUES},
        {"schedule_inverse_square_root", "one top and no jump", one_peak, VALUES},
        {"schedule_linear", "no warm-up, half is spent", half_is_spent, VALUES},
        {"schedule_linear", "no warm-up, from the start to the end", from_end_to_end, VALUES},
        {"schedule_linear", "a warm-up of 4 steps of 1000", climb_by_steps, VALUES},
        {"schedule_linear", "a warm-up longer than a tenth", climb_by_budget, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
