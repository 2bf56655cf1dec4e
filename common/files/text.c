#include "common/files/text.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <utf8proc.h>

/* ---- UTF-8 ----------------------------------------------------------------------------------- */

/* The lead byte tells the length: 0xxxxxxx, 110xxxxx, 1110xxxx, 11110xxx; every byte after it is
 * 10xxxxxx and brings six bits. A form longer than the code point needs is malformed, or one
 * character would have several spellings. */
size_t utf8_decode(const char *text, size_t bytes, uint32_t *code_point) {
    const unsigned char *t = (const unsigned char *)text;
    if (bytes == 0) return 0;
    if (t[0] < 0x80) {
        *code_point = t[0];
        return 1;
    }
    // 80 to BF only continue; C0 and C1 could only begin overlong forms, F5 and up nothing at all.
    const size_t length = t[0] >= 0xf0 ? 4 : t[0] >= 0xe0 ? 3 : 2;
    if (t[0] < 0xc2 || t[0] > 0xf4 || length > bytes) return 0;
    uint32_t c = t[0] & (0xffu >> (length + 1));
    for (size_t i = 1; i < length; i++) {
        if ((t[i] & 0xc0) != 0x80) return 0;
        c = c << 6 | (t[i] & 0x3fu);
    }
    const uint32_t smallest = length == 4 ? 0x10000 : length == 3 ? 0x800 : 0x80;
    if (c < smallest || c > 0x10ffff || (c >= 0xd800 && c <= 0xdfff)) return 0;
    *code_point = c;
    return length;
}

/* One bad byte at a time, so that the good character after a cut-off one is still seen. */
size_t utf8_next(const char *text, size_t bytes, uint32_t *code_point) {
    const size_t length = utf8_decode(text, bytes, code_point);
    if (length > 0 || bytes == 0) return length;
    *code_point = 0xfffd;
    return 1;
}

/* Comes to a stop at bytes as well, where utf8_decode has nothing left and returns 0. */
size_t utf8_valid_bytes(const char *text, size_t bytes) {
    uint32_t c;
    size_t valid = 0, length;
    while ((length = utf8_decode(text + valid, bytes - valid, &c)) > 0) valid += length;
    return valid;
}

/* What wcwidth would tell, without depending on the locale. */
size_t utf8_columns(const char *text) {
    const size_t bytes = strlen(text);
    size_t columns = 0, length;
    uint32_t c;
    for (size_t i = 0; (length = utf8_next(text + i, bytes - i, &c)) > 0; i += length) {
        const int width = utf8proc_charwidth((utf8proc_int32_t)c);
        if (width > 0) columns += (size_t)width;
    }
    return columns;
}

/* ---- reading --------------------------------------------------------------------------------- */

/* Reads fd to its end. The size of a regular file is known beforehand; a pipe's buffer grows. */
static bool read_all(const char *path, int fd, size_t expected, char **data, size_t *bytes,
                     Error *err) {
    size_t capacity = expected + 2, used = 0; // one for the NUL, one to see the end of the file
    char *buffer = malloc(capacity);
    while (buffer) {
        // One byte is kept for the NUL in every round, so that it fits wherever the file ends.
        const ssize_t got = read(fd, buffer + used, capacity - used - 1);
        if (got == 0) break;
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) {
            free(buffer);
            return error_set(err, "%s: cannot read: %s", path, strerror(errno));
        }
        used += (size_t)got;
        if (used + 1 < capacity) continue; // the next read finds the end, or more
        // Doubling a size near SIZE_MAX would wrap round to a small one.
        char *larger = capacity <= SIZE_MAX / 2 ? realloc(buffer, capacity * 2) : NULL;
        if (!larger) free(buffer);
        buffer = larger;
        capacity *= 2;
    }
    if (!buffer) return error_set(err, "%s: too large for the memory", path);
    buffer[used] = '\0';
    *data = buffer;
    *bytes = used;
    return true;
}

/* Directories open like files and fail only when read; devices such as /dev/zero never end. Both
 * are told apart before anything is read. */
bool file_read(const char *path, char **data, size_t *bytes, Error *err) {
    const int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return error_set(err, "%s: cannot open: %s", path, strerror(errno));
    struct stat status;
    bool ok = true;
    if (fstat(fd, &status) != 0)
        ok = error_set(err, "%s: cannot read: %s", path, strerror(errno));
    else if (S_ISDIR(status.st_mode))
        ok = error_set(err, "%s: is a directory, expected a file", path);
    else if (!S_ISREG(status.st_mode) && !S_ISFIFO(status.st_mode))
        ok = error_set(err, "%s: is not a regular file", path);
    ok = ok && read_all(path, fd, S_ISREG(status.st_mode) ? (size_t)status.st_size : 65536, data,
                        bytes, err);
    close(fd);
    return ok;
}

/* Reports the first byte of text that is NUL or not UTF-8; line and offset are those of text[0]. */
static bool characters_check(const char *name, size_t line, size_t offset, const char *text,
                             size_t bytes, Error *err) {
    const char *nul = memchr(text, '\0', bytes);
    const size_t valid = utf8_valid_bytes(text, bytes);
    // Whichever comes first. (A NUL is valid UTF-8, but the end of every C string.)
    size_t bad = nul ? (size_t)(nul - text) : bytes;
    if (valid < bad) bad = valid;
    if (bad == bytes) return true;
    for (size_t i = 0; i < bad; i++) line += text[i] == '\n';
    if (text[bad] == '\0')
        return error_set(err, "%s:%zu: a NUL byte at byte offset %zu: expected text", name, line,
                         offset + bad);
    return error_set(err, "%s:%zu: not UTF-8: byte 0x%02x at byte offset %zu", name, line,
                     (unsigned char)text[bad], offset + bad);
}

/* Reads and checks a text file; *offset is where its text starts, after any byte order mark. */
static bool text_load(const char *path, char **data, size_t *bytes, size_t *offset, Error *err) {
    if (!file_read(path, data, bytes, err)) return false;
    // The mark is U+FEFF in UTF-8. It would end up in the first word of the vocabulary. The NUL
    // that file_read adds makes strncmp safe on shorter files.
    *offset = strncmp(*data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (*bytes > *offset &&
        characters_check(path, 1, *offset, *data + *offset, *bytes - *offset, err))
        return true;
    // An empty corpus is always a mistake; a later "0 pairs" would not say whose.
    if (*bytes == *offset) error_set(err, "%s: is empty, expected text", path);
    free(*data);
    *data = NULL;
    return false;
}

/* Moving the text over its byte order mark keeps what is returned one block that free() takes. */
bool text_read(const char *path, char **text, size_t *bytes, Error *err) {
    size_t offset;
    if (!text_load(path, text, bytes, &offset, err)) return false;
    *bytes -= offset;
    memmove(*text, *text + offset, *bytes + 1);
    return true;
}

/* A line of a megabyte is a file of another kind (one line of JSON, a minified page); training on
 * it would fail much later and say less. */
static bool length_check(const char *name, size_t number, size_t offset, size_t bytes, Error *err) {
    if (bytes <= LINE_BYTES_MAX) return true;
    return error_set(err,
                     "%s:%zu: the line at byte offset %zu has %zu bytes, at most %d are allowed",
                     name, number, offset, bytes, LINE_BYTES_MAX);
}

/* Length first: it costs nothing, and what is a megabyte long is wrong whatever it holds. */
bool line_check(const char *name, size_t number, size_t offset, const char *line, size_t bytes,
                Error *err) {
    return length_check(name, number, offset, bytes, err) &&
           characters_check(name, number, offset, line, bytes, err);
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
    if (!text_load(path, &lines->bytes, &bytes, &offset, err)) return false;
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

/* ---- pairs ----------------------------------------------------------------------------------- */

/* Blank counts as empty: a sentence of spaces has no token either. */
static bool line_is_blank(const char *line) {
    return line[strspn(line, " \t\r\v\f")] == '\0';
}

/* Drops the pairs with a blank side, keeping the order of the others. */
static void pairs_drop_blank(Pairs *pairs) {
    size_t kept = 0;
    for (size_t i = 0; i < pairs->src.count; i++) {
        if (line_is_blank(pairs->src.line[i]) || line_is_blank(pairs->tgt.line[i])) continue;
        pairs->src.line[kept] = pairs->src.line[i];
        pairs->tgt.line[kept++] = pairs->tgt.line[i];
    }
    pairs->skipped = pairs->src.count - kept;
    pairs->src.count = pairs->tgt.count = kept;
}

/* Line counts that differ mean that the files are not parallel from some line on, and no later line
 * could be trusted. */
bool pairs_read(const char *src_path, const char *tgt_path, Pairs *pairs, Error *err) {
    *pairs = (Pairs){0};
    bool ok = lines_read(src_path, &pairs->src, err) && lines_read(tgt_path, &pairs->tgt, err);
    if (ok && pairs->src.count != pairs->tgt.count)
        ok = error_set(err, "%s has %zu lines but %s has %zu: expected as many", src_path,
                       pairs->src.count, tgt_path, pairs->tgt.count);
    if (ok) pairs_drop_blank(pairs);
    if (ok && pairs->src.count == 0)
        ok = error_set(err, "%s, %s: no line has text in both files", src_path, tgt_path);
    if (!ok) pairs_free(pairs);
    return ok;
}

/* Ends every source line at its tab and points the target line behind it. */
static bool pairs_split(const char *path, Pairs *pairs, Error *err) {
    pairs->tgt.line = malloc(pairs->src.count * sizeof *pairs->tgt.line);
    if (!pairs->tgt.line) return error_set(err, "%s: too large for the memory", path);
    for (size_t i = 0; i < pairs->src.count; i++) {
        char *tab = strchr(pairs->src.line[i], '\t');
        if (!tab) return error_set(err, "%s:%zu: no tab: expected source TAB target", path, i + 1);
        // A second tab may be a third column or a tab inside a sentence: guessing which would train
        // on the wrong text.
        if (strchr(tab + 1, '\t'))
            return error_set(err, "%s:%zu: more than one tab: expected source TAB target", path,
                             i + 1);
        *tab = '\0';
        pairs->tgt.line[i] = tab + 1;
    }
    pairs->tgt.count = pairs->src.count;
    return true;
}

/* Line counts cannot differ here; a line without its tab is the same accident and named by number.
 */
bool pairs_read_tsv(const char *path, Pairs *pairs, Error *err) {
    *pairs = (Pairs){0};
    bool ok = lines_read(path, &pairs->src, err) && pairs_split(path, pairs, err);
    if (ok) pairs_drop_blank(pairs);
    if (ok && pairs->src.count == 0)
        ok = error_set(err, "%s: no line has text on both sides of its tab", path);
    if (!ok) pairs_free(pairs);
    return ok;
}

void pairs_free(Pairs *pairs) {
    lines_free(&pairs->src);
    lines_free(&pairs->tgt);
    *pairs = (Pairs){0};
}

/* ---- writing --------------------------------------------------------------------------------- */

/* write() may take only a part, or be interrupted by the signal that asks a training to stop. */
static bool write_all(int fd, const char *data, size_t bytes) {
    while (bytes > 0) {
        const ssize_t written = write(fd, data, bytes);
        // A write that takes nothing and gives no reason would otherwise be tried for ever.
        if (written == 0) errno = ENOSPC;
        if (written == 0 || (written < 0 && errno != EINTR)) return false;
        if (written > 0) data += written, bytes -= (size_t)written;
    }
    return true;
}

/* Creates "PATH.PID-N.tmp", which must not exist: left-overs and links are never written to. */
static int temporary_open(const char *path, char *temporary, size_t size) {
    int fd = -1;
    for (int attempt = 0; attempt < 100 && fd < 0; attempt++) {
        const int length =
            snprintf(temporary, size, "%s.%ld-%d.tmp", path, (long)getpid(), attempt);
        if (length < 0 || (size_t)length >= size) {
            errno = ENAMETOOLONG;
            return -1;
        }
        // O_EXCL also refuses a link that someone left there to lead us elsewhere.
        fd = open(temporary, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
        if (fd < 0 && errno != EEXIST) return -1;
    }
    return fd;
}

/* Makes the rename itself survive a power cut. File systems that cannot flush a folder say EINVAL,
 * which leaves nothing to be done. */
static bool folder_flush(const char *path) {
    // The folder of "a/b" is "a/", of "/b" "/", and of "b" ".".
    char folder[4096];
    const char *slash = strrchr(path, '/');
    const size_t length = slash ? (size_t)(slash - path) : 0;
    snprintf(folder, sizeof folder, "%.*s%s", (int)length, path, slash ? "/" : ".");
    const int fd = open(folder, O_RDONLY | O_CLOEXEC);
    if (fd < 0) return false;
    const bool ok = fsync(fd) == 0 || errno == EINVAL;
    const int reason = errno;
    close(fd);
    errno = reason;
    return ok;
}

/* The order is what makes it safe: first the data reach the disk, then the name is moved over, then
 * the folder with the new name reaches the disk. After a crash there is the old file or the new
 * one, never a part. */
bool file_write(const char *path, const Bytes *pieces, size_t piece_count, Error *err) {
    struct stat status; // renaming over a device would replace it
    if (stat(path, &status) == 0 && !S_ISREG(status.st_mode))
        return error_set(err, "%s: cannot write: is not a regular file", path);
    char temporary[4096];
    const int fd = temporary_open(path, temporary, sizeof temporary);
    if (fd < 0) return error_set(err, "%s: cannot write: %s", path, strerror(errno));
    bool ok = true;
    for (size_t i = 0; i < piece_count && ok; i++)
        ok = write_all(fd, pieces[i].data, pieces[i].count);
    // Without it the rename can reach the disk before the data, and a crash leaves an empty file.
    ok = ok && fsync(fd) == 0;
    int reason = errno; // close and unlink may change it
    if (close(fd) != 0 && ok) ok = false, reason = errno;
    if (ok && rename(temporary, path) != 0) ok = false, reason = errno;
    if (!ok) {
        unlink(temporary);
        return error_set(err, "%s: cannot write: %s (what was there is unharmed)", path,
                         strerror(reason));
    }
    if (!folder_flush(path))
        return error_set(err, "%s: written, but its folder cannot be flushed to the disk: %s", path,
                         strerror(errno));
    return true;
}

/* Cuts the path after each part in turn and makes that folder. EEXIST is no error but has to be
 * looked into: it may be a file that has the name. */
bool make_directories(const char *path, Error *err) {
    char part[4096];
    const size_t length = strlen(path);
    if (length == 0 || length >= sizeof part)
        return error_set(err, "%s: not a usable folder name", length == 0 ? "''" : path);
    // The first byte is never cut off: "/" itself exists, and "" does not name a folder.
    memcpy(part, path, length + 1);
    for (size_t i = 1; i <= length; i++) {
        if (path[i] != '/' && path[i] != '\0') continue;
        part[i] = '\0';
        struct stat status;
        if (mkdir(part, 0777) != 0 && errno != EEXIST)
            return error_set(err, "%s: cannot make the folder: %s", part, strerror(errno));
        if (stat(part, &status) != 0 || !S_ISDIR(status.st_mode))
            return error_set(err, "%s: cannot make the folder: a file has that name", part);
        part[i] = path[i];
    }
    // Better now than when the first thing is to be saved.
    return access(path, W_OK | X_OK) == 0 ||
           error_set(err, "%s: cannot write into this folder: %s", path, strerror(errno));
}
