#include "common/exercise.h"

#include <stdio.h>
#include <unistd.h>

/* _exit: what the program has buffered is of use to nobody, and other threads may be running. */
_Noreturn void exercise_not_begun(const char *function) {
    fprintf(stderr, "%s is not begun: its body is still NOT_BEGUN();\n", function);
    _exit(EXERCISE_NOT_BEGUN);
}
