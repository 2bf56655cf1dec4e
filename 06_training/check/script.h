/* script.h - in which writing a text is: Latin letters, Cyrillic, Han characters and so on. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "common/files/lines.h"

typedef enum {
    SCRIPT_NONE, // no letters
    SCRIPT_OTHER,
    SCRIPT_LATIN,
    SCRIPT_GREEK,
    SCRIPT_CYRILLIC,
    SCRIPT_ARMENIAN,
    SCRIPT_HEBREW,
    SCRIPT_ARABIC,
    SCRIPT_DEVANAGARI,
    SCRIPT_BENGALI,
    SCRIPT_TAMIL,
    SCRIPT_TELUGU,
    SCRIPT_THAI,
    SCRIPT_GEORGIAN,
    SCRIPT_HANGUL,
    SCRIPT_ETHIOPIC,
    SCRIPT_KHMER,
    SCRIPT_BURMESE,
    SCRIPT_KANA,
    SCRIPT_HAN,
    SCRIPT_COUNT
} Script;

/* The script of most letters of a NUL-terminated line; SCRIPT_NONE if it has no letters. Japanese
 * mixes three: kana among Han characters are enough to make it kana. */
Script script_of(const char *line);

const char *script_name(Script script);

/* The script of most lines. *others <- the lines in another one, *first <- the first of them,
 * counted from 1. Lines without letters are in none. */
Script script_of_most(const Lines *lines, size_t *others, size_t *first);

#endif
