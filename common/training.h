/* training.h - the loop that demos, labs and compare programs train with.
 *
 *     const Training training = {.parameters = &model.parameters,
 *                                .adam = adam_pytorch(),
 *                                .steps = 500,
 *                                .lr = 0.003,
 *                                .loss = batch_loss,
 *                                .context = &task};
 *     const double last = training_run(&training);
 *
 * A step empties the current graph, asks for the loss of a fresh batch, goes back, and lets Adam
 * move the parameters. What is learned stands in the loss function, and nothing else there.
 */
#ifndef COMMON_TRAINING_H
#define COMMON_TRAINING_H

#include "common/adam.h"
#include "common/parameters.h"

typedef struct Training Training;

struct Training {
    Parameters *parameters; // their gradients are zero
    AdamConfig adam;        // adam_pytorch(), adam_paper(), adamw_pytorch()
    int steps;
    double lr;                                          // the learning rate: constant, or what
    double (*rate)(const Training *training, int step); // this makes of it for step 0, 1, ...
    double clip; // gradients are shortened to this norm; 0: not

    /* The loss of a fresh batch, a scalar of the current graph, which is empty. *count receives of
     * how many predictions it is the sum, 1 if it is a mean: the step goes along the gradient of
     * the mean. */
    Tensor *(*loss)(void *context, int *count);
    void *context; // handed to all three functions

    /* A look at the model on its way, before step 0, every, 2 every, ... and, with look_last, also
     * before the last one. It may use the current graph. false ends the training. */
    bool (*look)(void *context, int step);
    int every; // 0: before every step
    bool look_last;

    /* Called after each step with its number (0, 1, ...) and its mean loss; prints nothing, since a
     * progress line may stand on the terminal. false ends the training. */
    bool (*note)(void *context, int step, double loss);

    int average;       // of how many last steps the mean loss is returned; 0: as 1
    const char *label; // before the progress on stderr; NULL: "training"
};

/* Trains, and shows on stderr how far it is if that takes longer than two seconds. Leaves the
 * current graph empty. Returns the mean loss of the last `average` steps, of the last one alone if
 * the training was ended, and NaN if there was none. */
double training_run(const Training *training);

/* A rate: lr at first, falling to 0 along a line. */
double training_linear(const Training *training, int step);

#endif
