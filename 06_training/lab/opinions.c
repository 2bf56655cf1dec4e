#include "06_training/lab/opinions.h"

#include <stdio.h>

enum { THINGS = 12, KINDS = 8, BEGINNINGS = 6, DEGREES = 4, FORMS = 2, HELD_OUT_ONE_IN = 8 };

/* The beginning of the vocabulary: adjective k is good, adjective KINDS + k bad. */
static const char *const adjective[2 * KINDS] = {
    "good", "fine", "lovely", "great", "fresh", "wonderful", "tasty", "pleasant",
    "bad",  "poor", "nasty",  "awful", "stale", "terrible",  "bland", "dreadful"};
static const char *const thing[THINGS] = {"soup", "fish", "bread", "cake", "coffee", "wine",
                                          "food", "view", "music", "room", "garden", "service"};
static const char *const beginning[BEGINNINGS] = {
    "",          "honestly , ",          "well , ",
    "i said , ", "on monday , again , ", "we went there with friends , "};
static const char *const degree[DEGREES] = {"", "very ", "really ", "too "};

/* B stands for a beginning, T and U for two things, D for a degree, X for the adjective that
 * decides and Y for one of the opposite kind. Two forms each: neither the first adjective nor the
 * last one always decides. Of OPINION_NOT the opinion is the opposite of what
 * X says. */
static const char *const form[OPINION_PATTERNS][FORMS] = {
    {"B the T was D X", "B i found the T D X"},
    {"B the T was not D X", "B i would not say that the T was D X"},
    {"B the T was D X , not D Y", "B the T was not D Y but D X"},
    {"B everybody finds the T D Y , i find it D X", "B i find the T D X , everybody finds it D Y"},
    {"B the T used to be D Y and now it is D X", "B the T is D X now and used to be D Y"},
    {"B the T was D X but the U was D Y , and i go there for the T",
     "B the U was D Y but the T was D X , and i go there for the T"},
};

/* ---- Words ----------------------------------------------------------------------------------- */

enum { MAX_WORDS = 96, WORD_BYTES = 16 };

/* Each word once; made when first asked for. */
static char vocabulary[MAX_WORDS][WORD_BYTES];
static int vocabulary_count;

/* The place of a word in the vocabulary; -1 if it is not there. */
static int find(const char *word, size_t length) {
    for (int i = 0; i < vocabulary_count; i++)
        if (strlen(vocabulary[i]) == length && memcmp(vocabulary[i], word, length) == 0) return i;
    return -1;
}

/* Of a form, the capitals stand for other words. */
static void add_words(const char *text) {
    for (size_t length; *text; text += length + (text[length] == ' ')) {
        length = strcspn(text, " ");
        if (length == 0 || (*text >= 'A' && *text <= 'Z') || find(text, length) >= 0) continue;
        REQUIRE(vocabulary_count < MAX_WORDS && length < WORD_BYTES, "no room for \"%s\"", text);
        memcpy(vocabulary[vocabulary_count++], text, length);
    }
}

static void make_vocabulary(void) {
    if (vocabulary_count > 0) return;
    for (int i = 0; i < 2 * KINDS; i++) add_words(adjective[i]);
    for (int i = 0; i < THINGS; i++) add_words(thing[i]);
    for (int i = 0; i < BEGINNINGS; i++) add_words(beginning[i]);
    for (int i = 0; i < DEGREES; i++) add_words(degree[i]);
    for (int i = 0; i < OPINION_PATTERNS * FORMS; i++) add_words(form[i / FORMS][i % FORMS]);
}

int opinions_vocabulary(void) {
    make_vocabulary();
    return TOKEN_TEXT + vocabulary_count;
}

const char *opinions_word(int id) {
    make_vocabulary();
    REQUIRE(id >= TOKEN_TEXT && id < TOKEN_TEXT + vocabulary_count, "id %d", id);
    return vocabulary[id - TOKEN_TEXT];
}

/* ---- Sentences ------------------------------------------------------------------------------- */

static void append(Opinion *opinion, const char *text) {
    for (size_t length; *text; text += length + (text[length] == ' ')) {
        length = strcspn(text, " ");
        const int word = find(text, length);
        REQUIRE(word >= 0, "no word of the vocabulary: \"%s\"", text);
        REQUIRE(opinion->length < OPINION_LENGTH, "more than %d words", OPINION_LENGTH);
        opinion->ids[opinion->length++] = TOKEN_TEXT + word;
    }
}

Opinion opinions_of(const char *text) {
    make_vocabulary();
    Opinion opinion = {0};
    append(&opinion, text);
    return opinion;
}

const char *opinions_text(const Opinion *opinion, char text[256]) {
    size_t length = 0;
    text[0] = '\0';
    for (int i = 0; i < opinion->length; i++)
        length += (size_t)snprintf(text + length, 256 - length, "%s%s", i ? " " : "",
                                   opinions_word(opinion->ids[i]));
    return text;
}

/* What stands in a form's places. */
typedef struct {
    int thing, other_thing, x, y; // x, y: adjectives
} Parts;

static Parts draw_parts(Random *random) {
    const int is_bad = (int)random_below(random, 2);
    Parts parts = {.thing = (int)random_below(random, THINGS),
                   .x = is_bad * KINDS + (int)random_below(random, KINDS),
                   .y = !is_bad * KINDS + (int)random_below(random, KINDS)};
    parts.other_thing = (parts.thing + 1 + (int)random_below(random, THINGS - 1)) % THINGS;
    return parts;
}

/* Decided by a thing and an adjective alone, so that the two sets share no such pair. */
static bool pair_is_held_out(int thing_index, int adjective_index) {
    return random_mix64((uint64_t)(thing_index * 2 * KINDS + adjective_index)) % HELD_OUT_ONE_IN ==
           0;
}

/* All pairs of a thing and an adjective that occur in a sentence of the pattern. */
static bool is_held_out(OpinionPattern pattern, const Parts *p) {
    bool held_out = pair_is_held_out(p->thing, p->x);
    if (pattern > OPINION_NOT) held_out = held_out || pair_is_held_out(p->thing, p->y);
    if (pattern == OPINION_WHICH)
        held_out = held_out || pair_is_held_out(p->other_thing, p->x) ||
                   pair_is_held_out(p->other_thing, p->y);
    return held_out;
}

/* One sentence of the pattern, its degrees and its beginning drawn as it is written. */
static Opinion write_form(OpinionPattern pattern, const Parts *parts, Random *random) {
    Opinion opinion = {.pattern = pattern, .label = (parts->x < KINDS) != (pattern == OPINION_NOT)};
    const char *text = form[pattern][random_below(random, FORMS)];
    for (size_t length; *text; text += length + (text[length] == ' ')) {
        char word[WORD_BYTES] = "";
        length = strcspn(text, " ");
        memcpy(word, text, length);
        append(&opinion, *text == 'B'   ? beginning[random_below(random, BEGINNINGS)]
                         : *text == 'D' ? degree[random_below(random, DEGREES)]
                         : *text == 'T' ? thing[parts->thing]
                         : *text == 'U' ? thing[parts->other_thing]
                         : *text == 'X' ? adjective[parts->x]
                         : *text == 'Y' ? adjective[parts->y]
                                        : word);
    }
    return opinion;
}

void opinions_draw(Opinion *opinions, int count, bool held_out, Random *random) {
    make_vocabulary();
    for (int i = 0; i < count; i++) {
        const OpinionPattern pattern = (OpinionPattern)random_below(random, OPINION_PATTERNS);
        Parts parts;
        do parts = draw_parts(random);
        while (is_held_out(pattern, &parts) != held_out);
        opinions[i] = write_form(pattern, &parts, random);
    }
}

/* The place of the sentence's good adjective (kind 0) or bad one (1); -1: it has none. */
static int place_of_kind(const Opinion *opinion, int kind) {
    for (int i = 0; i < opinion->length; i++) {
        const int word = opinion->ids[i] - TOKEN_TEXT;
        if (word < 2 * KINDS && word / KINDS == kind) return i;
    }
    return -1;
}

bool opinions_twin(const Opinion *opinion, Opinion *twin) {
    const int a = place_of_kind(opinion, 0), b = place_of_kind(opinion, 1);
    if (a < 0 || b < 0) return false;
    *twin = *opinion;
    twin->ids[a] = opinion->ids[b];
    twin->ids[b] = opinion->ids[a];
    twin->label = !opinion->label;
    return true;
}
