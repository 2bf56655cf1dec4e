/* child.h - runs a function in a process of its own: it may exit, abort or switch what is for a
 * whole run. */
#ifndef TESTS_CHILD_H
#define TESTS_CHILD_H

/* How it ended, and the beginning of what it printed. */
typedef struct {
    int status; // what the function returned or exited with; -1 if it did not end by itself
    char out[8192], err[2048];
} Child;

Child child_run(int (*function)(const void *argument), const void *argument);

#endif
