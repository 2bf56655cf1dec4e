/* lines.h - a text file (text.h) line by line.
 *
 * CRLF line ends, CR line ends in a file without any other, and a missing final newline are
 * accepted and taken away.
 */
#ifndef COMMON_LINES_H
#define COMMON_LINES_H

#include "common/error.h"

#include <stddef.h>

enum { LINE_BYTES_MAX = 65536 }; // a longer line is not a sentence

/* Lines without their ends, each NUL-terminated and free of other NULs. */
typedef struct {
    char **line;
    size_t count;
    char *bytes; // where the lines lie; NULL if another Lines owns it
} Lines;

/* Reads a text file and cuts it into lines. The caller calls lines_free. */
bool lines_read(const char *path, Lines *lines, Error *err);

/* The same in composed form (utf8_compose), for text that a model is to know again. */
bool lines_read_composed(const char *path, Lines *lines, Error *err);
void lines_free(Lines *lines);

/* Checks one line (without its end) that came from somewhere else, such as stdin: length, UTF-8 and
 * NUL bytes. name, number and offset say in the error which line it is and where it starts. */
bool lines_check_one(const char *name, size_t number, size_t offset, const char *line, size_t bytes,
                     Error *err);

/* Whether a NUL-terminated line shows nothing: it is empty or holds only white space
 * (utf8_is_space), controls and characters without a shape of their own, such as a zero-width
 * joiner. */
bool lines_is_blank(const char *line);

/* The first line, counted from 1, that is not in composed form; 0 if all are. */
size_t lines_first_uncomposed(const Lines *lines);

#endif
