#include "01_embeddings/bpe_chunk.h"

#include "common/files/utf8.h"

#include <string.h>
#include <utf8proc.h>

static BpeKind ascii_kind(char c) {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9')) return BPE_WORD;
    return c == ' ' || (c >= '\t' && c <= '\r') ? BPE_SPACE : BPE_OTHER;
}

/* ASCII first, because nearly all characters are, and without a look into Unicode's tables. */
BpeKind bpe_chunk_kind(const char *text, size_t bytes, size_t *length) {
    uint32_t c = 0;
    if (bytes == 0) return BPE_NOTHING;
    *length = utf8_decode(text, bytes, &c);
    if (*length == 1) return ascii_kind(*text);
    if (*length == 0) {
        *length = 1; // malformed bytes go one by one
        return BPE_OTHER;
    }
    switch (utf8proc_category((utf8proc_int32_t)c)) {
    case UTF8PROC_CATEGORY_LU: // letters: upper, lower, title, modifier, other
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_MN: // marks, such as the vowel signs of Kannada
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_ND: // digits and other numbers
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_NO:
        return BPE_WORD;
    case UTF8PROC_CATEGORY_ZS: // separators: of words, lines, paragraphs
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
        return BPE_SPACE;
    default:
        return BPE_OTHER;
    }
}

/* Where the run of characters of one kind that starts at `start` ends, or is cut for its length. A
 * character is never cut. */
static size_t run_end(const char *text, size_t bytes, size_t start, BpeKind kind) {
    size_t end = start, length = 0;
    while (bpe_chunk_kind(text + end, bytes - end, &length) == kind &&
           end + length <= BPE_CHUNK_BYTES)
        end += length;
    return end;
}

/* Whether a joiner of words, a hyphen or an apostrophe, stands at text[0 .. bytes) with a word
 * after it; *length is its own. */
static bool joins_words(const char *text, size_t bytes, const char *joiner, size_t *length) {
    size_t next_length;
    *length = strlen(joiner);
    return bytes > *length && memcmp(text, joiner, *length) == 0 &&
           bpe_chunk_kind(text + *length, bytes - *length, &next_length) == BPE_WORD;
}

/* From `start`, a word: hyphens inside it belong to it ("T-Shirt" is learned as a word or in parts,
 * as the counts have it); an apostrophe inside belongs to it and ends it. */
static size_t word_end(const char *text, size_t bytes, size_t start) {
    size_t end = run_end(text, bytes, start, BPE_WORD), length;
    // A hyphen at the end of a word, with no word after it, is punctuation.
    while (joins_words(text + end, bytes - end, "-", &length) && end + length <= BPE_CHUNK_BYTES)
        end = run_end(text, bytes, end + length, BPE_WORD);
    // The straight apostrophe and the curly one, which takes three bytes.
    if ((joins_words(text + end, bytes - end, "'", &length) ||
         joins_words(text + end, bytes - end, "\u2019", &length)) &&
        end + length <= BPE_CHUNK_BYTES)
        end += length;
    return end;
}

/* White space, then what it introduces: only a single plain space joins the chunk after it. */
size_t bpe_chunk_bytes(const char *text, size_t bytes) {
    size_t length, start = 0;
    const size_t spaces = run_end(text, bytes, 0, BPE_SPACE);
    if (spaces > 0) {
        // Of several spaces only the last goes with the word; the others are a chunk of their own.
        if (spaces == bytes || text[spaces - 1] != ' ') return spaces;
        if (spaces > 1) return spaces - 1;
        start = 1; // the space of " word"
    }
    if (bpe_chunk_kind(text + start, bytes - start, &length) == BPE_WORD)
        return word_end(text, bytes, start);
    return run_end(text, bytes, start, BPE_OTHER);
}
