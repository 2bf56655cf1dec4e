/* interrupt.h - Ctrl-C as a wish to stop, so that what was learned can be saved first. */
#ifndef INTERRUPT_H
#define INTERRUPT_H

#include <stdbool.h>

/* From here on SIGINT, SIGTERM and SIGHUP (the terminal was closed) only make interrupted() true; a
 * second one ends the program at once. And a pipe that nobody reads any more is an error of the
 * write, like a full disk, instead of a sudden end. */
void interrupt_catch(void);

/* From here on the signals end the program again: nothing is left to save. */
void interrupt_release(void);

/* Whether one has come. Long loops look at it between steps. */
bool interrupted(void);

/* What main returns: 0, or after a signal 128 and its number, as shells have it, so that
 * `train && translate` does not go on with half of a training. */
int interrupt_status(void);

#endif
