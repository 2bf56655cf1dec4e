/* learning.h - a few validation sentences as the model translates them at growing steps: to watch
 * it learn.
 *
 * In learning.tsv, columns step, sentence, text: first the sentences, with "source" and "target" in
 * the place of the step, then what the model made of them, greedily, before the first step and
 * after steps 25, 50, 100, 200, 400 and so on, and at every validation. No random number is drawn:
 * a training that is watched has the same weights.
 */
#ifndef LEARNING_H
#define LEARNING_H

#include "06_training/run/validation.h"

enum { LEARNING_SENTENCES = 3 };

typedef struct {
    long step;
    char *said[LEARNING_SENTENCES];
} LearningRow;

typedef struct {
    char *src[LEARNING_SENTENCES], *tgt[LEARNING_SENTENCES];
    int count; // of them: the validation set may have fewer
    LearningRow *rows;
    size_t row_count, capacity;
    size_t printed; // rows, by learning_print_new
} Learning;

/* Takes a short, a middling and a long sentence of those that are translated in validation. Caller
 * frees with learning_free. */
void learning_begin(Learning *learning, const Validation *validation);
void learning_free(Learning *learning); // all zeros are allowed

/* Whether a translation is due after so many steps, validations apart. */
bool learning_is_due(long step);

/* Adds a row: what the model says now. One of the same step as the last takes its place. Uses the
 * trainer's threads and graphs. */
void learning_add(Learning *learning, const Translator *translator, const Trainer *trainer,
                  long step);

/* As in run_log.h: learning.tsv is written anew, all or nothing; the rows up to a step are read
 * back, and count as printed; whether a folder's is one that a run has written. */
bool learning_write(const Learning *learning, const char *directory, Error *err);
bool learning_read(Learning *learning, const char *directory, long step, Error *err);
bool learning_is_ours(const char *directory);

/* Prints the sentences. */
void learning_print(const Learning *learning);

/* Whether there are rows that have not been printed, and one of them says something new. */
bool learning_has_news(const Learning *learning);

/* Prints of the rows that have not been printed the translations that are new, which towards the
 * end are few; with_step: under a line that says after which step. */
void learning_print_new(Learning *learning, bool with_step);

#endif
