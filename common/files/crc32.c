#include "common/files/crc32.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "common/files/file.h"

/* Half a byte at a time: entry n is what four steps of one bit make of n. */
uint32_t crc32_add(uint32_t crc, const void *data, size_t bytes) {
    static const uint32_t steps[16] = {0x00000000, 0x1db71064, 0x3b6e20c8, 0x26d930ac,
                                       0x76dc4190, 0x6b6b51f4, 0x4db26158, 0x5005713c,
                                       0xedb88320, 0xf00f9344, 0xd6d6a3e8, 0xcb61b38c,
                                       0x9b64c2b0, 0x86d3d2d4, 0xa00ae278, 0xbdbdf21c};
    const unsigned char *byte = data;
    crc = ~crc;
    for (size_t i = 0; i < bytes; i++) {
        crc ^= byte[i];
        crc = crc >> 4 ^ steps[crc & 15];
        crc = crc >> 4 ^ steps[crc & 15];
    }
    return ~crc;
}

bool crc32_of_file(const char *path, uint32_t *crc, Error *err) {
    char piece[65536];
    const int fd = file_open_regular(path, err);
    if (fd < 0) return false;
    *crc = 0;
    ssize_t got;
    while ((got = read(fd, piece, sizeof piece)) > 0 || (got < 0 && errno == EINTR))
        if (got > 0) *crc = crc32_add(*crc, piece, (size_t)got);
    const int reason = errno; // close may change it
    close(fd);
    return got == 0 || error_set(err, "%s: cannot read: %s", path, strerror(reason));
}
