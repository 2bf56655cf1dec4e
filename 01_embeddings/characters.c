#include "01_embeddings/characters.h"

#include "common/arena.h"
#include "common/files/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

enum { CODE_POINTS = 0x110000 };

bool characters_learn(Characters *characters, const char *text, size_t bytes, Error *err) {
    *characters = (Characters){0};
    const size_t valid = utf8_valid_bytes(text, bytes);
    if (bytes == 0) return error_set(err, "no text: there are no characters to number");
    if (valid < bytes) return error_set(err, "byte %zu of the text is not UTF-8", valid);

    // One counter for each possible code point: the simplest set, and already in order.
    long *times = memory_calloc(CODE_POINTS * sizeof *times);
    for (size_t i = 0; i < bytes;) {
        uint32_t c;
        i += utf8_decode(text + i, bytes - i, &c);
        characters->count += times[c]++ == 0;
    }
    characters->code_point = memory_alloc(characters->count * sizeof *characters->code_point);
    characters->times = memory_alloc(characters->count * sizeof *characters->times);
    // Going through the counters in order numbers the characters in order.
    size_t id = 0;
    for (uint32_t c = 0; c < CODE_POINTS; c++) {
        if (times[c] == 0) continue;
        characters->code_point[id] = c;
        characters->times[id++] = times[c];
    }
    free(times);
    return true;
}

void characters_free(Characters *characters) {
    free(characters->code_point);
    free(characters->times);
    *characters = (Characters){0};
}

/* Binary search: code_point is sorted, and 65 characters take seven steps. */
int characters_id(const Characters *characters, uint32_t code_point) {
    size_t low = 0, high = characters->count; // the id, if there is one, is in [low, high)
    while (low < high) {
        const size_t middle = low + (high - low) / 2;
        if (characters->code_point[middle] == code_point) return (int)middle;
        if (characters->code_point[middle] < code_point)
            low = middle + 1;
        else
            high = middle;
    }
    return -1;
}

/* Two ways to fail: the bytes are no character, or the character has no id. */
bool characters_encode(const Characters *characters, const char *text, size_t bytes, IntArray *ids,
                       Error *err) {
    size_t length;
    for (size_t i = 0; i < bytes; i += length) {
        uint32_t c;
        length = utf8_decode(text + i, bytes - i, &c);
        if (length == 0) return error_set(err, "byte %zu of the text is not UTF-8", i);
        const int id = characters_id(characters, c);
        if (id < 0)
            return error_set(err,
                             "byte %zu: the character U+%04X (%.*s) is not among the %zu known", i,
                             (unsigned)c, (int)length, text + i, characters->count);
        int_array_push(ids, id);
    }
    return true;
}

/* An id that is out of range is the caller's mistake: every id below count is some character. */
char *characters_decode(const Characters *characters, const int *ids, size_t count, size_t *bytes) {
    ByteArray text = {0};
    byte_array_append(&text, "", 0); // an empty string even without ids
    for (size_t i = 0; i < count; i++) {
        utf8proc_uint8_t utf8[4];
        REQUIRE(ids[i] >= 0 && (size_t)ids[i] < characters->count, "id %d of %zu", ids[i],
                characters->count);
        const utf8proc_int32_t c = (utf8proc_int32_t)characters->code_point[ids[i]];
        byte_array_append(&text, utf8, (size_t)utf8proc_encode_char(c, utf8));
    }
    if (bytes) *bytes = text.count;
    return text.data;
}
