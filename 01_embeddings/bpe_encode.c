#include "01_embeddings/bpe_encode.h"

#include "01_embeddings/bpe_chunk.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* A chunk is short, so looking through all its ranks for the smallest costs less than a heap. */
size_t bpe_encode_symbols(const Bpe *bpe, int *symbols, size_t count) {
    int rank[BPE_CHUNK_BYTES]; // rank[i] belongs to the pair (symbols[i], symbols[i + 1])
    for (size_t i = 0; i + 1 < count; i++) rank[i] = bpe_rank(bpe, symbols[i], symbols[i + 1]);
    while (count > 1) {
        size_t best = 0;
        for (size_t i = 1; i + 1 < count; i++)
            if (rank[i] < rank[best]) best = i; // of equals the leftmost
        if (rank[best] == INT_MAX) break;       // no merge joins any of them
        // before: ... a left right b ...     after: ... a piece b ...
        symbols[best] = bpe_merge(bpe, rank[best]).piece;
        count--;
        // A symbol and a pair fewer: what stood to the right moves up by one.
        memmove(symbols + best + 1, symbols + best + 2, (count - best - 1) * sizeof *symbols);
        memmove(rank + best, rank + best + 1, (count - best - 1) * sizeof *rank);
        // Only the two pairs that the piece is in are new; all other ranks still hold.
        if (best > 0) rank[best - 1] = bpe_rank(bpe, symbols[best - 1], symbols[best]);
        if (best + 1 < count) rank[best] = bpe_rank(bpe, symbols[best], symbols[best + 1]);
    }
    return count;
}

/* Given. */
static void encode_chunk(const Bpe *bpe, const char *chunk, size_t bytes, IntArray *ids) {
    int symbols[BPE_CHUNK_BYTES]; // a symbol has at least one byte
    size_t count = 0;
    for (size_t i = 0, used; i < bytes; i += used)
        symbols[count++] = bpe_symbol(bpe, chunk + i, bytes - i, &used);
    count = bpe_encode_symbols(bpe, symbols, count);
    for (size_t i = 0; i < count; i++) int_array_push(ids, symbols[i]);
}

/* Given. Chunk by chunk. */
void bpe_encode(const Bpe *bpe, const char *text, size_t bytes, IntArray *ids) {
    if (bytes == 0) return;
    ByteArray spaced = {0}; // with a space before it, so that the first word is like any other
    byte_array_append(&spaced, " ", 1);
    byte_array_append(&spaced, text, bytes);
    for (size_t i = 0, length; i < spaced.count; i += length) {
        length = bpe_chunk_bytes(spaced.data + i, spaced.count - i);
        encode_chunk(bpe, spaced.data + i, length, ids);
    }
    free(spaced.data);
}
