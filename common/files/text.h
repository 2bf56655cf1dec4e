/* text.h - UTF-8, text files read strictly, and files written so that no failure loses the old one.
 *
 * A text file is accepted when it is non-empty, valid UTF-8 and free of NUL bytes. A byte order
 * mark at its start, CRLF line ends and a missing final newline are accepted and taken away, since
 * editors leave them behind. Everything else is an error that names file, line and byte offset
 * (both counted over the whole file, lines from 1, offsets from 0).
 */
#ifndef COMMON_TEXT_H
#define COMMON_TEXT_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

/* ---- UTF-8 (RFC 3629: no overlong forms, no surrogates, nothing above U+10FFFF) -------------- */

/* Decodes the code point at text[0 .. bytes) and returns its length, 1 to 4 bytes; returns 0, with
 * *code_point untouched, if the bytes there are malformed or cut off, or if bytes is 0. To iterate:
 * for (size_t i = 0, n; (n = utf8_decode(text + i, bytes - i, &c)) > 0; i += n) ... */
size_t utf8_decode(const char *text, size_t bytes, uint32_t *code_point);

/* The same for text that may be malformed: never 0 while bytes > 0, and a byte that starts nothing
 * valid counts alone, as U+FFFD. For showing text rather than reading it. */
size_t utf8_next(const char *text, size_t bytes, uint32_t *code_point);

/* Length of the longest beginning of text that is valid: bytes if all of it is, and otherwise the
 * offset of the first offending byte sequence. */
size_t utf8_valid_bytes(const char *text, size_t bytes);

/* Columns that a NUL-terminated text takes on a terminal: two for wide East Asian characters, none
 * for combining marks, one for a malformed byte. */
size_t utf8_columns(const char *text);

/* ---- reading --------------------------------------------------------------------------------- */

enum { LINE_BYTES_MAX = 65536 }; // a longer line is refused: it is not a sentence

/* Lines without their ends, each NUL-terminated and free of other NULs. */
typedef struct {
    char **line;
    size_t count;
    char *bytes; // where the lines lie; NULL if another Lines owns it
} Lines;

/* Two texts line by line: line i of tgt translates line i of src. */
typedef struct {
    Lines src, tgt; // same count
    size_t skipped; // pairs left out because a side was empty or blank
} Pairs;

/* Reads a whole file, whatever it holds, and adds a NUL after it. Directories and devices are
 * refused; pipes are read to their end. The caller frees *data. */
bool file_read(const char *path, char **data, size_t *bytes, Error *err);

/* Reads a whole text file, line ends as they stand. The caller frees *text. */
bool text_read(const char *path, char **text, size_t *bytes, Error *err);

/* Reads a text file and cuts it into lines. The caller calls lines_free. */
bool lines_read(const char *path, Lines *lines, Error *err);
void lines_free(Lines *lines);

/* Checks one line (without its end) that came from somewhere else, such as stdin: length, UTF-8 and
 * NUL bytes. name, number and offset say in the error which line it is and where it starts. */
bool line_check(const char *name, size_t number, size_t offset, const char *line, size_t bytes,
                Error *err);

/* Reads pairs from two parallel files, or from one file of "source TAB target" lines. Pairs with an
 * empty side are counted in skipped; no pair left at all is an error. Call pairs_free. */
bool pairs_read(const char *src_path, const char *tgt_path, Pairs *pairs, Error *err);
bool pairs_read_tsv(const char *path, Pairs *pairs, Error *err);
void pairs_free(Pairs *pairs);

/* ---- writing --------------------------------------------------------------------------------- */

typedef struct {
    const void *data;
    size_t count;
} Bytes;

/* Writes the pieces one after the other as the new contents of path, all or nothing: into a
 * temporary file in the same folder, flushed to the disk, renamed over path, the folder flushed.
 * On any failure (a full disk) the temporary file is removed and what was at path is untouched. */
bool file_write(const char *path, const Bytes *pieces, size_t piece_count, Error *err);

/* Makes the folder and those above it as needed (mkdir -p); one that cannot be written into is an
 * error. */
bool make_directories(const char *path, Error *err);

#endif
