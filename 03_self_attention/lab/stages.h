/* stages.h - a stage of Karpathy's model beside the losses of his commit: what the comparison
 * programs of this chapter and later ones share.
 */
#ifndef STAGES_H
#define STAGES_H

#include "03_self_attention/char_model.h"
#include "common/screen/lesson.h"

/* One stage of the video. `build` draws the model from random into parameters. */
typedef struct {
    const char *name;
    CharModel (*build)(Parameters *parameters, int vocab, Random *random);
    size_t numbers;           // in all parameters, as published or counted
    CharTraining training;    // as in the commit
    const CharRow *published; // (published_count), ascending steps
    int published_count;
    double allowed;  // how far a loss may be off
    int drifts_from; // from this step on (0: never) it may be off by drift: sums taken in another
    double drift;    // order round differently, and training makes the difference grow
} Stage;

/* Trains the stage on tiny Shakespeare with seed 1337, shows every row, and compares those that are
 * published. last_step ends the training early. Without the data set it prints a line beginning
 * with "skipped:". Returns the exit status of the program. */
int stage_run(const Stage *stage, long last_step);

#endif
