/* writing_check.h - what single lines of a text have in them that a training should not read: a
 * part of `train --check`. */
#ifndef WRITING_CHECK_H
#define WRITING_CHECK_H

#include "06_training/check/checklist.h"
#include "common/files/pairs.h"

/* Prints a check for each of these that there is some of: lines without words, markup, a wrong
 * encoding, lost letters, numbers that differ between the sides, and a side that is not written as
 * in validation (cut into tokens, in capitals, in lower case). */
void writing_check(const Pairs *train, const Pairs *valid, Checklist *list);

/* Of some lines: how many end with a full stop, and with one that stands alone; how many have some
 * letters that there are in two cases, and of those how many have hardly any but capitals, and how
 * many none. */
typedef struct {
    size_t stops, alone, sentences, shouted, low;
} WritingStyle;
WritingStyle writing_style(const Lines *lines);

/* Whether a line shows that UTF-8 was taken for another encoding: "grÃ¼n", "donâ€™t". */
bool writing_is_decoded_twice(const char *line);

#endif
