#include "06_training/check/writing_check.h"

#include <math.h>
#include <string.h>

#include <utf8proc.h>

#include "06_training/translator/census.h"
#include "common/files/utf8.h"

/* From what share of the lines on one should look; and for what is in good translations, too. */
static const double SOME = 0.01, STRANGE = 0.2, HALF = 0.5;

/* Said only where there are such lines. */
static void check_signs(const Pairs *train, Checklist *list) {
    size_t signs = 0;
    const size_t all = train->src.count;
    for (size_t i = 0; i < all; i++) signs += !census_has_words(train->src.line[i]);
    if (checklist_share(signs, all) > SOME)
        checklist_say(list, CHECKLIST_LOOK,
                      "translate lets such lines be as they are: what is learned of them is not "
                      "used.",
                      "sources without a letter or a number: %zu pairs (%.1f %%)", signs,
                      checklist_percent(signs, all));
}

static bool has_markup(const char *line) {
    static const char *const remnants[] = {"</",     "<br",    "<p>",    "<div",   "<span", "<i>",
                                           "<b>",    "&nbsp;", "&quot;", "&amp;",  "&lt;",  "&gt;",
                                           "&apos;", "&#",     "http:/", "https:/"};
    for (size_t i = 0; i < sizeof remnants / sizeof *remnants; i++)
        if (strstr(line, remnants[i])) return true;
    return false;
}

/* Said only where there are such lines. */
static void check_markup(const Pairs *train, Checklist *list) {
    size_t count = 0, first = 0;
    const size_t all = train->src.count;
    for (size_t i = 0; i < all; i++)
        if ((has_markup(train->src.line[i]) || has_markup(train->tgt.line[i])) && count++ == 0)
            first = pairs_line(train, i);
    if (checklist_share(count, all) > SOME)
        checklist_say(list, CHECKLIST_LOOK,
                      "What a web page or a file of subtitles had around its text is learned as "
                      "text, and said. Take it out on both sides.",
                      "markup (</i>, &nbsp;, https://): %zu pairs (%.1f %%), the first is line %zu",
                      count, checklist_percent(count, all), first);
}

/* Said only where it is more than in good translations, which write 8 p.m. as 20 Uhr. */
static void check_numbers(const Pairs *train, Checklist *list) {
    size_t both = 0, differ = 0, first = 0;
    for (size_t i = 0; i < train->src.count; i++) {
        const CensusNumbers numbers = census_numbers(train->src.line[i], train->tgt.line[i]);
        both += numbers != CENSUS_NUMBERS_NONE;
        if (numbers == CENSUS_NUMBERS_DIFFER && differ++ == 0) first = pairs_line(train, i);
    }
    if (differ > 2 && checklist_share(differ, both) > STRANGE)
        checklist_say(list, CHECKLIST_LOOK,
                      "Translations mostly keep numbers. Look at some of these pairs: do they "
                      "belong together, or are numbers only written in another way (8 p.m., 20 "
                      "Uhr)?",
                      "numbers: in %zu of %zu pairs with digits on both sides (%.1f %%) they "
                      "differ, the first is line %zu",
                      differ, both, checklist_percent(differ, both), first);
}

/* ---- Decoded twice --------------------------------------------------------------------------- */

/* What a byte 0x80 to 0xbf, which continues a character of UTF-8, becomes: in Latin-1 the character
 * of that number, in CP1252 up to 0x9f one of these. */
static bool continues(uint32_t c) {
    static const uint16_t windows[] = {0x20ac, 0x201a, 0x192,  0x201e, 0x2026, 0x2020, 0x2021,
                                       0x2c6,  0x2030, 0x160,  0x2039, 0x152,  0x17d,  0x2018,
                                       0x2019, 0x201c, 0x201d, 0x2022, 0x2013, 0x2014, 0x2dc,
                                       0x2122, 0x161,  0x203a, 0x153,  0x17e,  0x178};
    if (c >= 0x80 && c <= 0xbf) return true;
    for (size_t i = 0; i < sizeof windows / sizeof *windows; i++)
        if (c == windows[i]) return true;
    return false;
}

/* What the first byte of a character becomes, before one or two that continue it: accented letters,
 * then Greek, Cyrillic, Hebrew and Arabic ones; signs, which mostly are right before others; and
 * all characters of three bytes. Where a no-break space comes next it is most likely typography:
 * 3 × 4, « café ». */
static bool is_remnant(uint32_t c, uint32_t next, uint32_t third) {
    switch (c) {
    case 0xc2:
        return next >= 0xa0 && next <= 0xbf;
    case 0xc3:
    case 0xc4:
    case 0xc5:
    case 0xce:
    case 0xcf:
    case 0xd0:
    case 0xd1:
        return continues(next);
    case 0xd7:
    case 0xd8:
    case 0xd9:
        return continues(next) && next != 0xa0;
    default:
        return c >= 0xe0 && c <= 0xef && continues(next) && next != 0xa0 && continues(third);
    }
}

bool writing_is_decoded_twice(const char *line) {
    const size_t bytes = strlen(line);
    size_t length;
    uint32_t first = 0, second = 0, c;
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length) {
        if (is_remnant(first, second, c)) return true;
        first = second;
        second = c;
    }
    return is_remnant(first, second, 0);
}

static size_t count_decoded_twice(const Lines *lines, size_t *first) {
    size_t count = 0;
    for (size_t i = 0; i < lines->count; i++)
        if (writing_is_decoded_twice(lines->line[i]) && count++ == 0 && i < *first) *first = i;
    return count;
}

/* Said only where there are such lines. */
static void check_encoding(const Pairs *train, Checklist *list) {
    const size_t all = train->src.count;
    size_t first = all;
    const size_t src = count_decoded_twice(&train->src, &first);
    const size_t tgt = count_decoded_twice(&train->tgt, &first);
    const double most = checklist_share(src > tgt ? src : tgt, all);
    if (most > SOME)
        checklist_say(list, checklist_small(most, SOME, HALF),
                      "These lines were decoded twice: UTF-8 was read as Latin-1 or as a Windows "
                      "encoding, and written again as UTF-8. Make them anew from what they were "
                      "before; text that is translated later will have other letters.",
                      "remnants of an encoding (Ã¼, â€™): source %zu (%.1f %%), target %zu "
                      "(%.1f %%), the first is line %zu",
                      src, checklist_percent(src, all), tgt, checklist_percent(tgt, all),
                      pairs_line(train, first));
}

/* Said only where there are such lines. */
static void check_lost(const Pairs *train, Checklist *list) {
    static const char LOST[] = "\xef\xbf\xbd"; // U+FFFD
    const size_t all = train->src.count;
    size_t count = 0, first = 0;
    for (size_t i = 0; i < all; i++)
        if ((strstr(train->src.line[i], LOST) || strstr(train->tgt.line[i], LOST)) && count++ == 0)
            first = pairs_line(train, i);
    const double share = checklist_share(count, all);
    if (share > SOME)
        checklist_say(list, checklist_small(share, SOME, HALF),
                      "Another encoding was read as UTF-8, and what was not understood is lost. "
                      "Make these lines anew from what they were before.",
                      "lost letters (U+FFFD): %zu pairs (%.1f %%), the first is line %zu", count,
                      checklist_percent(count, all), first);
}

/* ---- Written as in validation? --------------------------------------------------------------- */

/* What one line adds. */
static void add_style(WritingStyle *style, const char *line) {
    enum { SENTENCE = 5 }; // cased letters: an abbreviation tells nothing
    const size_t bytes = strlen(line);
    size_t length, cased = 0, capitals = 0;
    uint32_t c, last = 0;
    bool space = true, after_space = true; // before c; before last
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length) {
        const utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
        capitals += category == UTF8PROC_CATEGORY_LU;
        cased += category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL;
        if (!utf8_is_space(c)) last = c, after_space = space;
        space = utf8_is_space(c);
    }
    style->stops += last == '.';
    style->alone += last == '.' && after_space;
    style->sentences += cased >= SENTENCE;
    style->shouted += cased >= SENTENCE && 5 * capitals >= 4 * cased; // some tools forget accents
    style->low += cased >= SENTENCE && capitals == 0;
}

WritingStyle writing_style(const Lines *lines) {
    WritingStyle style = {0, 0, 0, 0, 0};
    for (size_t i = 0; i < lines->count; i++) add_style(&style, lines->line[i]);
    return style;
}

/* Says it if a share differs much. */
static void compare(const char *side, const char *what, const size_t some[2], const size_t of[2],
                    const char *advice, Checklist *list) {
    enum { ENOUGH = 100 };
    static const double MUCH = 0.3;
    const double train = checklist_share(some[0], of[0]), valid = checklist_share(some[1], of[1]);
    if (of[0] >= ENOUGH && of[1] >= ENOUGH && fabs(train - valid) > MUCH)
        checklist_say(list, CHECKLIST_LOOK, advice, "%s: %s %.1f %%; of validation %.1f %%", side,
                      what, 100 * train, 100 * valid);
}

/* Said only where it differs. The full stop tells of tokens since no language sets it apart, as
 * French does other marks. Capitals are told by whole lines: of letters, a title has more than a
 * long sentence, and German more than French. In a script without them few lines count. */
static void check_style(const char *side, const Lines *train, const Lines *valid, Checklist *list) {
    const WritingStyle t = writing_style(train), v = writing_style(valid);
    compare(side, "of full stops at the end there stand alone", (size_t[]){t.alone, v.alone},
            (size_t[]){t.stops, v.stops},
            "One of them was cut into tokens, or more of it: what one translates later has to be "
            "written as in training.",
            list);
    if (2 * t.sentences < train->count || 2 * v.sentences < valid->count) return;
    compare(side, "of the lines there are all in capitals", (size_t[]){t.shouted, v.shouted},
            (size_t[]){t.sentences, v.sentences},
            "What one translates later has to be written as in training.", list);
    compare(side, "of the lines there are without any capital", (size_t[]){t.low, v.low},
            (size_t[]){t.sentences, v.sentences},
            "One of them was written in lower case: what one translates later has to be written "
            "as in training.",
            list);
}

/* ---- All ------------------------------------------------------------------------------------- */

void writing_check(const Pairs *train, const Pairs *valid, Checklist *list) {
    check_signs(train, list);
    check_markup(train, list);
    check_encoding(train, list);
    check_lost(train, list);
    check_numbers(train, list);
    check_style("source", &train->src, &valid->src, list);
    check_style("target", &train->tgt, &valid->tgt, list);
}
