#include "06_training/check/script.h"

#include <stdint.h>
#include <string.h>

#include <utf8proc.h>

#include "common/files/utf8.h"

/* Unicode keeps the letters of a script together, in a few blocks. Those that are not here are
 * SCRIPT_OTHER. */
static const struct {
    uint32_t first, last;
    Script script;
} BLOCKS[] = {
    {0x0041, 0x02af, SCRIPT_LATIN},    {0x0370, 0x03ff, SCRIPT_GREEK},
    {0x0400, 0x052f, SCRIPT_CYRILLIC}, {0x0530, 0x058f, SCRIPT_ARMENIAN},
    {0x0590, 0x05ff, SCRIPT_HEBREW},   {0x0600, 0x077f, SCRIPT_ARABIC},
    {0x08a0, 0x08ff, SCRIPT_ARABIC},   {0x0900, 0x097f, SCRIPT_DEVANAGARI},
    {0x0980, 0x09ff, SCRIPT_BENGALI},  {0x0b80, 0x0bff, SCRIPT_TAMIL},
    {0x0c00, 0x0c7f, SCRIPT_TELUGU},   {0x0e00, 0x0e7f, SCRIPT_THAI},
    {0x1000, 0x109f, SCRIPT_BURMESE},  {0x10a0, 0x10ff, SCRIPT_GEORGIAN},
    {0x1100, 0x11ff, SCRIPT_HANGUL},   {0x1200, 0x139f, SCRIPT_ETHIOPIC},
    {0x1780, 0x17ff, SCRIPT_KHMER},    {0x1e00, 0x1eff, SCRIPT_LATIN},
    {0x1f00, 0x1fff, SCRIPT_GREEK},    {0x3040, 0x30ff, SCRIPT_KANA},
    {0x3400, 0x9fff, SCRIPT_HAN},      {0xac00, 0xd7af, SCRIPT_HANGUL},
    {0xf900, 0xfaff, SCRIPT_HAN},      {0xfb50, 0xfdff, SCRIPT_ARABIC},
    {0xfe70, 0xfeff, SCRIPT_ARABIC},   {0xff21, 0xff5a, SCRIPT_LATIN},
    {0xff66, 0xff9f, SCRIPT_KANA},     {0x20000, 0x3ffff, SCRIPT_HAN},
};

const char *script_name(Script script) {
    static const char *const names[SCRIPT_COUNT] = {
        [SCRIPT_NONE] = "none",
        [SCRIPT_OTHER] = "another",
        [SCRIPT_LATIN] = "Latin",
        [SCRIPT_GREEK] = "Greek",
        [SCRIPT_CYRILLIC] = "Cyrillic",
        [SCRIPT_ARMENIAN] = "Armenian",
        [SCRIPT_HEBREW] = "Hebrew",
        [SCRIPT_ARABIC] = "Arabic",
        [SCRIPT_DEVANAGARI] = "Devanagari",
        [SCRIPT_BENGALI] = "Bengali",
        [SCRIPT_TAMIL] = "Tamil",
        [SCRIPT_TELUGU] = "Telugu",
        [SCRIPT_THAI] = "Thai",
        [SCRIPT_GEORGIAN] = "Georgian",
        [SCRIPT_HANGUL] = "Hangul",
        [SCRIPT_ETHIOPIC] = "Ethiopic",
        [SCRIPT_KHMER] = "Khmer",
        [SCRIPT_BURMESE] = "Burmese",
        [SCRIPT_KANA] = "kana",
        [SCRIPT_HAN] = "Han",
    };
    return names[script];
}

static Script script_of_letter(uint32_t c) {
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
        break;
    default:
        return SCRIPT_NONE;
    }
    for (size_t i = 0; i < sizeof BLOCKS / sizeof *BLOCKS; i++)
        if (c >= BLOCKS[i].first && c <= BLOCKS[i].last) return BLOCKS[i].script;
    return SCRIPT_OTHER;
}

/* The largest of count; of equal ones the first. */
static Script most(const size_t count[SCRIPT_COUNT]) {
    Script best = SCRIPT_NONE;
    for (Script i = SCRIPT_OTHER; i < SCRIPT_COUNT; i++)
        if (count[i] > (best == SCRIPT_NONE ? 0 : count[best])) best = i;
    return best;
}

Script script_of(const char *line) {
    size_t count[SCRIPT_COUNT] = {0}, length;
    const size_t bytes = strlen(line);
    uint32_t c;
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length)
        count[script_of_letter(c)]++;
    if (count[SCRIPT_KANA]) { // Japanese
        count[SCRIPT_KANA] += count[SCRIPT_HAN];
        count[SCRIPT_HAN] = 0;
    }
    return most(count);
}

Script script_of_most(const Lines *lines, size_t *others, size_t *first) {
    size_t count[SCRIPT_COUNT] = {0};
    for (size_t i = 0; i < lines->count; i++) count[script_of(lines->line[i])]++;
    const Script usual = most(count);
    *others = *first = 0;
    for (size_t i = 0; i < lines->count; i++) {
        const Script script = script_of(lines->line[i]);
        if (script == SCRIPT_NONE || script == usual) continue;
        if (++*others == 1) *first = i + 1;
    }
    return usual;
}
