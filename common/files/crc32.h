/* crc32.h - CRC-32 (ISO-HDLC, the checksum of zip and PNG): tells whether bytes are still what they
 * were. It finds accidents, not forgeries. */
#ifndef COMMON_CRC32_H
#define COMMON_CRC32_H

#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

/* The checksum of what crc stands for, 0 for nothing, with `bytes` more bytes behind it. */
uint32_t crc32_add(uint32_t crc, const void *data, size_t bytes);

/* *crc <- that of a file's bytes, read piece by piece. */
bool crc32_of_file(const char *path, uint32_t *crc, Error *err);

#endif
