#include "01_embeddings/lab/word_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void word_text_add(WordText *text, const char *sentence) {
    while (*sentence) {
        // A word seen before gets its number again: the interner does the counting of kinds.
        const size_t length = strcspn(sentence, " ");
        int_array_push(&text->ids, interner_add(&text->words, sentence, length));
        sentence += length + (sentence[length] == ' ');
    }
    int_array_push(&text->ends, (int)text->ids.count);
}

void word_text_free(WordText *text) {
    interner_free(&text->words);
    free(text->ids.data);
    free(text->ends.data);
    *text = (WordText){0};
}

int word_text_id(const WordText *text, const char *word) {
    return interner_find(&text->words, word, strlen(word));
}

const char *word_text_word(const WordText *text, int id, char *name, size_t size) {
    size_t length;
    const char *key = interner_key(&text->words, id, &length);
    snprintf(name, size, "%.*s", (int)length, key);
    return name;
}
