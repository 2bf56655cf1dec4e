#include "common/files/lines.h"

#include <stdlib.h>
#include <string.h>

#include "common/files/text.h"

/* A line of a megabyte is a file of another kind (one line of JSON, a minified page); training on
 * it would fail much later and say less. */
static bool length_check(const char *name, size_t number, size_t offset, size_t bytes, Error *err) {
    if (bytes <= LINE_BYTES_MAX) return true;
    return error_set(err,
                     "%s:%zu: the line at byte offset %zu has %zu bytes, at most %d are allowed",
                     name, number, offset, bytes, LINE_BYTES_MAX);
}

/* Length first: it costs nothing, and what is a megabyte long is wrong whatever it holds. */
bool lines_check_one(const char *name, size_t number, size_t offset, const char *line, size_t bytes,
                     Error *err) {
    return length_check(name, number, offset, bytes, err) &&
           text_check(name, number, offset, line, bytes, err);
}

/* Cuts lines->bytes[offset ..) at its newlines, in place. */
static bool lines_cut(const char *path, Lines *lines, size_t offset, size_t bytes, Error *err) {
    char *const start = lines->bytes + offset, *const end = lines->bytes + bytes;
    // Counting first costs a second pass over memory and saves growing an array of pointers.
    size_t count = end[-1] != '\n'; // an unfinished last line counts too
    for (const char *c = start; c < end; c++) count += *c == '\n';
    lines->line = malloc(count * sizeof *lines->line);
    if (!lines->line)
        return error_set(err, "%s: %zu lines are too many for the memory", path, count);
    for (char *line = start; lines->count < count; lines->count++) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        char *stop = newline ? newline : end;
        // A carriage return before the newline is Windows' line end; one anywhere else is left
        // alone.
        if (stop > line && newline && stop[-1] == '\r') stop--;
        *stop = '\0';
        if (!length_check(path, lines->count + 1, (size_t)(line - lines->bytes),
                          (size_t)(stop - line), err))
            return false;
        lines->line[lines->count] = line;
        line = newline ? newline + 1 : end;
    }
    return true;
}

/* Checked as a whole before it is cut, so that the offset of a bad byte is that in the file. */
bool lines_read(const char *path, Lines *lines, Error *err) {
    *lines = (Lines){0};
    size_t bytes, offset;
    if (!text_read_marked(path, &lines->bytes, &bytes, &offset, err)) return false;
    if (lines_cut(path, lines, offset, bytes, err)) return true;
    lines_free(lines);
    return false;
}

/* bytes is NULL where the lines lie in another Lines, as the targets of a TSV file do. */
void lines_free(Lines *lines) {
    free(lines->line);
    free(lines->bytes);
    *lines = (Lines){0};
}

/* Blank counts as empty everywhere: a sentence of spaces has no token either. */
bool lines_is_blank(const char *line) {
    return line[strspn(line, " \t\r\v\f")] == '\0';
}
