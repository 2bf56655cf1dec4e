#include "common/files/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

#include "common/array.h"
#include "common/error.h"

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

/* The second range begins terminals' commands as ESC does, in one character instead of two. */
bool utf8_is_control(uint32_t c) {
    return c < 0x20 || (c >= 0x7f && c < 0xa0);
}

/* Comes to a stop at bytes as well, where utf8_decode has nothing left and returns 0. */
size_t utf8_valid_bytes(const char *text, size_t bytes) {
    uint32_t c;
    size_t valid = 0, length;
    while ((length = utf8_decode(text + valid, bytes - valid, &c)) > 0) valid += length;
    return valid;
}

/* Python's list; wider than the category Zs, it has controls too. */
bool utf8_is_space(uint32_t c) {
    return (c >= 0x09 && c <= 0x0d) || (c >= 0x1c && c <= 0x20) || c == 0x85 || c == 0xa0 ||
           c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 ||
           c == 0x202f || c == 0x205f || c == 0x3000;
}

/* Whether a line is composed for certain, as whatever lies below the first combining mark, U+0300,
 * is: those characters begin with a byte below 0xcc. */
static bool is_composed(const char *line, size_t bytes) {
    for (size_t i = 0; i < bytes; i++)
        if ((unsigned char)line[i] >= 0xcc) return false;
    return true;
}

/* Line by line, since the library works on 32 bits a character; no character composes with a line
 * end. */
char *utf8_compose(const char *text, size_t *bytes) {
    ByteArray composed = {0};
    byte_array_append(&composed, "", 0);
    for (const char *line = text, *end = text + *bytes; line < end;) {
        const char *newline = memchr(line, '\n', (size_t)(end - line));
        const size_t length = (size_t)((newline ? newline + 1 : end) - line);
        if (is_composed(line, length)) {
            byte_array_append(&composed, line, length);
        } else {
            utf8proc_uint8_t *mapped;
            const utf8proc_ssize_t count =
                utf8proc_map((const utf8proc_uint8_t *)line, (utf8proc_ssize_t)length, &mapped,
                             UTF8PROC_STABLE | UTF8PROC_COMPOSE);
            REQUIRE(count >= 0, "%s", utf8proc_errmsg(count));
            byte_array_append(&composed, mapped, (size_t)count);
            free(mapped);
        }
        line += length;
    }
    *bytes = composed.count;
    return composed.data;
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
