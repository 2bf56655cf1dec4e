/* stray_characters.h - characters that came into a text by accident, and that mostly nobody sees: a
 * part of `train --check`. */
#ifndef STRAY_CHARACTERS_H
#define STRAY_CHARACTERS_H

#include <stdint.h>

#include "06_training/check/checklist.h"
#include "06_training/check/script.h"
#include "common/files/pairs.h"

/* Prints a check for each of these that there is some of: characters without a shape, control
 * characters, question marks where letters were. */
void stray_characters_check(const Pairs *train, Checklist *list);

/* The first such character of a line, 0 if it has none. script is that of the text which the line
 * is from: Thai or Japanese may have U+200B between words, Hebrew or Arabic marks of direction, and
 * without spaces "?" between letters is the end of a sentence. */
uint32_t stray_characters_invisible(const char *line, Script script);
uint32_t stray_characters_control(const char *line, Script script);
uint32_t stray_characters_question(const char *line, Script script);

#endif
