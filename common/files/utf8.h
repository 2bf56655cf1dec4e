/* utf8.h - UTF-8 as RFC 3629 has it: no overlong forms, no surrogates, nothing above U+10FFFF. */
#ifndef COMMON_UTF8_H
#define COMMON_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Decodes the code point at text[0 .. bytes) and returns its length, 1 to 4 bytes; returns 0, with
 * *code_point untouched, if the bytes there are malformed or cut off, or if bytes is 0. To iterate:
 * for (size_t i = 0, n; (n = utf8_decode(text + i, bytes - i, &c)) > 0; i += n) ... */
size_t utf8_decode(const char *text, size_t bytes, uint32_t *code_point);

/* The same for text that may be malformed: never 0 while bytes > 0, and a byte that starts nothing
 * valid counts alone, as U+FFFD. For showing text rather than reading it. */
size_t utf8_next(const char *text, size_t bytes, uint32_t *code_point);

/* Whether c is a control character, which a terminal may obey instead of showing it: below the
 * space, and U+007F to U+009F. */
bool utf8_is_control(uint32_t c);

/* Length of the longest beginning of text that is valid: bytes if all of it is, and otherwise the
 * offset of the first offending byte sequence. */
size_t utf8_valid_bytes(const char *text, size_t bytes);

/* Whether c is white space, where Python's str.split() splits: all that Unicode calls a space or a
 * separator, and the controls that act as one. */
bool utf8_is_space(uint32_t c);

/* text, valid UTF-8, in Unicode's composed form (NFC): an accented letter that was
 * typed as a letter and an accent becomes the one character that others type, so that the same
 * words are the same bytes. *bytes is its length before and after. The caller frees. */
char *utf8_compose(const char *text, size_t *bytes);

/* Columns that a NUL-terminated text takes on a terminal: two for wide East Asian characters, none
 * for combining marks, one for a malformed byte. */
size_t utf8_columns(const char *text);

#endif
