#include "common/kernels.h"
#include "common/product.h"
#include "tests/exercise.h"

/* The chapter's example: e = a b with a = 2, b = -3, and -2 arrives. */
static void by_hand(void) {
    real da = 0;
    product_backward(&da, -2, -3);
    exercise_show_number("da", da);
}

static void adds(void) {
    real da = 10;
    product_backward(&da, (real)0.5, (real)1.5);
    exercise_show_number("da, which was 10,", da);
}

/* y = a a: both factors are the same number, which is called for twice. */
static void square(void) {
    real da = 0;
    product_backward(&da, 1, 3);
    product_backward(&da, 1, 3);
    exercise_show_number("da", da);
}

static void nothing_arrives(void) {
    real da = (real)1.25;
    product_backward(&da, 0, 7);
    exercise_holds("where dy is 0, da stays as it is", da == (real)1.25);
}

static void many(void) {
    real da[6], dy[6], b[6];
    exercise_fill(da, 6, 1);
    exercise_fill(dy, 6, 2);
    exercise_fill(b, 6, 3);
    for (int i = 0; i < 6; i++) product_backward(&da[i], dy[i], b[i]);
    SHOW("da", da, 6);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"product_backward", "dy = -2 arrives, b = -3", by_hand, GRADIENTS},
        {"product_backward", "da holds a number already", adds, GRADIENTS},
        {"product_backward", "y = a a at a = 3: two calls", square, GRADIENTS},
        {"product_backward", "dy = 0", nothing_arrives, GRADIENTS},
        {"product_backward", "six numbers of any size", many, GRADIENTS},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
