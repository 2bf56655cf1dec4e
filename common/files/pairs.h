/* pairs.h - sentences and their translations, from two parallel files or one of two columns. */
#ifndef COMMON_PAIRS_H
#define COMMON_PAIRS_H

#include "common/files/lines.h"

/* Two texts line by line: line i of tgt translates line i of src. */
typedef struct {
    Lines src, tgt; // same count
    size_t skipped; // pairs left out because a side was empty or blank
} Pairs;

/* Reads pairs from two parallel files, or from one file of "source TAB target" lines. Pairs with an
 * empty side are counted in skipped; no pair left at all is an error. Call pairs_free. */
bool pairs_read(const char *src_path, const char *tgt_path, Pairs *pairs, Error *err);
bool pairs_read_tsv(const char *path, Pairs *pairs, Error *err);
void pairs_free(Pairs *pairs);

#endif
