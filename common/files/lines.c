#include "common/files/lines.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "common/files/text.h"
#include "common/files/utf8.h"

/* Length first: it costs nothing, and what is a megabyte long is wrong whatever it holds. */
bool lines_check_one(const char *name, size_t number, size_t offset, const char *line, size_t bytes,
                     Error *err) {
    if (bytes > LINE_BYTES_MAX)
        return error_set(
            err, "%s:%zu: the line at byte offset %zu has %zu bytes, at most %d are allowed", name,
            number, offset, bytes, LINE_BYTES_MAX);
    return text_check(name, number, offset, line, bytes, err);
}

/* The line ends of old Macintosh systems, which some spreadsheets still write. */
static void convert_returns(char *text, size_t bytes) {
    if (memchr(text, '\n', bytes)) return;
    for (size_t i = 0; i < bytes; i++)
        if (text[i] == '\r') text[i] = '\n';
}

/* Cuts lines->bytes[offset ..) at its newlines, in place. */
static bool lines_cut(const char *path, Lines *lines, size_t offset, size_t bytes, Error *err) {
    char *const start = lines->bytes + offset, *const end = lines->bytes + bytes;
    convert_returns(start, bytes - offset);
    // Counting first costs a second pass over memory and saves growing an array of pointers.
    size_t count = end[-1] != '\n'; // an unfinished last line counts too
    for (const char *c = start; c < end; c++) count += *c == '\n';
    lines->line = malloc(count * sizeof *lines->line);
    if (!lines->line)
        return error_set(err, "%s: %zu lines are too many for the memory", path, count);
    for (char *line = start; lines->count < count; lines->count++) {
        char *newline = memchr(line, '\n', (size_t)(end - line));
        char *stop = newline ? newline : end;
        // A carriage return before the newline is Windows' line end, and at the end of the file
        // the half of one that is left; one anywhere else is left alone.
        if (stop > line && stop[-1] == '\r') stop--;
        *stop = '\0';
        lines->line[lines->count] = line;
        line = newline ? newline + 1 : end;
    }
    return true;
}

/* Checked as a whole before it is cut, so that the offset of a bad byte is that in the file. */
static bool read_and_cut(const char *path, bool compose, Lines *lines, Error *err) {
    *lines = (Lines){0};
    size_t bytes, offset;
    if (!text_read_marked(path, &lines->bytes, &bytes, &offset, err)) return false;
    if (compose) {
        char *composed = utf8_compose(lines->bytes, &bytes);
        free(lines->bytes);
        lines->bytes = composed; // the mark before it stays what it was
    }
    if (lines_cut(path, lines, offset, bytes, err)) return true;
    lines_free(lines);
    return false;
}

bool lines_read(const char *path, Lines *lines, Error *err) {
    return read_and_cut(path, false, lines, err);
}

bool lines_read_composed(const char *path, Lines *lines, Error *err) {
    return read_and_cut(path, true, lines, err);
}

/* bytes is NULL where the lines lie in another Lines, as the targets of a TSV file do. */
void lines_free(Lines *lines) {
    free(lines->line);
    free(lines->bytes);
    *lines = (Lines){0};
}

/* Blank counts as empty everywhere: of what nobody sees a model would make up a sentence. */
bool lines_is_blank(const char *line) {
    const size_t bytes = strlen(line);
    uint32_t c;
    for (size_t i = 0, length; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length) {
        const utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
        if (!utf8_is_space(c) && category != UTF8PROC_CATEGORY_CC &&
            category != UTF8PROC_CATEGORY_CF)
            return false;
    }
    return true;
}

size_t lines_first_uncomposed(const Lines *lines) {
    for (size_t i = 0; i < lines->count; i++) {
        size_t bytes = strlen(lines->line[i]);
        char *composed = utf8_compose(lines->line[i], &bytes);
        const bool same = strcmp(composed, lines->line[i]) == 0;
        free(composed);
        if (!same) return i + 1;
    }
    return 0;
}
