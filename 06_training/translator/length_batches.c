#include "06_training/translator/length_batches.h"

/* Greedy from the front: sentences join the batch until one would make the rectangle too large. */
size_t length_batches_cut(const int *lengths, size_t count, int batch_tokens, size_t *start) {
    size_t batches = 0, begin = 0;
    int longest = 0; // of the batch that begins at begin
    for (size_t i = 0; i < count; i++) {
        if (lengths[i] > longest) longest = lengths[i];
        // With sentence i the batch would be (i - begin + 1, longest). Its length counts for all:
        // a long newcomer stretches every row.
        const size_t places = (i - begin + 1) * (size_t)longest;
        if (i == 0 || places > (size_t)batch_tokens) {
            start[batches++] = begin = i;
            longest = lengths[i];
        }
    }
    start[batches] = count; // so that the last batch ends as the others do
    return batches;
}
