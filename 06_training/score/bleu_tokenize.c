/* bleu_tokenize.c - sacreBLEU defines its tokenizers as sequences of substitutions by regular
 * expressions. All of them have one of three forms, so three functions stand here for seven
 * expressions, each called with the classes of characters that the expression names.
 *
 * As with regular expressions, matches do not overlap: a character that was the end of one match
 * cannot begin the next. In ".." only the first point may be seen as a point before a non-digit.
 * The results depend on this, so every function below skips what it matched.
 */
#include "06_training/score/bleu_tokenize.h"

#include "common/error.h"
#include "common/files/utf8.h"

#include <stdlib.h>
#include <string.h>
#include <utf8proc.h>

/* Code points, and BAD_BYTE + b for a byte b >= 0x80 outside UTF-8. That range lies among the
 * surrogates, which UTF-8 cannot contain. */
typedef IntArray Text;

enum { BAD_BYTE = 0xdc00 };

typedef bool Class(int c);

/* ---- classes of characters ------------------------------------------------------------------- */

static bool is_space(int c) {
    return utf8_is_space((uint32_t)c);
}

static bool is_ascii_digit(int c) {
    return c >= '0' && c <= '9';
}

/* [^0-9]: everything else, the spaces put at both ends included. */
static bool is_no_ascii_digit(int c) {
    return !is_ascii_digit(c);
}

static bool is_point_or_comma(int c) {
    return c == '.' || c == ',';
}

static bool is_dash(int c) {
    return c == '-';
}

/* ASCII but for letters, digits and ' , - . (the space is in; setting it off changes nothing). */
static bool is_13a_symbol(int c) {
    return (c >= ' ' && c <= '&') || (c >= '(' && c <= '+') || c == '/' || (c >= ':' && c <= '@') ||
           (c >= '[' && c <= '`') || (c >= '{' && c <= '~');
}

/* The first letter of Unicode's general category (N numbers, P punctuation, S symbols), which is
 * what \p{N} and so on mean in the expressions of mteval-v14. */
static char general_category(int c) {
    return utf8proc_category_string(c)[0];
}

static bool is_number(int c) {
    return general_category(c) == 'N';
}

static bool is_no_number(int c) {
    return !is_number(c);
}

static bool is_punctuation(int c) {
    return general_category(c) == 'P';
}

static bool is_symbol(int c) {
    return general_category(c) == 'S';
}

static bool is_any(int c) {
    (void)c;
    return true;
}

/* sacreBLEU's list, slips included: two of its ranges were meant to be ideographs beyond 16 bits,
 * "\u20000" to "\u2a6d6" and "\u2f800" to "\u2fa1d", but Python reads four digits and then a 0 or a
 * 6. As strings, the characters between those are U+2001 to U+2A6D, most punctuation and symbols
 * among them, and U+2F81 to U+2FA1. */
static bool is_chinese(int c) {
    static const int RANGES[][2] = {
        {0x3400, 0x4db5}, {0x4e00, 0x9fbb}, {0xf900, 0xfa2d}, {0xfa30, 0xfa6a}, {0xfa70, 0xfad9},
        {0x2001, 0x2a6d}, {0x2f81, 0x2fa1}, {0xff00, 0xffef}, {0x2e80, 0x2eff}, {0x3000, 0x303f},
        {0x31c0, 0x31ef}, {0x2f00, 0x2fdf}, {0x2ff0, 0x2fff}, {0x3100, 0x312f}, {0x31a0, 0x31bf},
        {0xfe10, 0xfe1f}, {0xfe30, 0xfe4f}, {0x3200, 0x33ff}};
    for (size_t i = 0; i < sizeof RANGES / sizeof *RANGES; i++)
        if (c >= RANGES[i][0] && c <= RANGES[i][1]) return true;
    return false;
}

/* Thai, Lao, Tibetan, Burmese, Khmer, Japanese and Chinese. */
static bool is_written_without_spaces(int c) {
    static const int RANGES[][2] = {{0x0e00, 0x0fff},  {0x1000, 0x109f}, {0x1780, 0x17ff},
                                    {0x3040, 0x30ff},  {0x3400, 0x9fff}, {0xf900, 0xfaff},
                                    {0x20000, 0x323af}};
    for (size_t i = 0; i < sizeof RANGES / sizeof *RANGES; i++)
        if (c >= RANGES[i][0] && c <= RANGES[i][1]) return true;
    return false;
}

/* ---- lower case ------------------------------------------------------------------------------ */

/* Unicode's Cased property, as far as characters have it that are not also Case_Ignorable:
 * letters with case, and the ordinals, Roman numerals and circled or boxed letters. */
static bool is_cased(int c) {
    const utf8proc_category_t category = utf8proc_category(c);
    return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL ||
           category == UTF8PROC_CATEGORY_LT || c == 0xaa || c == 0xba ||
           (c >= 0x2160 && c <= 0x217f) || (c >= 0x24b6 && c <= 0x24e9) ||
           (c >= 0x1f130 && c <= 0x1f149) || (c >= 0x1f150 && c <= 0x1f169) ||
           (c >= 0x1f170 && c <= 0x1f189);
}

/* Unicode's Case_Ignorable property: what may stand inside a word without ending it. */
static bool is_case_ignorable(int c) {
    static const int INSIDE_WORDS[] = {'\'',   '.',    ':',    0xb7,   0x387,  0x55f,
                                       0x5f4,  0x2018, 0x2019, 0x2024, 0x2027, 0xfe13,
                                       0xfe52, 0xfe55, 0xff07, 0xff0e, 0xff1a};
    for (size_t i = 0; i < sizeof INSIDE_WORDS / sizeof *INSIDE_WORDS; i++)
        if (c == INSIDE_WORDS[i]) return true;
    switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
        return true;
    default:
        return false;
    }
}

/* Whether the capital sigma at text[at] ends a word (Unicode's Final_Sigma): a cased letter
 * stands before it and none after it, looking past what is ignorable on both sides. */
static bool sigma_is_final(const Text *text, size_t at) {
    size_t before = at, after = at + 1;
    while (before > 0 && is_case_ignorable(text->data[before - 1])) before--;
    while (after < text->count && is_case_ignorable(text->data[after])) after++;
    return before > 0 && is_cased(text->data[before - 1]) &&
           !(after < text->count && is_cased(text->data[after]));
}

/* Python's str.lower(). Only two characters need more than utf8proc's letter-by-letter mapping. */
static void lower(const Text *text, Text *lowered) {
    for (size_t i = 0; i < text->count; i++) {
        const int c = text->data[i];
        if (c == 0x130) { // I with a dot: an i, and a dot of its own above it
            int_array_push(lowered, 'i');
            int_array_push(lowered, 0x307);
        } else if (c == 0x3a3) {
            int_array_push(lowered, sigma_is_final(text, i) ? 0x3c2 : 0x3c3);
        } else {
            int_array_push(lowered, utf8proc_tolower(c));
        }
    }
}

/* ---- the three forms of substitution --------------------------------------------------------- */

/* (set) becomes " \1 ". */
static void set_off(const Text *text, Class *set, Text *result) {
    for (size_t i = 0; i < text->count; i++) {
        const bool matches = set(text->data[i]);
        if (matches) int_array_push(result, ' ');
        int_array_push(result, text->data[i]);
        if (matches) int_array_push(result, ' ');
    }
}

/* Two neighbours, as two classes in a row in an expression; a match at the last character is
 * impossible. */
static bool pair_at(const Text *text, size_t i, Class *first, Class *second) {
    return i + 1 < text->count && first(text->data[i]) && second(text->data[i + 1]);
}

/* (first)(second) becomes "\1 \2 ". */
static void set_off_second(const Text *text, Class *first, Class *second, Text *result) {
    for (size_t i = 0; i < text->count; i++) {
        int_array_push(result, text->data[i]);
        if (!pair_at(text, i, first, second)) continue;
        int_array_push(result, ' ');
        int_array_push(result, text->data[++i]);
        int_array_push(result, ' ');
    }
}

/* (first)(second) becomes " \1 \2". */
static void set_off_first(const Text *text, Class *first, Class *second, Text *result) {
    for (size_t i = 0; i < text->count; i++) {
        const bool matches = pair_at(text, i, first, second);
        if (matches) int_array_push(result, ' ');
        int_array_push(result, text->data[i]);
        if (!matches) continue;
        int_array_push(result, ' ');
        int_array_push(result, text->data[++i]);
    }
}

/* Replaces every occurrence of one ASCII string by another that is no longer, from left to right;
 * what a replacement makes is not looked at again. */
static void replace(Text *text, const char *from, const char *to) {
    const size_t from_length = strlen(from), to_length = strlen(to);
    size_t kept = 0;
    for (size_t i = 0; i < text->count;) {
        size_t same = 0;
        while (same < from_length && i + same < text->count && text->data[i + same] == from[same])
            same++;
        if (same < from_length) {
            text->data[kept++] = text->data[i++];
            continue;
        }
        for (size_t j = 0; j < to_length; j++) text->data[kept++] = to[j];
        i += from_length;
    }
    text->count = kept;
}

/* ---- the tokenizers -------------------------------------------------------------------------- */

/* Makes result the text to go on with, and the old text an empty array to write the next one to. */
static void advance(Text *text, Text *result) {
    const Text old = *text;
    *text = *result;
    *result = old;
    result->count = 0;
}

/* Four expressions in this order. The point inside "5.50" stays, that of "5." is set off. */
static void set_off_marks(Text *text, Text *result) {
    set_off(text, is_13a_symbol, result);
    advance(text, result);
    set_off_second(text, is_no_ascii_digit, is_point_or_comma, result);
    advance(text, result);
    set_off_first(text, is_point_or_comma, is_no_ascii_digit, result);
    advance(text, result);
    set_off_second(text, is_ascii_digit, is_dash, result);
    advance(text, result);
}

/* mteval-v13a.pl, as sacreBLEU's tokenizer_13a has it: first the marks of old test sets and HTML's
 * entities, then the expressions. */
static void tokenize_13a(Text *text, Text *result) {
    replace(text, "<skipped>", "");
    replace(text, "-\n", "");
    replace(text, "\n", " ");
    replace(text, "&quot;", "\"");
    replace(text, "&amp;", "&");
    replace(text, "&lt;", "<");
    replace(text, "&gt;", ">");
    // A space at each end, so that a point there has a neighbour that is no digit.
    int_array_push(result, ' ');
    for (size_t i = 0; i < text->count; i++) int_array_push(result, text->data[i]);
    int_array_push(result, ' ');
    advance(text, result);
    set_off_marks(text, result);
}

/* Neither entities nor spaces at the ends here: that is how sacreBLEU calls the expressions. */
static void tokenize_zh(Text *text, Text *result) {
    set_off(text, is_chinese, result);
    advance(text, result);
    set_off_marks(text, result);
}

static void tokenize_char(Text *text, Text *result) {
    set_off(text, is_any, result);
    advance(text, result);
}

/* No spaces are added at the ends here, so a point after a number at the end of the line stays
 * with the number: mteval-v14 does that, and scores have to be comparable with its. */
static void tokenize_intl(Text *text, Text *result) {
    set_off_second(text, is_no_number, is_punctuation, result);
    advance(text, result);
    set_off_first(text, is_punctuation, is_no_number, result);
    advance(text, result);
    set_off(text, is_symbol, result);
    advance(text, result);
}

/* ---- bytes to code points and back ----------------------------------------------------------- */

/* Bytes that are no UTF-8 are kept as they are, so that two different broken lines do not count as
 * equal. */
static void decode(const char *line, Text *text) {
    const size_t bytes = strlen(line);
    for (size_t i = 0; i < bytes;) {
        uint32_t c = BAD_BYTE + (unsigned char)line[i];
        const size_t length = utf8_decode(line + i, bytes - i, &c);
        int_array_push(text, (int)c);
        i += length ? length : 1;
    }
}

/* A bad byte goes out as the byte that it was. */
static void encode(int c, ByteArray *bytes) {
    utf8proc_uint8_t encoded[4] = {(utf8proc_uint8_t)(c - BAD_BYTE)};
    const bool bad = c >= BAD_BYTE && c < BAD_BYTE + 0x100;
    const utf8proc_ssize_t length = bad ? 1 : utf8proc_encode_char(c, encoded);
    byte_array_append(bytes, encoded, (size_t)length);
}

static const char *const NAMES[] = {[BLEU_13A] = "13a",
                                    [BLEU_INTL] = "intl",
                                    [BLEU_ZH] = "zh",
                                    [BLEU_CHAR] = "char",
                                    [BLEU_NONE] = "none"};

const char *bleu_tokenizer_name(BleuTokenizer tokenizer) {
    return NAMES[tokenizer];
}

BleuTokenizer bleu_tokenizer_named(const char *name) {
    BleuTokenizer tokenizer = BLEU_13A;
    while (tokenizer < BLEU_NONE && strcmp(NAMES[tokenizer], name) != 0) tokenizer++;
    REQUIRE(strcmp(NAMES[tokenizer], name) == 0, "no tokenizer %s", name);
    return tokenizer;
}

static size_t words_of(const Text *text) {
    size_t words = 0;
    for (size_t k = 0; k < text->count; k++)
        words += !is_space(text->data[k]) && (k == 0 || is_space(text->data[k - 1]));
    return words;
}

/* Letters of both kinds are counted: a few names in Latin letters do not matter. */
BleuTokenizer bleu_tokenizer_for(const char *const *lines, size_t count) {
    size_t letters = 0, without = 0, filled = 0, long_enough = 0;
    for (size_t i = 0; i < count; i++) {
        Text text = {0};
        decode(lines[i], &text);
        const size_t words = words_of(&text);
        filled += words > 0;
        long_enough += words >= 4;
        for (size_t k = 0; k < text.count; k++) {
            letters += general_category(text.data[k]) == 'L';
            without += is_written_without_spaces(text.data[k]);
        }
        free(text.data);
    }
    return 2 * without > letters || (filled >= 20 && 20 * long_enough < filled) ? BLEU_CHAR
                                                                                : BLEU_13A;
}

void bleu_tokenize(const char *line, BleuTokenizer tokenizer, bool lowercase, ByteArray *tokens) {
    Text text = {0}, result = {0};
    decode(line, &text);
    if (lowercase) {
        lower(&text, &result);
        advance(&text, &result);
    }
    // sacreBLEU strips a line on its right before tokenizing; on the left the splitting below does
    // it.
    while (text.count > 0 && is_space(text.data[text.count - 1])) text.count--;
    if (tokenizer == BLEU_13A) tokenize_13a(&text, &result);
    if (tokenizer == BLEU_INTL) tokenize_intl(&text, &result);
    if (tokenizer == BLEU_ZH) tokenize_zh(&text, &result);
    if (tokenizer == BLEU_CHAR) tokenize_char(&text, &result);

    tokens->count = 0;
    byte_array_append(tokens, "", 0); // an empty line is an empty string, not NULL
    for (size_t i = 0; i < text.count; i++) {
        if (is_space(text.data[i])) continue;
        if (tokens->count > 0 && is_space(text.data[i - 1])) byte_array_append(tokens, " ", 1);
        encode(text.data[i], tokens);
    }
    free(text.data);
    free(result.data);
}
