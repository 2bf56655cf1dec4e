#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/program_name.h"

/* Returns false so that `return error_set(...)` is all a failing function needs. Control
 * characters become '?': a name from outside may hold newlines, and an error is one line. */
bool error_set(Error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    vsnprintf(err->text, sizeof err->text, format, args);
    va_end(args);
    for (char *c = err->text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f) *c = '?';
    return false;
}

void error_exit(const Error *err) {
    fflush(stdout); // results already printed come before the reason for stopping
    fprintf(stderr, "%s: %s\n", program_name(), err->text);
    exit(1);
}

/* A buffered write fails only when it is flushed, which at exit nobody would look at. */
void output_finish(void) {
    Error err;
    if (fflush(stdout) == 0 && !ferror(stdout)) return;
    error_set(&err, "cannot write to stdout: %s", strerror(errno));
    error_exit(&err);
}

/* abort and not exit: a debugger stops at the frame that passed the wrong shape. */
void require_failed(const char *file, int line, const char *function, const char *format, ...) {
    va_list args;
    va_start(args, format);
    fprintf(stderr, "%s:%d: %s: ", file, line, function);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    va_end(args);
    abort();
}
