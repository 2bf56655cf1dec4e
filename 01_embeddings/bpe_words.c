#include "01_embeddings/bpe_words.h"

#include "01_embeddings/bpe_chunk.h"
#include "common/files/utf8.h"

#include <stdlib.h>
#include <string.h>

/* words[number] and times[number] belong together; a new word starts at 0. */
static void count_word(BpeWords *words, const char *word, size_t bytes) {
    const size_t known = words->words.count;
    const int number = interner_add(&words->words, word, bytes);
    if (words->words.count > known) {
        words->times =
            array_reserve(words->times, &words->capacity, known + 1, sizeof *words->times);
        words->times[number] = 0;
    }
    words->times[number]++;
}

/* One buffer for all lines: a text of a million lines costs a few allocations. */
void bpe_words_add(BpeWords *words, const Lines *text) {
    ByteArray spaced = {0};
    for (size_t i = 0; i < text->count; i++) {
        spaced.count = 0;
        byte_array_append(&spaced, " ", 1);
        byte_array_append(&spaced, text->line[i], strlen(text->line[i]));
        if (spaced.count == 1) continue; // an empty line has no words, not even the space
        // Chunk after chunk, until the line is used up.
        for (size_t at = 0, bytes; at < spaced.count; at += bytes) {
            bytes = bpe_chunk_bytes(spaced.data + at, spaced.count - at);
            count_word(words, spaced.data + at, bytes);
        }
    }
    free(spaced.data);
}

void bpe_words_free(BpeWords *words) {
    interner_free(&words->words);
    free(words->times);
    *words = (BpeWords){0};
}

/* ---- Characters ------------------------------------------------------------------------------ */

typedef struct {
    char text[5]; // NUL-terminated
    long times;
} Character;

/* In UTF-8, comparing byte by byte is comparing code points. */
static int by_code_point(const void *a, const void *b) {
    return strcmp(((const Character *)a)->text, ((const Character *)b)->text);
}

/* The most frequent first; of equals the smaller code point, or the order would be qsort's whim. */
static int by_times(const void *a, const void *b) {
    const long x = ((const Character *)a)->times, y = ((const Character *)b)->times;
    return x != y ? (x < y) - (x > y) : by_code_point(a, b);
}

/* The characters beyond ASCII, in order of appearance. The caller frees them. */
static Character *count_characters(const BpeWords *words, size_t *count) {
    Interner seen = {0}; // number n is the text of characters[n]
    Character *characters = NULL;
    size_t capacity = 0, bytes, length;
    for (size_t w = 0; w < words->words.count; w++) {
        const char *word = interner_key(&words->words, (int)w, &bytes);
        for (size_t i = 0; i < bytes; i += length) {
            uint32_t c;
            length = utf8_decode(word + i, bytes - i, &c);
            if (length < 2) { // ASCII, or a malformed byte: the 256 bytes have it already
                length = 1;
                continue;
            }
            const size_t number = (size_t)interner_add(&seen, word + i, length);
            characters = array_reserve(characters, &capacity, seen.count, sizeof *characters);
            if (number == *count) { // met for the first time
                characters[(*count)++] = (Character){0};
                memcpy(characters[number].text, word + i, length);
            }
            characters[number].times += words->times[w];
        }
    }
    interner_free(&seen);
    return characters;
}

char *bpe_words_characters(const BpeWords *words, size_t room) {
    size_t count = 0;
    Character *characters = count_characters(words, &count);
    // Sorted twice: by frequency to choose, then by code point to write down.
    if (count > 0) qsort(characters, count, sizeof *characters, by_times);
    if (count > room) count = room;
    if (count > 0) qsort(characters, count, sizeof *characters, by_code_point);
    ByteArray text = {0};
    byte_array_append(&text, "", 0);
    for (size_t i = 0; i < count; i++)
        byte_array_append(&text, characters[i].text, strlen(characters[i].text));
    free(characters);
    return text.data;
}
