#include "06_training/translator/writing_check.h"

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
                      "belong together?",
                      "numbers: in %zu of %zu pairs with digits on both sides (%.1f %%) they "
                      "differ, the first is line %zu",
                      differ, both, checklist_percent(differ, both), first);
}

/* ---- Decoded twice --------------------------------------------------------------------------- */

/* Two characters that UTF-8 becomes if it is read as Latin-1 or as Windows' CP1252 and written
 * again: the lead byte of an accented letter, of a Cyrillic one, of a quotation mark or of a sign,
 * with a byte that continues it. Some of them are letters, but hardly ever before such a sign. */
static bool is_remnant(uint32_t c, uint32_t next) {
    switch (c) {
    case 0xc3: // Ã
        return (next >= 0x80 && next <= 0xbf) || next == 0x153 ||
               next == 0x178; // ¼ of ü, œ, Ÿ of ß
    case 0xd0:                // Ð
    case 0xd1:                // Ñ
        return next >= 0x80 && next <= 0xbf;
    case 0xc2: // Â
        return next >= 0xa0 && next <= 0xbf;
    case 0xe2: // â
        return next == 0x20ac || next == 0x80;
    default:
        return c == 0xfffd; // what somebody could not read
    }
}

bool writing_is_decoded_twice(const char *line) {
    const size_t bytes = strlen(line);
    size_t length;
    uint32_t before = 0, c;
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length) {
        if (is_remnant(before, c)) return true;
        before = c;
    }
    return is_remnant(before, 0);
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
                      "The file was decoded twice: UTF-8 was read as Latin-1 or as a Windows "
                      "encoding, and written again as UTF-8. Make it anew from what it was before; "
                      "text that is translated later will have other letters.",
                      "remnants of an encoding (Ã¼, â€™, U+FFFD): source %zu (%.1f %%), target %zu "
                      "(%.1f %%), the first is line %zu",
                      src, checklist_percent(src, all), tgt, checklist_percent(tgt, all),
                      pairs_line(train, first));
}

/* ---- Written as in validation? --------------------------------------------------------------- */

WritingStyle writing_style(const Lines *lines) {
    WritingStyle style = {0, 0, 0, 0};
    for (size_t i = 0; i < lines->count; i++) {
        const char *line = lines->line[i];
        const size_t bytes = strlen(line);
        size_t length;
        uint32_t c = 0, before = 0;
        for (size_t k = 0; (length = utf8_next(line + k, bytes - k, &c)) > 0; k += length) {
            const utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
            const bool capital = category == UTF8PROC_CATEGORY_LU;
            style.capitals += capital;
            style.cased += capital || category == UTF8PROC_CATEGORY_LL;
            if (k + length < bytes) before = c;
        }
        style.stops += c == '.';
        style.alone += c == '.' && utf8_is_space(before);
    }
    return style;
}

/* Said only where it differs. The full stop tells of tokens since no language sets it apart, as
 * French does other marks. */
static void check_style(const char *side, const Lines *train, const Lines *valid, Checklist *list) {
    enum { ENOUGH = 100 };
    static const double STOPS = 0.3, CAPITALS = 0.1;
    const WritingStyle t = writing_style(train), v = writing_style(valid);
    const double t_alone = checklist_share(t.alone, t.stops);
    const double v_alone = checklist_share(v.alone, v.stops);
    const double t_capitals = checklist_share(t.capitals, t.cased);
    const double v_capitals = checklist_share(v.capitals, v.cased);
    if (t.stops >= ENOUGH && v.stops >= ENOUGH && fabs(t_alone - v_alone) > STOPS)
        checklist_say(list, CHECKLIST_LOOK,
                      "One of them was cut into tokens, or more of it: what one translates later "
                      "has to be written as in training.",
                      "%s: of full stops at the end %.1f %% stand alone; of validation %.1f %%",
                      side, 100 * t_alone, 100 * v_alone);
    if (train->count >= ENOUGH && valid->count >= ENOUGH && t.cased >= ENOUGH &&
        v.cased >= ENOUGH && fabs(t_capitals - v_capitals) > CAPITALS)
        checklist_say(list, CHECKLIST_LOOK,
                      "One of them has lines in capitals, or none at all: what one translates "
                      "later has to be written as in training.",
                      "%s: of letters that can be capitals %.1f %% are; of validation %.1f %%",
                      side, 100 * t_capitals, 100 * v_capitals);
}

/* ---- All ------------------------------------------------------------------------------------- */

void writing_check(const Pairs *train, const Pairs *valid, Checklist *list) {
    check_signs(train, list);
    check_markup(train, list);
    check_encoding(train, list);
    check_numbers(train, list);
    check_style("source", &train->src, &valid->src, list);
    check_style("target", &train->tgt, &valid->tgt, list);
}
