/* watching.h - a run that is watched while it trains: learning.h and gradient_log.h, at the moments
 * that a run has. What is trained does not change by that. Nothing happens where nobody watches: a
 * Watching that is all zeros. */
#ifndef WATCHING_H
#define WATCHING_H

#include "06_training/run/gradient_log.h"
#include "06_training/run/learning.h"
#include "common/files/lock.h"

typedef struct {
    bool on;
    const char *directory;        // of the run
    const Lock *lock;             // its, or NULL
    const Translator *translator; // its, not owned
    const Trainer *trainer;       // likewise
    Learning learning;
    GradientLog gradients;
} Watching;

/* directory, lock (NULL: none), translator and trainer must outlive it; nothing is written where
 * directory no longer names the lock's folder. Caller frees with watching_free. */
void watching_begin(Watching *watching, const char *directory, const Lock *lock,
                    const Validation *validation, const Translator *translator, Trainer *trainer);
void watching_free(Watching *watching);

/* Goes on with what is in the folder, up to a step. */
bool watching_read(Watching *watching, long step, Error *err);

/* Before step number `step`, and after it: the sentences are translated before the first one, and
 * where it is due; a step that was not taken leaves nothing. */
bool watching_before(Watching *watching, long step, Error *err);
bool watching_after(Watching *watching, long step, double lr, bool taken, Error *err);

/* Translates the sentences as the model is after so many steps, and writes learning.tsv at once,
 * which may be looked at while it trains. */
bool watching_translate(Watching *watching, long step, Error *err);

/* Writes both files. */
bool watching_write(const Watching *watching, Error *err);

#endif
