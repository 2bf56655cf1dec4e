#include "06_training/trainer/run_table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/arena.h"
#include "common/files/file.h"

static void path_of(RunTable table, const char *directory, char path[4096]) {
    snprintf(path, 4096, "%s/%s", directory, table.name);
}

bool run_table_write(RunTable table, const char *directory, const ByteArray *text, Error *err) {
    char path[4096];
    path_of(table, directory, path);
    return file_write(path, &(Bytes){text->data, text->count}, 1, err);
}

bool run_table_read(RunTable table, const char *directory, char **text, Error *err) {
    char path[4096];
    size_t bytes;
    path_of(table, directory, path);
    *text = NULL;
    if (access(path, F_OK) != 0 && errno == ENOENT) return true;
    if (!file_read_regular(path, text, &bytes, err)) return false;
    if (strncmp(*text, table.start, strlen(table.start)) == 0) return true;
    free(*text);
    *text = NULL;
    return error_set(err, "%s: is not the log of a run", path);
}

bool run_table_is_ours(RunTable table, const char *directory) {
    char path[4096];
    path_of(table, directory, path);
    return file_may_replace(path, table.start, 1);
}

/* Measured first: a translation may be of any length. */
void run_table_append(ByteArray *text, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    const int length = vsnprintf(NULL, 0, format, arguments);
    va_end(arguments);
    char *line = memory_alloc((size_t)length + 1);
    va_start(arguments, format);
    vsnprintf(line, (size_t)length + 1, format, arguments);
    va_end(arguments);
    byte_array_append(text, line, (size_t)length);
    free(line);
}

bool run_table_next_line(char **rest, char **line) {
    if (!*rest || !**rest) return false;
    *line = *rest;
    char *end = strchr(*rest, '\n');
    *rest = end ? end + 1 : NULL;
    if (end) *end = '\0';
    return true;
}
