#include "common/files/text.h"

#include <stdlib.h>
#include <string.h>

#include "common/files/file.h"
#include "common/files/utf8.h"

/* A NUL is valid UTF-8, but the end of every C string: whichever comes first is reported. */
bool text_check(const char *name, size_t line, size_t offset, const char *text, size_t bytes,
                Error *err) {
    const char *nul = memchr(text, '\0', bytes);
    const size_t valid = utf8_valid_bytes(text, bytes);
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

/* The mark is U+FEFF in UTF-8. It would end up in the first word of the vocabulary. */
bool text_read_marked(const char *path, char **data, size_t *bytes, size_t *offset, Error *err) {
    if (!file_read(path, data, bytes, err)) return false;
    // The NUL that file_read adds makes strncmp safe on shorter files.
    *offset = strncmp(*data, "\xef\xbb\xbf", 3) == 0 ? 3 : 0;
    if (*bytes > *offset && text_check(path, 1, *offset, *data + *offset, *bytes - *offset, err))
        return true;
    // An empty corpus is always a mistake; a later "0 pairs" would not say whose.
    if (*bytes == *offset) error_set(err, "%s: is empty, expected text", path);
    free(*data);
    *data = NULL;
    return false;
}

/* Moving the text over its byte order mark, and then over the carriage returns of its CRLFs, keeps
 * what is returned one block that free() takes. */
bool text_read(const char *path, char **text, size_t *bytes, Error *err) {
    size_t offset;
    if (!text_read_marked(path, text, bytes, &offset, err)) return false;
    char *to = *text;
    for (const char *from = *text + offset, *end = *text + *bytes; from < end; from++)
        // The byte behind the last one is the NUL that file_read adds.
        if (*from != '\r')
            *to++ = *from;
        else if (from[1] != '\n')
            *to++ = '\n';
    *to = '\0';
    *bytes = (size_t)(to - *text);
    return true;
}
