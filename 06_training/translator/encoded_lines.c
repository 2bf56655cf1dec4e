#include "06_training/translator/encoded_lines.h"

#include <stdlib.h>

#include "01_embeddings/tokens.h"
#include "common/arena.h"
#include "common/files/lines.h"

/* Sorted by length, a batch of neighbours is hardly padded. The line number breaks ties: qsort is
 * not stable, and batches must not depend on the C library. */
static int compare_lines(const void *first, const void *second) {
    const EncodedLine *a = first, *b = second;
    if (a->length != b->length) return a->length < b->length ? -1 : 1;
    return a->line < b->line ? -1 : 1;
}

/* A line that is too long gets no translation rather than one of its first half; the caller can
 * name it, since it is missing. */
EncodedLines encoded_lines_new(const Bpe *bpe, const char *const *lines, size_t count,
                               int max_length) {
    IntArray ids = {0};
    EncodedLines encoded = {.line = memory_alloc(count * sizeof *encoded.line),
                            .text_lines = count};
    for (size_t i = 0; i < count; i++) {
        const size_t first = ids.count;
        // Not even </s> for a blank line: a model asked to translate nothing says something.
        if (!lines_is_blank(lines[i])) tokens_append_source(bpe, lines[i], &ids);
        const size_t length = ids.count - first;
        if (length <= (size_t)max_length)
            encoded.line[encoded.count++] =
                (EncodedLine){.line = i, .first = first, .length = (int)length};
        else
            ids.count = first; // the next line takes this one's place
    }
    // Only the table of lines is sorted; the ids stay where they are.
    qsort(encoded.line, encoded.count, sizeof *encoded.line, compare_lines);
    encoded.ids = ids.data;
    return encoded;
}

void encoded_lines_free(EncodedLines *lines) {
    free(lines->ids);
    free(lines->line);
    *lines = (EncodedLines){0};
}
