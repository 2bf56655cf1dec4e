/* pairs.h - sentences and their translations, from two parallel files or one of two columns. */
#ifndef COMMON_PAIRS_H
#define COMMON_PAIRS_H

#include "common/files/crc32.h"
#include "common/files/lines.h"

/* Two texts line by line: line i of tgt translates line i of src. */
typedef struct {
    Lines src, tgt;  // same count
    size_t *number;  // (count): the line of the file that each pair is, from 1; NULL: its place
    size_t skipped;  // pairs left out because a side was empty or blank
    size_t too_long; // and because a side was longer than LINE_BYTES_MAX
} Pairs;

/* Reads pairs from two parallel files, or from one file of "source TAB target" lines, in composed
 * form (utf8_compose). Pairs with an empty side are counted in skipped, those with one that is no
 * sentence in too_long; no pair left at all is an error. Call pairs_free. */
bool pairs_read(const char *src_path, const char *tgt_path, Pairs *pairs, Error *err);
bool pairs_read_tsv(const char *path, Pairs *pairs, Error *err);
void pairs_free(Pairs *pairs);

/* Which line of its file pair i is, from 1. */
size_t pairs_line(const Pairs *pairs, size_t i);

/* A checksum (crc32.h) of all sentences in their order: the same for the same pairs, however they
 * were stored. */
uint32_t pairs_crc32(const Pairs *pairs);

#endif
