#include "common/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/program_name.h"

/* Control characters become '?': a name from outside may hold newlines, and an error is one line.
 * Those beyond ASCII, U+0080 to U+009F, which a terminal obeys as well, are 0xc2 and their number
 * in UTF-8. */
static void make_harmless(char *text) {
    char *to = text;
    for (const char *from = text; *from; from++) {
        const unsigned char c = (unsigned char)*from, next = (unsigned char)from[1];
        const bool beyond = c == 0xc2 && next >= 0x80 && next < 0xa0;
        *to++ = beyond || c < 0x20 || c == 0x7f ? '?' : *from;
        from += beyond;
    }
    *to = '\0';
}

/* Whether a character goes on here: in UTF-8 such bytes are 10xxxxxx. */
static bool is_within_character(char c) {
    return (c & 0xc0) == 0x80;
}

/* Of a text that is too long beginning and end: the one says what it is about, the other why. No
 * character is cut in two. */
static void shorten(const char *whole, size_t length, char *text, size_t size) {
    static const char left_out[] = " ... ";
    size_t begin = (size - sizeof left_out) / 2, end = length - begin;
    while (begin > 0 && is_within_character(whole[begin])) begin--;
    while (is_within_character(whole[end])) end++;
    snprintf(text, size, "%.*s%s%s", (int)begin, whole, left_out, whole + end);
}

/* Measured by writing it: only what is too long, or there is no memory for, costs more. */
bool error_set_list(Error *err, const char *format, va_list args) {
    va_list again;
    va_copy(again, args);
    const int length = vsnprintf(err->text, sizeof err->text, format, args);
    char *whole = length >= (int)sizeof err->text ? malloc((size_t)length + 1) : NULL;
    if (whole) {
        vsnprintf(whole, (size_t)length + 1, format, again);
        make_harmless(whole);
        const size_t shown = strlen(whole);
        if (shown < sizeof err->text)
            memcpy(err->text, whole, shown + 1);
        else
            shorten(whole, shown, err->text, sizeof err->text);
        free(whole);
    } else {
        make_harmless(err->text);
    }
    va_end(again);
    return false;
}

/* Returns false so that `return error_set(...)` is all a failing function needs. */
bool error_set(Error *err, const char *format, ...) {
    va_list args;
    va_start(args, format);
    error_set_list(err, format, args);
    va_end(args);
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
