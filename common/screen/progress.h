/* progress.h - one line on stderr saying how far a long computation is and how long it will take.
 *
 * Nothing is shown in the first two seconds. On a terminal the line is rewritten in place;
 * elsewhere (a log file) a plain line is printed at most every ten seconds. stdout stays free for
 * results.
 */
#ifndef COMMON_PROGRESS_H
#define COMMON_PROGRESS_H

#include <stdbool.h>
#include <stddef.h>

typedef struct {
    const char *label;
    size_t total;         // 0: unknown, no percentage and no time left
    size_t first, done;   // where it started (a resumed training does not start at 0), where it is
    double begun, shown;  // seconds of the monotonic clock: begin, last line
    bool terminal, dirty; // stderr is a terminal; a line stands there unfinished
    size_t columns;       // of the line
} Progress;

/* label must outlive the Progress. first is the amount already done, usually 0. */
Progress progress_begin(const char *label, size_t first, size_t total);

/* Reports that `done` of total are done; cheap enough to call on every step. note (may be NULL) is
 * shown behind, such as "loss 2.31". */
void progress_update(Progress *progress, size_t done, const char *note);

/* Clears the line on a terminal, so that what is printed next starts on a clean one. Also call it
 * before printing anything in between. */
void progress_end(Progress *progress);

/* Writes what the line says after the given seconds, e.g.
 * "train 120/400 30% 12.0/s 0:23 left, loss 2.31", at most 79 characters, and fewer on a terminal
 * that has no room for them. */
void progress_format(const Progress *progress, double seconds, const char *note, char *line,
                     size_t size);

#endif
