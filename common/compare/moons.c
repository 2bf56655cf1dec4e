/* moons.c - micrograd's demo notebook: a net of 337 numbers learns two moons in 100 steps.
 *
 * Points and weights are drawn from NumPy's and Python's generators with the notebook's seeds, so
 * that every line it prints can be held against ours. Not in the notebook: the same training
 * without its line `model.zero_grad()`.
 *
 * Beside: karpathy 1st video - its demo notebook: 100 losses, and the same training without
 *     zero_grad
 */
#include "common/kernels.h"
#include "common/lab/notebook.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

/* In float the two part after the sixth decimal; in double they never do, as far as is written. */
static double allowed(void) {
    return sizeof(real) == sizeof(double) ? 1e-10 : 5e-6;
}

/* Ten steps of the notebook. */
static void compare_ten(Comparison *comparison, int first, const real *loss, const real *correct) {
    char label[64];
    snprintf(label, sizeof label, "loss, steps %d to %d", first, first + 9);
    compare_row(comparison, label, notebook_loss + first, loss + first, 10, 4, allowed());
    snprintf(label, sizeof label, "right of 100, steps %d to %d", first, first + 9);
    compare_row(comparison, label, notebook_correct + first, correct + first, 10, 0, 0);
}

/* Trains anew; loss and correct (NOTEBOOK_STEPS) receive what the notebook prints. Returns how many
 * numbers were trained. */
static size_t train(bool forgetful, real *loss, real *correct) {
    Notebook notebook;
    notebook_begin(&notebook);
    for (int i = 0; i < NOTEBOOK_STEPS; i++) {
        const NotebookRow row = notebook_step(&notebook, forgetful);
        loss[i] = (real)row.loss;
        correct[i] = (real)row.correct;
    }
    const size_t size = parameters_size(&notebook.net.parameters);
    notebook_end(&notebook);
    return size;
}

static void print_losses(const char *label, const real *loss) {
    static const int at[] = {0, 20, 40, 60, 80, 99};
    printf("  %-14s", label);
    for (int i = 0; i < 6; i++) printf(" %8.3f", (double)loss[at[i]]);
    putchar('\n');
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"micrograd's demo notebook: all 100 lines of its training on two moons.",
                         "build/common/moons"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Comparison comparison = {0};
    real loss[NOTEBOOK_STEPS], correct[NOTEBOOK_STEPS], forgetful[NOTEBOOK_STEPS];

    lesson_step(&lesson, "The notebook: max-margin loss, plain gradient descent");
    const size_t size = train(false, loss, correct);
    compare_value(&comparison, "number of parameters", 337, (double)size, 0, 0);
    for (int i = 0; i < NOTEBOOK_STEPS; i += 10) compare_ten(&comparison, i, loss, correct);

    lesson_step(&lesson, "Without model.zero_grad(): each step goes by all gradients so far");
    train(true, forgetful, correct);
    puts("  step                  0       20       40       60       80       99");
    print_losses("with it", loss);
    print_losses("without it", forgetful);
    compare_claim(&comparison, "without it, the loss ends above where it began",
                  forgetful[NOTEBOOK_STEPS - 1] > forgetful[0]);
    return lesson_end(&lesson, compare_end(&comparison));
}
