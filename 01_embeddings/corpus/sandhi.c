#include "01_embeddings/corpus/sandhi.h"

#include <stdlib.h>
#include <string.h>

/* A word inside a sentence. */
typedef struct {
    const char *text;
    size_t length;
} Span;

/* Words end at spaces only: punctuation belongs to the word before it. */
static Span span_at(const char *text) {
    return (Span){text, strcspn(text, " ")};
}

/* The word after this one; empty at the end. */
static Span span_after(Span span) {
    const char *next = span.text + span.length;
    return span_at(next + (*next == ' '));
}

/* Whether the span is that word, to the letter. */
static bool is(Span span, const char *word) {
    return span.length == strlen(word) && memcmp(span.text, word, span.length) == 0;
}

static bool is_among(Span span, const char *const *words, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (is(span, words[i])) return true;
    return false;
}

static bool starts_with_any(const char *word, const char *const *starts, size_t count) {
    for (size_t i = 0; i < count; i++)
        if (strncmp(word, starts[i], strlen(starts[i])) == 0) return true;
    return false;
}

/* Every h is mute here but those that "*" marks. Two-byte letters are compared as strings. */
bool sandhi_starts_with_vowel(const char *word) {
    static const char *const vowels[] = {"a", "e", "i", "o", "u", "y", "h", "A", "E", "I", "O",
                                         "U", "à", "â", "é", "è", "ê", "î", "ô", "œ", "û"};
    return starts_with_any(word, vowels, sizeof vowels / sizeof *vowels);
}

/* A lower-case letter of ASCII or Latin-1 (two bytes, the first 0xC3) as a capital. */
static void capitalise(char *letter) {
    unsigned char *c = (unsigned char *)letter;
    if (c[0] >= 'a' && c[0] <= 'z') c[0] -= 'a' - 'A';
    if (c[0] == 0xc3 && c[1] >= 0xa0 && c[1] != 0xb7 && c[1] != 0xbf) c[1] -= 0x20;
}

/* The first letter of each sentence. */
static void capitalise_sentences(char *text) {
    capitalise(text);
    // A mark, a space, and then no mark again: French has a space before its marks too ("ici !").
    for (; *text; text++)
        if (strchr(".?!", text[0]) && text[1] == ' ' && text[2] && !strchr(".?!", text[2]))
            capitalise(text + 2);
}

/* Rewriting changes lengths both ways, so it goes to a second buffer that then takes the first
 * one's place. */
static void finish(ByteArray *sentence, ByteArray *rewritten) {
    capitalise_sentences(rewritten->data);
    free(sentence->data);
    *sentence = *rewritten;
}

static void append(ByteArray *out, const char *text) {
    byte_array_append(out, text, strlen(text));
}

/* By letters, not by sounds: no word in the lexicon is like "hour" or "university". */
void sandhi_english(ByteArray *sentence) {
    static const char *const vowels[] = {"a", "e", "i", "o", "u"};
    ByteArray out = {0};
    append(&out, "");
    for (Span word = span_at(sentence->data); word.length > 0; word = span_after(word)) {
        // "an", not "a", before a vowel; the word after the next does not matter in English
        const Span next = span_after(word);
        byte_array_append(&out, word.text, word.length);
        if (is(word, "a") && starts_with_any(next.text, vowels, sizeof vowels / sizeof *vowels))
            append(&out, "n");
        if (next.length > 0) append(&out, " ");
    }
    finish(sentence, &out);
}

/* le + animal: l', je + ai: j', que + il: qu'; and si + il: s', but not si + elle. */
static bool is_elided(Span word, Span next) {
    static const char *const short_words[] = {"le", "la", "je", "me", "te",
                                              "se", "ce", "de", "ne", "que"};
    if (is(word, "si")) return is(next, "il") || is(next, "ils");
    return next.length > 0 && sandhi_starts_with_vowel(next.text) &&
           is_among(word, short_words, sizeof short_words / sizeof *short_words);
}

/* de + le: du, de + les: des, à + le: au, à + les: aux; NULL for other words. "de l'ami" stays. */
static const char *contraction(Span word, Span next) {
    const bool de = is(word, "de");
    if (!de && !is(word, "à")) return NULL;
    if (is(next, "les")) return de ? "des" : "aux";
    if (is(next, "le") && !is_elided(next, span_after(next))) return de ? "du" : "au";
    return NULL;
}

/* Contraction before elision: "de le ami" is no "du ami", because "le" is about to become "l'". */
void sandhi_french(ByteArray *sentence) {
    ByteArray out = {0};
    append(&out, "");
    for (Span word = span_at(sentence->data); word.length > 0; word = span_after(word)) {
        const char *contracted = contraction(word, span_after(word));
        if (contracted) {
            append(&out, contracted);
            word = span_after(word); // two words became one
        } else if (is_elided(word, span_after(word))) {
            byte_array_append(&out, word.text, word.length - 1); // its last letter falls
            append(&out, "'");
            continue; // no space after an apostrophe
        } else {
            const size_t mark = *word.text == '*'; // it has done its work
            byte_array_append(&out, word.text + mark, word.length - mark);
        }
        if (span_after(word).length > 0) append(&out, " ");
    }
    finish(sentence, &out);
}
