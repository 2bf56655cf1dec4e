/* checklist.h - a list of checks, each with a plain verdict: what `train --check` prints. */
#ifndef CHECKLIST_H
#define CHECKLIST_H

#include <stdbool.h>
#include <stddef.h>

typedef enum {
    CHECKLIST_OK,
    CHECKLIST_LOOK, // may be as it should be: a person is to look
    CHECKLIST_WRONG // a training would be in vain
} ChecklistVerdict;

/* All zeros: nothing was checked. */
typedef struct {
    int count[CHECKLIST_WRONG + 1]; // of each verdict
} Checklist;

void checklist_title(const char *title);

/* One check: the verdict, and what was measured (printf). Unless it is ok, below it the advice:
 * what it means and what to do. */
void checklist_say(Checklist *list, ChecklistVerdict verdict, const char *advice,
                   const char *format, ...) __attribute__((format(printf, 4, 5)));

/* The verdict on a number that should be small. NaN is wrong. */
ChecklistVerdict checklist_small(double value, double look, double wrong);

/* What part of all it is, from 0 to 1, and in percent; 0 of 0 is 0. */
double checklist_share(size_t part, size_t all);
double checklist_percent(size_t part, size_t all);

/* The last line. True: nothing was wrong. */
bool checklist_end(const Checklist *list);

#endif
