/* run_table.h - a table that a run keeps in its folder: a line that names the columns, then rows,
 * columns separated by tabs. What the rows say is their owner's (run_log.h, learning.h,
 * gradient_log.h). */
#ifndef RUN_TABLE_H
#define RUN_TABLE_H

#include "common/array.h"
#include "common/error.h"

/* A table's name in the folder, and how its first line begins, which nothing else begins with: by
 * that the file is known as ours. */
typedef struct {
    const char *name, *start;
} RunTable;

/* Writes DIRECTORY/NAME anew, all of it or nothing: a table that rows were appended to could end in
 * half a row. text: every line, ended by a newline, the first beginning with start. */
bool run_table_write(RunTable table, const char *directory, const ByteArray *text, Error *err);

/* *text <- the whole table, to be freed by the caller; NULL without a file. One that cannot be read
 * or is not ours is an error. */
bool run_table_read(RunTable table, const char *directory, char **text, Error *err);

/* Whether the file of that name in the folder is one that a run has written, or not there. */
bool run_table_is_ours(RunTable table, const char *directory);

/* Appends what printf would print. */
void run_table_append(ByteArray *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* *line <- the next line of *rest, without its newline, which becomes a NUL; *rest goes on behind
 * it. Unlike strtok it takes no line for none. false: there is no more. */
bool run_table_next_line(char **rest, char **line);

#endif
