/* bpe_chunk.h - where a text may be cut before pieces are learned or applied: no piece ever reaches
 * across a chunk.
 *
 * A chunk is a word together with the space before it, a run of punctuation, or a run of other
 * white space. An apostrophe ends its chunk: " l'" and "homme", " didn'" and "t". Long ones are cut
 * at BPE_CHUNK_BYTES, which keeps encoding linear in the text.
 */
#ifndef EMBEDDINGS_BPE_CHUNK_H
#define EMBEDDINGS_BPE_CHUNK_H

#include <stddef.h>

enum { BPE_CHUNK_BYTES = 256 };

/* What a character is, as far as cutting goes. Letters, marks and numbers make words, by their
 * Unicode category. */
typedef enum {
    BPE_NOTHING, // the end of the text
    BPE_SPACE,
    BPE_WORD,
    BPE_OTHER, // punctuation, symbols, malformed bytes
} BpeKind;

/* The kind of the character at text[0 .. bytes), and its length in bytes. */
BpeKind bpe_chunk_kind(const char *text, size_t bytes, size_t *length);

/* Length of the first chunk of text[0 .. bytes), bytes > 0. */
size_t bpe_chunk_bytes(const char *text, size_t bytes);

#endif
