#include "01_embeddings/bpe_merge.h"

/* In place: symbols[0 .. kept) is the word so far, and kept never overtakes i, so nothing is
 * overwritten before it has been read. */
size_t bpe_merge_pair(int *symbols, size_t count, int left, int right, int piece) {
    size_t kept = 0;
    for (size_t i = 0; i < count; kept++) {
        if (i + 1 < count && symbols[i] == left && symbols[i + 1] == right) {
            symbols[kept] = piece; // two symbols read, one written
            i += 2;
        } else {
            symbols[kept] = symbols[i];
            i += 1;
        }
    }
    return kept;
}
