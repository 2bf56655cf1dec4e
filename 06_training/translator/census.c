#include "06_training/translator/census.h"

#include <stdlib.h>
#include <string.h>

#include <utf8proc.h>

#include "01_embeddings/interner.h"
#include "common/arena.h"
#include "common/files/utf8.h"

enum { CODE_POINTS = 0x110000 };

/* times (CODE_POINTS) counts up to 2. */
static void count_line(const char *line, CensusText *text, unsigned char *times) {
    const size_t bytes = strlen(line);
    size_t length;
    uint32_t c;
    bool in_word = false;
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length) {
        const bool space = utf8_is_space(c);
        if (!space && !in_word) text->words++;
        in_word = !space;
        if (space) continue;
        text->characters++;
        if (times && c >= 128 && times[c] < 2 && ++times[c] == 2) text->distinct++;
    }
}

CensusText census_text(const Pairs *pairs) {
    CensusText text = {0};
    unsigned char *times = memory_calloc(CODE_POINTS);
    for (size_t i = 0; i < pairs->src.count; i++) {
        count_line(pairs->src.line[i], &text, times);
        count_line(pairs->tgt.line[i], &text, times);
    }
    free(times);
    return text;
}

static void see(CensusCharacters *seen, const char *line) {
    const size_t bytes = strlen(line);
    size_t length;
    uint32_t c;
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length)
        seen->has[c] = true;
}

CensusCharacters *census_characters(const Pairs *pairs) {
    CensusCharacters *seen = memory_calloc(sizeof *seen);
    for (size_t i = 0; i < pairs->src.count; i++) {
        see(seen, pairs->src.line[i]);
        see(seen, pairs->tgt.line[i]);
    }
    return seen;
}

bool census_is_new(const CensusCharacters *seen, const char *line) {
    const size_t bytes = strlen(line);
    size_t length;
    uint32_t c;
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length)
        if (!seen->has[c] && !utf8_is_space(c)) return true;
    return false;
}

bool census_has_words(const char *line) {
    const size_t bytes = strlen(line);
    size_t length;
    uint32_t c;
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length) {
        const utf8proc_category_t category = utf8proc_category((utf8proc_int32_t)c);
        if (category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO) return true;
        if (category >= UTF8PROC_CATEGORY_ND && category <= UTF8PROC_CATEGORY_NO) return true;
    }
    return false;
}

/* The value of a decimal digit, -1 if it is none. Unicode has every script's ten in a row. */
static int digit_value(uint32_t c) {
    if (utf8proc_category((utf8proc_int32_t)c) != UTF8PROC_CATEGORY_ND) return -1;
    uint32_t zero = c;
    while (utf8proc_category((utf8proc_int32_t)zero - 1) == UTF8PROC_CATEGORY_ND) zero--;
    return (int)((c - zero) % 10); // % 10: the mathematical alphabets are five times ten
}

/* Whether three digits are next, and no fourth. */
static bool three_digits(const char *text, size_t bytes) {
    size_t at = 0, length;
    uint32_t c;
    int digits = 0;
    for (; (length = utf8_next(text + at, bytes - at, &c)) > 0 && digit_value(c) >= 0; at += length)
        digits++;
    return digits == 3;
}

/* What languages put between thousands. */
static bool is_separator(uint32_t c) {
    return c == ',' || c == '.' || c == '\'' || c == 0x2019 || c == ' ' || c == 0xa0 || c == 0x202f;
}

/* How many numbers a line has. *sum <- what is the same for the same numbers in any order, with
 * leading zeros and without, and however thousands are set apart. */
static size_t add_numbers(const char *line, uint64_t *sum) {
    const size_t bytes = strlen(line);
    size_t length, numbers = 0;
    uint32_t c;
    uint64_t number = 0; // 1 before its first digit that is not 0; 0: not within a number
    int digits = 0;      // of a number since it began or was cut
    *sum = 0;
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length) {
        const int digit = digit_value(c);
        if (digit < 0) {
            const bool goes_on = number && digits <= 3 && is_separator(c) &&
                                 three_digits(line + i + length, bytes - i - length);
            digits = 0;
            if (goes_on) continue;
            *sum += number * number * number;
            number = 0;
            continue;
        }
        digits++;
        numbers += number == 0;
        if (number == 0) number = 1;
        if (number > 1 || digit > 0) number = number * 11 + (uint64_t)digit;
    }
    *sum += number * number * number;
    return numbers;
}

CensusNumbers census_numbers(const char *src, const char *tgt) {
    uint64_t src_sum, tgt_sum;
    const size_t src_count = add_numbers(src, &src_sum), tgt_count = add_numbers(tgt, &tgt_sum);
    if (!src_count || !tgt_count) return CENSUS_NUMBERS_NONE;
    return src_count == tgt_count && src_sum == tgt_sum ? CENSUS_NUMBERS_SAME
                                                        : CENSUS_NUMBERS_DIFFER;
}

size_t census_words(const char *line) {
    CensusText text = {0};
    count_line(line, &text, NULL);
    return text.words;
}

CensusMost census_most(const Lines *lines) {
    CensusMost most = {0, 0};
    Interner known = {0};
    CensusMost *all = memory_calloc(lines->count * sizeof *all); // by number
    for (size_t i = 0; i < lines->count; i++) {
        const size_t before = known.count;
        CensusMost *line = &all[interner_add(&known, lines->line[i], strlen(lines->line[i]))];
        if (known.count > before) line->place = i;
        if (++line->times > most.times) most = *line;
    }
    interner_free(&known);
    free(all);
    return most;
}

/* Both sides as one key; the NUL between them is in no line. */
static void make_key(const Pairs *pairs, size_t i, ByteArray *key) {
    key->count = 0;
    byte_array_append(key, pairs->src.line[i], strlen(pairs->src.line[i]) + 1);
    byte_array_append(key, pairs->tgt.line[i], strlen(pairs->tgt.line[i]));
}

/* What a character is without regard to capitals. */
static void append_folded(ByteArray *key, uint32_t c) {
    enum { LONGEST = 8 }; // code points that one may become; it is three at most
    utf8proc_int32_t folded[LONGEST];
    utf8proc_uint8_t bytes[4];
    int boundclass = 0;
    const utf8proc_ssize_t count = utf8proc_decompose_char((utf8proc_int32_t)c, folded, LONGEST,
                                                           UTF8PROC_CASEFOLD, &boundclass);
    for (utf8proc_ssize_t i = 0; i < count && i < LONGEST; i++)
        byte_array_append(key, bytes, (size_t)utf8proc_encode_char(folded[i], bytes));
}

/* A line without regard to capitals and to how much space is between words. */
static void append_words(ByteArray *key, const char *line) {
    const size_t bytes = strlen(line), begin = key->count;
    size_t length;
    uint32_t c;
    bool space = false;
    for (size_t i = 0; (length = utf8_next(line + i, bytes - i, &c)) > 0; i += length) {
        if (space && !utf8_is_space(c) && key->count > begin) byte_array_append(key, " ", 1);
        space = utf8_is_space(c);
        if (!space) append_folded(key, c);
    }
}

/* The words of both sides as one key; returns how much of it is the source's. */
static size_t make_words_key(const Pairs *pairs, size_t i, ByteArray *key) {
    key->count = 0;
    append_words(key, pairs->src.line[i]);
    const size_t source = key->count;
    byte_array_append(key, "", 1); // NUL, which is in no line
    append_words(key, pairs->tgt.line[i]);
    return source;
}

/* Only the keys of validation are kept, of pairs and of sources: they are fewer. */
static void add_seen(const Pairs *train, const Pairs *valid, Census *census) {
    Interner known = {0};
    ByteArray key = {0};
    for (size_t i = 0; i < valid->src.count; i++) {
        const size_t source = make_words_key(valid, i, &key);
        interner_add(&known, key.data, key.count);
        interner_add(&known, key.data, source);
    }
    bool *seen = memory_calloc((known.count + 1) * sizeof *seen); // the last: of -1, not known
    for (size_t i = 0; i < train->src.count; i++) {
        const size_t source = make_words_key(train, i, &key);
        const int pair = interner_find(&known, key.data, key.count);
        const int src = interner_find(&known, key.data, source);
        seen[pair < 0 ? known.count : (size_t)pair] = true;
        seen[src < 0 ? known.count : (size_t)src] = true;
    }
    for (size_t i = 0; i < valid->src.count; i++) {
        const size_t source = make_words_key(valid, i, &key);
        census->seen += seen[interner_find(&known, key.data, key.count)];
        census->seen_src += seen[interner_find(&known, key.data, source)];
    }
    free(seen);
    free(key.data);
    interner_free(&known);
}

/* Some passes over hashes: a million pairs take seconds. */
Census census_of(const Pairs *train, const Pairs *valid) {
    Census census = {0};
    Interner pairs = {0};
    ByteArray key = {0};
    for (size_t i = 0; i < train->src.count; i++) {
        census.equal += strcmp(train->src.line[i], train->tgt.line[i]) == 0;
        make_key(train, i, &key);
        const size_t known = pairs.count;
        interner_add(&pairs, key.data, key.count);
        census.repeated += pairs.count == known;
    }
    for (size_t i = 0; i < valid->src.count; i++)
        census.equal_valid += strcmp(valid->src.line[i], valid->tgt.line[i]) == 0;
    free(key.data);
    interner_free(&pairs);
    add_seen(train, valid, &census);
    return census;
}
