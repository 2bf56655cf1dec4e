/* gpt_train.h - char_train of chapter 3 grown up: several threads, a way to stop, errors.
 *
 * Each batch and each batch of an estimate is cut into shards by rows, one per thread. Windows are
 * still drawn from the one generator in the order in which the video's script draws them.
 */
#ifndef GPT_TRAIN_H
#define GPT_TRAIN_H

#include "03_self_attention/char_model.h"
#include "06_training/trainer/trainer.h"

/* Where a training stands: {0, -1} at its beginning. With the generator and the trainer as they
 * were, it goes on from anywhere as if it had never been stopped. */
typedef struct {
    int step;      // taken so far
    int evaluated; // the step before which the losses were estimated last; -1: never
} GptPoint;

typedef struct {
    TextPartLoss loss;
    const void *model;
    Trainer *trainer; // of the model's parameters
    TextParts parts;  // both longer than a block
    CharTraining training;
    int stop_after;     // steps after which to end early; 0: none
    Random *random;     // moves on with
    GptPoint *point;    // the training
    bool (*stop)(void); // true ends the training after the step under way
    /* Told of each row as it is made; false, with err, ends the training. */
    bool (*report)(void *context, const CharRow *row, Error *err);
    void *context;
} GptTraining;

/* What came of it. */
typedef struct {
    int steps; // taken since it was begun or gone on with
    double seconds;
} GptTrained;

/* AdamW as in char_train. Progress goes to stderr. On an error (a loss that is no number, report's
 * own) *trained is still filled. */
bool gpt_train(const GptTraining *training, GptTrained *trained, Error *err);

#endif
