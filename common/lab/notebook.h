/* notebook.h - the demo notebook of micrograd, number for number: moons, a net of 337 numbers, the
 * "max-margin" loss of support vector machines, plain gradient descent.
 */
#ifndef NOTEBOOK_H
#define NOTEBOOK_H

#include "common/lab/moons.h"

enum { NOTEBOOK_STEPS = 100 };

/* What the notebook prints, step by step: the loss, and how many of 100 points are right. */
extern const double notebook_loss[NOTEBOOK_STEPS];
extern const double notebook_correct[NOTEBOOK_STEPS];

typedef struct {
    Moons moons;
    MoonsNet net; // one output: below 0 for the upper moon, above it for the lower
    int step;     // taken so far
} Notebook;

/* Everything as after numpy.random.seed(1337) and random.seed(1337). Call notebook_end. */
void notebook_begin(Notebook *notebook);
void notebook_end(Notebook *notebook);

/* What the notebook shows before a step. */
typedef struct {
    double loss;
    int correct;
} NotebookRow;

/* One step on all points, on the current graph, which is reset:
 *     loss = mean of relu(1 - y score) + 1e-4 times the sum of all squared weights
 * with y = -1 or 1, at rate 1 - 0.9 step / 100. `forgetful` leaves the gradients in place for the
 * next step to add to. */
NotebookRow notebook_step(Notebook *notebook, bool forgetful);

#endif
