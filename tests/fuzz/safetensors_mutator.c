#include "tests/fuzz/safetensors_mutator.h"

#include "common/files/safetensors.h"
#include "tests/fuzz/fuzz.h"

#include <stdio.h>
#include <string.h>

enum { LENGTH_BYTES = 8 };

static uint64_t get_length(const uint8_t *data) {
    uint64_t length = 0;
    for (int i = 0; i < LENGTH_BYTES; i++) length |= (uint64_t)data[i] << 8 * i;
    return length;
}

static void put_length(uint8_t *data, uint64_t length) {
    for (int i = 0; i < LENGTH_BYTES; i++) data[i] = (uint8_t)(length >> 8 * i);
}

static void put_checksum(char *header, size_t bytes) {
    const size_t start = strlen(SAFETENSORS_CRC_START);
    char digits[SAFETENSORS_CRC_DIGITS + 1];
    if (bytes < start + SAFETENSORS_CRC_DIGITS) return;
    if (memcmp(header, SAFETENSORS_CRC_START, start) != 0) return;
    snprintf(digits, sizeof digits, "%08x", (unsigned)safetensors_header_crc(header, bytes));
    memcpy(header + start, digits, SAFETENSORS_CRC_DIGITS);
}

/* One digit of the header becomes another: sizes, offsets and settings change while the JSON stays
 * JSON. Returns false where there is none. */
static bool mutate_digit(char *header, size_t bytes, unsigned seed) {
    for (size_t tried = 0; tried < bytes; tried++) {
        char *c = &header[(seed / 64 + tried) % bytes];
        if (*c < '0' || *c > '9') continue;
        *c = (char)('0' + (*c - '0' + 1 + seed % 9) % 10);
        return true;
    }
    return false;
}

size_t safetensors_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed) {
    const uint64_t length = size >= LENGTH_BYTES ? get_length(data) : 0;
    if (length == 0 || length > size - LENGTH_BYTES || seed % 16 == 0)
        return LLVMFuzzerMutate(data, size, max_size);
    uint8_t *header = data + LENGTH_BYTES, *values = header + length;
    size_t bytes = (size_t)length, rest = size - LENGTH_BYTES - bytes;
    if (seed % 16 < 7 && rest > 0) {
        // Other values of as many bytes: the header says how many there are.
        LLVMFuzzerMutate(values, rest, rest);
    } else if (seed % 16 >= 12 || !mutate_digit((char *)header, bytes, seed)) {
        // Values are moved to the end while the header may grow into their place.
        const size_t room = max_size - LENGTH_BYTES - rest;
        memmove(data + max_size - rest, values, rest);
        bytes = LLVMFuzzerMutate(header, bytes, room);
        memmove(header + bytes, data + max_size - rest, rest);
    }
    put_length(data, bytes);
    put_checksum((char *)header, bytes);
    return LENGTH_BYTES + bytes + rest;
}
