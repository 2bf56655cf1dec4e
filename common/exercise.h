/* exercise.h - what stands in a function that a learner has not written yet.
 *
 * `make 03/start/attention` writes it into every function of the piece; `make 03/try/attention`
 * tells such a function apart from one that is wrong.
 */
#ifndef COMMON_EXERCISE_H
#define COMMON_EXERCISE_H

enum { EXERCISE_NOT_BEGUN = 119 }; // the exit status

/* Names the function on stderr and ends the program with that status. */
_Noreturn void exercise_not_begun(const char *function);

#define NOT_BEGUN() exercise_not_begun(__func__)

#endif
