#include "common/kernels.h"
#include "common/label_smoothing.h"
#include "tests/exercise.h"

static void show(real e, size_t V) {
    const LabelSmoothing q = label_smoothing(e, V);
    exercise_show_number("certainty", q.certainty);
    exercise_show_number("share", q.share);
}

static void by_hand(void) {
    show((real)0.1, 4);
}

static void none(void) {
    show(0, 10);
}

static void two(void) {
    show((real)0.25, 2);
}

static void one_class(void) {
    show((real)0.5, 1);
}

static void vocabulary(void) {
    show((real)0.1, 8000);
}

/* q is a distribution: V shares and the certainty. */
static void sums_to_one(void) {
    for (size_t V = 1; V < 100; V += 7) {
        const LabelSmoothing q = label_smoothing((real)0.3, V);
        const real sum = q.certainty + (real)V * q.share;
        if (fabs(sum - 1) < 1e-5) continue;
        exercise_holds("q sums to 1 over all classes", false);
        return;
    }
    exercise_holds("q sums to 1 over all classes", true);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"label_smoothing", "e = 0.1, four classes", by_hand, VALUES},
        {"label_smoothing", "e = 0: nothing is smoothed", none, VALUES},
        {"label_smoothing", "e = 0.25, two classes", two, VALUES},
        {"label_smoothing", "one class", one_class, VALUES},
        {"label_smoothing", "e = 0.1, 8000 classes", vocabulary, VALUES},
        {"label_smoothing", "q is a distribution", sums_to_one, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
