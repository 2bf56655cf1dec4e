/* characters.h - the simplest tokenizer: every character that occurs in a text gets a number.
 *
 * The characters (code points, so that "é" is one) are sorted, and a character's id is its place in
 * that order. Karpathy's "Let's build GPT" does just this to tiny Shakespeare and gets 65 ids. A
 * character that the text did not have is an error: here there is no way out, as there is in bpe.h.
 */
#ifndef EMBEDDINGS_CHARACTERS_H
#define EMBEDDINGS_CHARACTERS_H

#include "common/array.h"
#include "common/error.h"

#include <stddef.h>
#include <stdint.h>

typedef struct {
    uint32_t *code_point; // (count), ascending; the id is the index
    long *times;          // (count), how often each occurs in the text
    size_t count;
} Characters;

/* Finds the characters of text[0 .. bytes). false and err if it is empty or malformed UTF-8. Call
 * characters_free. */
bool characters_learn(Characters *characters, const char *text, size_t bytes, Error *err);
void characters_free(Characters *characters);

/* The id of a code point, or -1 if the text did not have it. */
int characters_id(const Characters *characters, uint32_t code_point);

/* Appends one id for each character of text[0 .. bytes). At a character without an id, or malformed
 * UTF-8, it stops with false and an err that says which, and at what byte. */
bool characters_encode(const Characters *characters, const char *text, size_t bytes, IntArray *ids,
                       Error *err);

/* The text of the ids, NUL-terminated; the caller frees it. *bytes (unless NULL) is its length. */
char *characters_decode(const Characters *characters, const int *ids, size_t count, size_t *bytes);

#endif
