#include "06_training/check/stray_characters.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <utf8proc.h>

#include "06_training/check/writing_check.h"
#include "common/files/utf8.h"

/* ---- Which they are -------------------------------------------------------------------------- */

typedef enum { SHAPELESS, SPACE, DIRECTION, CONTROL } Kind;

/* Other ones without a shape are needed: Persian and emoji have U+200C and U+200D within words,
 * French no-break spaces before marks. Tabs are white space, and line ends are no longer there. */
typedef struct {
    uint32_t first, last;
    Kind kind;
    const char *name;
} Stray;

static const Stray STRAYS[] = {
    {0x0001, 0x0007, CONTROL, "control character"},
    {0x0008, 0x0008, CONTROL, "backspace"},
    {0x000b, 0x000b, CONTROL, "vertical tab"},
    {0x000c, 0x000c, CONTROL, "form feed"},
    {0x000d, 0x000d, CONTROL, "carriage return"},
    {0x000e, 0x001a, CONTROL, "control character"},
    {0x001b, 0x001b, CONTROL, "escape"},
    {0x001c, 0x001f, CONTROL, "control character"},
    {0x007f, 0x007f, CONTROL, "delete"},
    {0x0080, 0x009f, CONTROL, "control character of Latin-1"},
    {0x00ad, 0x00ad, SHAPELESS, "soft hyphen"},
    {0x200b, 0x200b, SPACE, "zero-width space"},
    {0x200e, 0x200e, DIRECTION, "left-to-right mark"},
    {0x200f, 0x200f, DIRECTION, "right-to-left mark"},
    {0x202a, 0x202e, DIRECTION, "direction of what follows"},
    {0x2060, 0x2060, SHAPELESS, "word joiner"},
    {0x2066, 0x2069, DIRECTION, "direction of what follows"},
    {0xfeff, 0xfeff, SHAPELESS, "byte order mark"},
};

/* NULL: it is none of them. */
static const Stray *stray_of(uint32_t c) {
    if (c >= ' ' && c <= '~') return NULL; // most of most texts
    for (size_t i = 0; i < sizeof STRAYS / sizeof *STRAYS; i++)
        if (c >= STRAYS[i].first && c <= STRAYS[i].last) return &STRAYS[i];
    return NULL;
}

/* SCRIPT_OTHER is some of each: Syriac goes from right to left, Lao has no spaces. */
static bool goes_from_right_to_left(Script script) {
    return script == SCRIPT_HEBREW || script == SCRIPT_ARABIC || script == SCRIPT_OTHER;
}

/* Chinese has no spaces either, but nothing in their place. */
static bool has_unseen_spaces(Script script) {
    return script == SCRIPT_THAI || script == SCRIPT_KHMER || script == SCRIPT_BURMESE ||
           script == SCRIPT_KANA || script == SCRIPT_OTHER;
}

static bool belongs_there(Kind kind, Script script) {
    return (kind == SPACE && has_unseen_spaces(script)) ||
           (kind == DIRECTION && goes_from_right_to_left(script));
}

static uint32_t find(const char *line, Script script, bool controls) {
    const size_t bytes = strlen(line);
    size_t length;
    uint32_t c;
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length) {
        const Stray *stray = stray_of(c);
        if (stray && (stray->kind == CONTROL) == controls && !belongs_there(stray->kind, script))
            return c;
    }
    return 0;
}

uint32_t stray_characters_invisible(const char *line, Script script) {
    return find(line, script, false);
}

uint32_t stray_characters_control(const char *line, Script script) {
    return find(line, script, true);
}

/* ---- Question marks within words ------------------------------------------------------------- */

static bool is_letter(uint32_t c) {
    const utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
    return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
}

static bool is_capital(uint32_t c) {
    return utf8proc_category((utf8proc_int32_t)c) == UTF8PROC_CATEGORY_LU;
}

/* Several are one letter of several bytes. With a capital after small letters a space was left out
 * ("Really?Yes"), and after a slash a web address asks ("/search?q="). */
uint32_t stray_characters_question(const char *line, Script script) {
    if (has_unseen_spaces(script) || script == SCRIPT_HAN) return 0;
    const size_t bytes = strlen(line);
    size_t length;
    uint32_t c, before = 0; // what was before the question marks
    bool questions = false, slash = false;
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length) {
        if (c == '?') {
            questions = true;
            continue;
        }
        if (questions && !slash && is_letter(before) && is_letter(c) &&
            (is_capital(before) || !is_capital(c)))
            return '?';
        slash = c == '/' || (slash && !utf8_is_space(c));
        questions = false;
        before = c;
    }
    return 0;
}

/* ---- All ------------------------------------------------------------------------------------- */

/* One side's lines with a character of a kind. */
typedef struct {
    size_t count, first; // first: its place
    uint32_t character;  // the first one's
} Found;

typedef uint32_t Find(const char *line, Script script);

/* What was decoded twice has some of them in place of letters, which to take out would be wrong:
 * writing_check speaks of those lines. */
static Found count_lines(const Lines *lines, Script script, Find *first_in) {
    Found found = {0, 0, 0};
    for (size_t i = 0; i < lines->count; i++) {
        const uint32_t c = first_in(lines->line[i], script);
        if (!c || writing_is_decoded_twice(lines->line[i])) continue;
        if (found.count++ == 0) found.first = i, found.character = c;
    }
    return found;
}

/* Says it if there are some, and at least that share of a side. The first is that of the side with
 * more: a single one of the other may be as it should be. */
static void say(const Pairs *train, const Found of[2], double share, const char *what,
                const char *advice, Checklist *list) {
    const size_t all = train->src.count;
    const bool in_target = of[1].count > of[0].count;
    const Found *most = &of[in_target];
    if (most->count == 0 || checklist_share(most->count, all) < share) return;
    const Stray *stray = stray_of(most->character);
    char name[64] = "";
    if (stray) snprintf(name, sizeof name, ": U+%04X, %s", (unsigned)most->character, stray->name);
    checklist_say(list, CHECKLIST_LOOK, advice,
                  "%s: source %zu (%.1f %%), target %zu (%.1f %%), the first is line %zu of the "
                  "%s%s",
                  what, of[0].count, checklist_percent(of[0].count, all), of[1].count,
                  checklist_percent(of[1].count, all), pairs_line(train, most->first),
                  in_target ? "target" : "source", name);
}

/* All of them are said only where there are such lines. */
void stray_characters_check(const Pairs *train, Checklist *list) {
    static const struct {
        Find *first_in;
        double share; // from which on one should look
        const char *what, *advice;
    } kinds[] = {
        {stray_characters_invisible, 0, "invisible characters",
         "Nobody sees them, and to a model a word with one is another word: take them out on both "
         "sides, and of what is translated later. U+FEFF is where a file was put behind another "
         "one."},
        {stray_characters_control, 0, "control characters",
         "No sentence has them, and they are learned as if they were letters: take them out. "
         "U+000D is half of a Windows line end; U+0080 to U+009F are dashes and quotation marks of "
         "a "
         "Windows encoding (CP1252) that was read as Latin-1: make those lines anew."},
        {stray_characters_question, 0.01, "question marks within words (h?llo)",
         "The text went through an encoding that did not have all of its letters, and these are "
         "lost. Make the lines anew from what they were before."},
    };
    size_t ignored;
    const Script src = script_of_most(&train->src, &ignored, &ignored);
    const Script tgt = script_of_most(&train->tgt, &ignored, &ignored);
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        const Found of[2] = {count_lines(&train->src, src, kinds[i].first_in),
                             count_lines(&train->tgt, tgt, kinds[i].first_in)};
        say(train, of, kinds[i].share, kinds[i].what, kinds[i].advice, list);
    }
}
