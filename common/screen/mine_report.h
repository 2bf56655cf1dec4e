/* mine_report.h - tells a learner which of their pieces a training runs on (mine.h). Prints nothing
 * where every piece is ours.
 */
#ifndef COMMON_MINE_REPORT_H
#define COMMON_MINE_REPORT_H

#include "common/screen/progress.h"

enum { MINE_REPORT_PIECES = 64 }; // at most

/* At the start: the names of the learner's pieces in this build. */
void mine_report_names(void);

/* How long a training will take, told after its first steps. */
typedef struct {
    size_t steps, done; // of the whole training, 0: not known; so far
    int threads;
    double began;                       // by the clock
    double charged[MINE_REPORT_PIECES]; // seconds that each piece had taken by then
    bool told;
} MineForecast;

/* Before the first of `steps` steps on so many threads. */
MineForecast mine_report_begin(size_t steps, int threads);

/* After each step. Once, early on, it tells how long all of them will take, and which of the
 * learner's pieces take most of that; the progress line makes way. */
void mine_report_step(MineForecast *forecast, Progress *progress);

/* At the end: the pieces whose functions were called in training, and the others. */
void mine_report_uses(void);

#endif
