/* symptoms.h - what one can read off a training run: its curve, some numbers, some translations.
 *
 * "Find the fault" (chapter 6's exercises) shows those of two runs side by side: a sound one, and
 * one in which somebody has changed a line. They pass between programs as a file.
 */
#ifndef SYMPTOMS_H
#define SYMPTOMS_H

#include "06_training/run/run_log.h"

/* In the order in which they are shown. Losses are means over the target tokens, in nats; "the
 * batch" is SYMPTOM_PAIRS validation pairs. */
typedef enum {
    SYMPTOM_EQUAL_SHARES, // ln V
    SYMPTOM_FIRST_LOSS,   // of the batch, before the first step
    SYMPTOM_LOSS,         // of the batch after training, as training makes batches
    SYMPTOM_FROM_TEXT,    // put together from the text by hand: English to read, French to say
    SYMPTOM_OTHER_SOURCE, // each sentence with the source of another one
    SYMPTOM_MORE_SRC_PAD, // with <pad> behind every source
    SYMPTOM_MORE_TGT_PAD, // with <pad> behind every target
    SYMPTOM_LATER_TOKEN,  // largest change of a logit if only a later token of the target changes
    SYMPTOM_ALREADY_READ, // share of the places that read the very token they are to say
    SYMPTOM_TEACHER,      // share of right tokens if the right ones before them are read
    SYMPTOM_FIRST_RATE,   // learning rate of the first step, as a share of the highest
    SYMPTOM_NORM_ONE,     // of the gradient, the batch in one shard
    SYMPTOM_NORM_TWO,     // in two shards
    SYMPTOM_OVERFITTED,   // loss of a new model on a few pairs that it was shown many times
    SYMPTOM_VALID,        // validation loss
    SYMPTOM_VALID_AGAIN,  // the same once more
    SYMPTOM_SAID_AGAIN,   // share of tokens, said one by one, that are said again all at once
    SYMPTOM_CACHE,        // share of translations that are the same without the cache
    SYMPTOM_COUNT
} Symptom;

enum { SYMPTOM_PAIRS = 64, SYMPTOM_LINES = 4 };

typedef struct {
    RunLog log; // a row for each epoch
    double value[SYMPTOM_COUNT];
    char *src[SYMPTOM_LINES], *tgt[SYMPTOM_LINES]; // some validation pairs
    char *said[SYMPTOM_LINES];                     // what the model makes of src
} Symptoms;

void symptoms_free(Symptoms *symptoms);

/* The file symptoms.tsv of a folder; reading takes the curve from the run's log.tsv there. On
 * success the reader frees with symptoms_free. */
bool symptoms_write(const Symptoms *symptoms, const char *folder, Error *err);
bool symptoms_read(const char *folder, Symptoms *symptoms, Error *err);

/* Prints all of them; beside those of a sound run unless that is NULL. */
void symptoms_print(const Symptoms *symptoms, const Symptoms *sound);

#endif
