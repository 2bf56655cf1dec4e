#include "04_multihead/lab/sentences.h"

#include <stdio.h>

typedef struct {
    const char *text;
    SentenceKind kind;
    bool feminine;
} Word;

static const Word WORDS[] = {
    {NULL, SENTENCE_KINDS, false}, // id 0 is padding
    {"the", FUNCTION_WORD, false},
    {"didn't", FUNCTION_WORD, false},
    {"cross", FUNCTION_WORD, false},
    {"because", FUNCTION_WORD, false},
    {"it", FUNCTION_WORD, false},
    {"was", FUNCTION_WORD, false},
    {"too", FUNCTION_WORD, false},
    {"drank", FUNCTION_WORD, false},
    {"gave", FUNCTION_WORD, false},
    {"to", FUNCTION_WORD, false},
    {"yesterday", FUNCTION_WORD, false},
    {"today", FUNCTION_WORD, false},
    {"mary", GIVER, false},
    {"susan", GIVER, false},
    {"anna", GIVER, false},
    {"lucy", GIVER, false},
    {"emma", GIVER, false},
    {"john", GIVER, false},
    {"peter", GIVER, false},
    {"tom", GIVER, false},
    {"ben", GIVER, false},
    {"paul", GIVER, false},
    {"roses", PRESENT, false},
    {"bread", PRESENT, false},
    {"books", PRESENT, false},
    {"apples", PRESENT, false},
    {"animal", ANIMAL, false},
    {"dog", ANIMAL, false},
    {"cat", ANIMAL, false},
    {"horse", ANIMAL, false},
    {"rabbit", ANIMAL, false},
    {"fox", ANIMAL, false},
    {"cow", ANIMAL, true},
    {"goat", ANIMAL, true},
    {"mouse", ANIMAL, true},
    {"tortoise", ANIMAL, true},
    {"hen", ANIMAL, true},
    {"giraffe", ANIMAL, true},
    {"bridge", PLACE, false},
    {"path", PLACE, false},
    {"field", PLACE, false},
    {"park", PLACE, false},
    {"street", PLACE, true},
    {"road", PLACE, true},
    {"river", PLACE, true},
    {"square", PLACE, true},
    {"milk", DRINK, false},
    {"tea", DRINK, false},
    {"juice", DRINK, false},
    {"cocoa", DRINK, false},
    {"water", DRINK, true},
    {"soup", DRINK, true},
    {"lemonade", DRINK, true},
    {"cream", DRINK, true},
    {"tired", TIRED, false},
    {"scared", TIRED, false},
    {"lazy", TIRED, false},
    {"slow", TIRED, false},
    {"wide", WIDE, false},
    {"busy", WIDE, false},
    {"dark", WIDE, false},
    {"long", WIDE, false},
    {"hungry", HUNGRY, false},
    {"thirsty", HUNGRY, false},
    {"greedy", HUNGRY, false},
    {"weak", HUNGRY, false},
    {"sweet", SWEET, false},
    {"fresh", SWEET, false},
    {"warm", SWEET, false},
    {"good", SWEET, false},
};
enum { WORD_COUNT = (int)(sizeof WORDS / sizeof WORDS[0]) };

int sentence_word_count(void) {
    return WORD_COUNT;
}

static const Word *word_of(int id) {
    REQUIRE(id > 0 && id < WORD_COUNT, "word %d of %d", id, WORD_COUNT);
    return &WORDS[id];
}

const char *sentence_word(int id) {
    return word_of(id)->text;
}
SentenceKind sentence_kind(int id) {
    return word_of(id)->kind;
}
bool sentence_feminine(int id) {
    return word_of(id)->feminine;
}

int sentence_first(SentenceKind kind) {
    int id = 1;
    while (id < WORD_COUNT && WORDS[id].kind != kind) id++;
    return id;
}

int sentence_count(SentenceKind kind) {
    int count = 0;
    for (int id = 1; id < WORD_COUNT; id++) count += WORDS[id].kind == kind;
    return count;
}

void sentence_text(const Question *question, char *text, size_t size) {
    size_t used = 0;
    text[0] = '\0';
    for (int t = 0; t < question->length && used < size; t++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", t ? " " : "",
                                 sentence_word(question->ids[t]));
}

/* The id of the word of `length` bytes, or 0. */
static int word_id(const char *text, size_t length) {
    for (int id = 1; id < WORD_COUNT; id++)
        if (strlen(WORDS[id].text) == length && memcmp(WORDS[id].text, text, length) == 0)
            return id;
    return 0;
}

bool sentence_parse(const char *text, Question *question) {
    const int gave = word_id("gave", 4), it = word_id("it", 2);
    question->length = 0;
    question->asked = 0;
    memset(question->ids, 0, sizeof question->ids);
    for (size_t length; *text; text += length + (text[length] == ' ')) {
        length = strcspn(text, " ");
        const int id = word_id(text, length);
        if (id == 0 || question->length == QUESTION_LENGTH) return false;
        if (id == gave || id == it) question->asked = question->length;
        question->ids[question->length++] = id;
    }
    return true;
}
