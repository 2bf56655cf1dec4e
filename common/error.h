/* error.h - the two kinds of error, and the one way each is reported.
 *
 * A programmer's error (wrong shape, NULL, wrong state) is a bug in the calling code: REQUIRE says
 * where and what, and aborts. It never compiles out and is never used on input.
 *
 * The world's error (files, user data, options) is expected: the function returns false or NULL and
 * leaves in its Error one sentence that names the file, the line or byte offset, and what was
 * expected. Only main() prints it, once, and exits 1 (2 for wrong usage).
 */
#ifndef COMMON_ERROR_H
#define COMMON_ERROR_H

#include <stdarg.h>
#include <stdbool.h>

typedef struct {
    char text[1024]; // one line, no newline at its end; empty while nothing went wrong
} Error;

/* Formats the message into err and returns false, so that a function can end with
 * `return error_set(err, "%s:%zu: ...", path, line);`. The text becomes one line: control
 * characters in it (a strange file name, say) are shown as '?', and of one that is too long
 * beginning and end are kept. err may not be NULL, and no argument may lie in it. */
bool error_set(Error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
bool error_set_list(Error *err, const char *format, va_list args)
    __attribute__((format(printf, 2, 0)));

/* Prints "PROGRAM: text" as one line on stderr and exits with status 1. */
_Noreturn void error_exit(const Error *err);

/* Call it at the end of main: results that could not be written (a full disk) are a failure too,
 * one line on stderr and status 1. */
void output_finish(void);

/* Aborts with file, line, function and the formatted message on stderr. */
_Noreturn void require_failed(const char *file, int line, const char *function, const char *format,
                              ...) __attribute__((format(printf, 4, 5)));

#define REQUIRE(condition, ...)                                                                    \
    do {                                                                                           \
        if (!(condition)) require_failed(__FILE__, __LINE__, __func__, __VA_ARGS__);               \
    } while (0)

#endif
