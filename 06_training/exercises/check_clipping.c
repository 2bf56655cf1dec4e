#include "06_training/trainer/clipping.h"
#include "common/kernels.h"
#include "tests/exercise.h"

static void show(double norm, double max_norm) {
    exercise_show_number("the factor", clipping_scale(norm, max_norm));
}

static void too_long(void) {
    show(4, 1);
}

static void short_enough(void) {
    show(0.5, 1);
}

static void just_so(void) {
    show(2.5, 2.5);
}

static void larger_limit(void) {
    show(10, 2.5);
}

static void off(void) {
    show(7, 0);
}

static void nothing(void) {
    show(0, 1);
}

static void nothing_and_off(void) {
    show(0, 0);
}

/* What was too long has the length asked for, and nothing is made longer. */
static void lengths(void) {
    bool never_too_long = true, never_longer = true;
    for (double norm = 0.1; norm < 100; norm *= 1.7) {
        const double scale = clipping_scale(norm, 3);
        never_too_long = never_too_long && norm * scale < 3 + 1e-9;
        never_longer = never_longer && scale <= 1 && (norm > 3 || fabs(scale - 1) < 1e-12);
    }
    exercise_holds("no gradient is longer than max_norm", never_too_long);
    exercise_holds("a gradient that is short enough stays as it is", never_longer);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"clipping_scale", "length 4, at most 1", too_long, VALUES},
        {"clipping_scale", "length 1/2, at most 1", short_enough, VALUES},
        {"clipping_scale", "exactly as long as allowed", just_so, VALUES},
        {"clipping_scale", "length 10, at most 2.5", larger_limit, VALUES},
        {"clipping_scale", "max_norm 0: no clipping", off, VALUES},
        {"clipping_scale", "a gradient of 0", nothing, VALUES},
        {"clipping_scale", "a gradient of 0, no clipping", nothing_and_off, VALUES},
        {"clipping_scale", "lengths from 0.1 to 100, at most 3", lengths, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
