/* writing_check.h - what single lines of a text have in them that a training should not read: a
 * part of `train --check`. */
#ifndef WRITING_CHECK_H
#define WRITING_CHECK_H

#include "06_training/translator/checklist.h"
#include "common/files/pairs.h"

/* Prints a check for each of these that there is some of: lines without words, markup, a wrong
 * encoding, numbers that differ between the sides, and a side that is not written as in validation
 * (cut into tokens, in capitals). */
void writing_check(const Pairs *train, const Pairs *valid, Checklist *list);

/* Of some lines: how many end with a full stop, and with one that stands alone; how many letters
 * there are of either case, and how many capitals. */
typedef struct {
    size_t stops, alone, cased, capitals;
} WritingStyle;
WritingStyle writing_style(const Lines *lines);

/* Whether a line shows that UTF-8 was taken for another encoding: "grÃ¼n", "donâ€™t", U+FFFD. */
bool writing_is_decoded_twice(const char *line);

#endif
