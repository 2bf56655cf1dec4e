#include "common/files/crc32.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

/* A byte at a time: row b of the table is what eight steps of one bit make of the byte b. It is
 * made anew in each call, which costs less than 2048 bytes of data do. */
uint32_t crc32_add(uint32_t crc, const void *data, size_t bytes) {
    const unsigned char *byte = data;
    uint32_t table[256];
    for (uint32_t b = 0; b < 256; b++) {
        table[b] = b;
        for (int bit = 0; bit < 8; bit++)
            table[b] = table[b] >> 1 ^ (table[b] & 1 ? 0xedb88320 : 0);
    }
    crc = ~crc;
    for (size_t i = 0; i < bytes; i++) crc = crc >> 8 ^ table[(crc ^ byte[i]) & 0xff];
    return ~crc;
}

bool crc32_of_file(const char *path, uint32_t *crc, Error *err) {
    char piece[65536];
    FILE *file = fopen(path, "rb");
    if (!file) return error_set(err, "%s: cannot open: %s", path, strerror(errno));
    *crc = 0;
    for (size_t got; (got = fread(piece, 1, sizeof piece, file)) > 0;)
        *crc = crc32_add(*crc, piece, got);
    const bool read = !ferror(file);
    const int reason = errno; // fclose may change it
    fclose(file);
    return read || error_set(err, "%s: cannot read: %s", path, strerror(reason));
}
