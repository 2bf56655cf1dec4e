/* encoded_lines.h - lines of text as token ids, in the order in which they are best translated. */
#ifndef ENCODED_LINES_H
#define ENCODED_LINES_H

#include "01_embeddings/bpe.h"

typedef struct {
    size_t line;  // its place in the text
    size_t first; // where its ids begin
    int length;   // </s> included; 0: a blank line, nothing to translate
} EncodedLine;

typedef struct {
    int *ids;          // of all lines, one after the other
    EncodedLine *line; // shortest first, and of equal lengths in the order of the text
    size_t count;      // of these; lines that are too long are not among them
    size_t text_lines; // how many the text has
} EncodedLines;

/* Encodes lines (count); those of more than max_length tokens, end mark included, are left out.
 * Caller frees with encoded_lines_free. */
EncodedLines encoded_lines_new(const Bpe *bpe, const char *const *lines, size_t count,
                               int max_length);
void encoded_lines_free(EncodedLines *lines);

#endif
