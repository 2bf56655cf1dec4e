/* exercise_case.h - one row of a check program's table. */
#ifndef TESTS_EXERCISE_CASE_H
#define TESTS_EXERCISE_CASE_H

typedef enum {
    VALUES,    // judged in float, as training computes
    GRADIENTS, // judged in double, where a wrong term cannot hide behind rounding
} ExerciseKind;

typedef struct {
    const char *function; // the one function of the piece that it calls
    const char *what;     // "two queries, three keys"
    void (*run)(void);    // with a current graph; shows what came out
    ExerciseKind kind;
} ExerciseCase;

#endif
