#include "06_training/lab/kannada.h"

#include "common/files/utf8.h"

typedef struct {
    const char *latin, *letter, *sign; // of a vowel: at the beginning, and after a consonant
} Sound;

/* Of two that begin alike the longer comes first. */
static const Sound vowels[] = {{"aa", "ಆ", "ಾ"}, {"ai", "ಐ", "ೈ"}, {"au", "ಔ", "ೌ"},
                               {"a", "ಅ", ""},   {"ii", "ಈ", "ೀ"}, {"i", "ಇ", "ಿ"},
                               {"uu", "ಊ", "ೂ"}, {"u", "ಉ", "ು"},  {"ee", "ಏ", "ೇ"},
                               {"e", "ಎ", "ೆ"},   {"oo", "ಓ", "ೋ"}, {"o", "ಒ", "ೊ"}};
static const Sound consonants[] = {
    {"kh", "ಖ", 0}, {"k", "ಕ", 0}, {"gh", "ಘ", 0}, {"g", "ಗ", 0},  {"c", "ಚ", 0},  {"j", "ಜ", 0},
    {"T", "ಟ", 0},  {"D", "ಡ", 0}, {"N", "ಣ", 0},  {"th", "ಥ", 0}, {"t", "ತ", 0},  {"dh", "ಧ", 0},
    {"d", "ದ", 0},  {"n", "ನ", 0}, {"ph", "ಫ", 0}, {"p", "ಪ", 0},  {"bh", "ಭ", 0}, {"b", "ಬ", 0},
    {"m", "ಮ", 0},  {"y", "ಯ", 0}, {"r", "ರ", 0},  {"l", "ಲ", 0},  {"v", "ವ", 0},  {"s", "ಸ", 0},
    {"h", "ಹ", 0},  {"L", "ಳ", 0}};
static const char VIRAMA[] = "್";
enum {
    VOWELS = sizeof vowels / sizeof *vowels,
    CONSONANTS = sizeof consonants / sizeof *consonants
};

static const Sound *find(const Sound *sounds, int count, const char *latin) {
    for (int i = 0; i < count; i++)
        if (strncmp(sounds[i].latin, latin, strlen(sounds[i].latin)) == 0) return &sounds[i];
    return NULL;
}

static void append(char *text, const char *more) {
    const size_t length = strlen(text), bytes = strlen(more);
    REQUIRE(length + bytes < KANNADA_BYTES, "more than %d bytes", KANNADA_BYTES);
    memcpy(text + length, more, bytes + 1);
}

void kannada_write(char kannada[KANNADA_BYTES], const char *latin) {
    bool open = false; // a consonant that has no vowel yet
    kannada[0] = '\0';
    while (*latin) {
        const Sound *vowel = find(vowels, VOWELS, latin);
        const Sound *consonant = find(consonants, CONSONANTS, latin);
        if (vowel) {
            append(kannada, open ? vowel->sign : vowel->letter);
        } else {
            if (open) append(kannada, VIRAMA);
            const char mark[2] = {*latin};
            REQUIRE(consonant || strchr(" ,?", *latin), "no sound here: \"%s\"", latin);
            append(kannada, consonant ? consonant->letter : mark);
        }
        open = consonant != NULL;
        latin += vowel ? strlen(vowel->latin) : consonant ? strlen(consonant->latin) : 1;
    }
    if (open) append(kannada, VIRAMA);
}

/* Syllables: a consonant, one in six times said twice as in "ivattu", and a vowel. One word in
 * five begins with a vowel. */
static void draw_word(char *latin, Random *random) {
    const int syllables = 2 + (int)random_below(random, 3);
    if (random_below(random, 5) == 0) append(latin, vowels[random_below(random, VOWELS)].latin);
    for (int i = 0; i < syllables; i++) {
        const char *consonant = consonants[random_below(random, CONSONANTS)].latin;
        append(latin, consonant);
        if (!consonant[1] && consonant[0] != 'h' && random_below(random, 6) == 0)
            append(latin, consonant);
        append(latin, vowels[random_below(random, VOWELS)].latin);
    }
}

void kannada_draw(char latin[KANNADA_BYTES], int words, Random *random) {
    latin[0] = '\0';
    for (int i = 0; i < words; i++) {
        if (i > 0) append(latin, random_below(random, 4) == 0 ? ", " : " ");
        draw_word(latin, random);
    }
    if (random_below(random, 4) == 0) append(latin, "?");
}

/* ---- Characters ------------------------------------------------------------------------------ */

/* Latin ids are those of ASCII from the space on; the script's are its marks and then its block of
 * Unicode, U+0C80 to U+0CFF. */
enum { FIRST_LATIN = ' ', LATIN = 'z' - FIRST_LATIN + 1, BLOCK = 0xC80, SCRIPT = 0x80 };
static const char marks[] = " ,?";
enum { MARKS = sizeof marks - 1 };

int kannada_latin_vocabulary(void) {
    return TOKEN_TEXT + LATIN;
}

int kannada_script_vocabulary(void) {
    return TOKEN_TEXT + MARKS + SCRIPT;
}

SentencePair kannada_pair(const char *latin) {
    SentencePair pair = {.src_length = 0};
    char kannada[KANNADA_BYTES];
    kannada_write(kannada, latin);
    for (const char *c = latin; *c; c++) {
        REQUIRE(pair.src_length < TEACHER_LENGTH - 1, "too long: \"%s\"", latin);
        pair.src[pair.src_length++] = TOKEN_TEXT + *c - FIRST_LATIN;
    }
    const size_t bytes = strlen(kannada);
    for (size_t at = 0; at < bytes;) {
        uint32_t c;
        REQUIRE(pair.tgt_length < TEACHER_LENGTH - 1, "too long: \"%s\"", latin);
        at += utf8_next(kannada + at, bytes - at, &c);
        pair.tgt[pair.tgt_length++] = TOKEN_TEXT + (c < BLOCK ? (int)(strchr(marks, (int)c) - marks)
                                                              : MARKS + (int)c - BLOCK);
    }
    return pair;
}

const char *kannada_text(const int *ids, int length, char text[KANNADA_BYTES]) {
    text[0] = '\0';
    for (int i = 0; i < length; i++) {
        const int id = ids[i] - TOKEN_TEXT;
        if (id < 0) continue; // <s>: it has no text
        const int c = id < MARKS ? marks[id] : BLOCK + id - MARKS;
        // U+0800 to U+FFFF are three bytes in UTF-8.
        const char bytes[4] = {(char)(0xE0 | c >> 12), (char)(0x80 | (c >> 6 & 0x3F)),
                               (char)(0x80 | (c & 0x3F))};
        const char mark[2] = {(char)c};
        append(text, id < MARKS ? mark : bytes);
    }
    return text;
}
