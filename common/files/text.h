/* text.h - text files, read strictly.
 *
 * A text file is accepted when it is non-empty, valid UTF-8 and free of NUL bytes. A byte order
 * mark at its start is taken away, since editors leave it behind. Everything else is an error that
 * names file, line (from 1) and byte offset (from 0), both counted over the whole file.
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include "common/error.h"

#include <stddef.h>

/* Reads a whole text file as Python's open().read() does: its line ends become newlines, be they
 * CRLF or CR, so that the same text has the same characters on every system. The caller frees
 * *text. */
bool text_read(const char *path, char **text, size_t *bytes, Error *err);

/* The same with line ends and the byte order mark left as they are: the text is
 * data[*offset .. *bytes), so that offsets in it are those of the file. The caller frees *data. */
bool text_read_marked(const char *path, char **data, size_t *bytes, size_t *offset, Error *err);

/* Whether all of text is UTF-8 without NUL bytes; if not, err names the first other byte. line and
 * offset say where in `name` text[0] stands. */
bool text_check(const char *name, size_t line, size_t offset, const char *text, size_t bytes,
                Error *err);

#endif
