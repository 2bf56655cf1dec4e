#include "06_training/translator/encoded_pairs.h"

#include <stdlib.h>

#include "01_embeddings/tokens.h"
#include "05_encoder_decoder/shift_right.h"

/* All ids in one array: 29,000 pairs would otherwise be 58,000 small blocks. Places are offsets,
 * since the array moves while it grows. */
EncodedPairs encoded_pairs_new(const Bpe *bpe, const Pairs *pairs, int max_length) {
    IntArray ids = {0};
    EncodedPairs encoded = {.pair = memory_alloc(pairs->src.count * sizeof *encoded.pair)};
    for (size_t i = 0; i < pairs->src.count; i++) {
        // The next free place: a pair that turns out too long leaves it to the one after.
        EncodedPair *pair = &encoded.pair[encoded.count];
        pair->place = i;
        pair->src = ids.count;
        tokens_append_source(bpe, pairs->src.line[i], &ids);
        pair->tgt = ids.count; // where the source has ended
        tokens_append_target(bpe, pairs->tgt.line[i], &ids);
        pair->src_length = (int)(pair->tgt - pair->src);
        pair->tgt_length = (int)(ids.count - pair->tgt);
        // The start mark is not counted: what is read and what is predicted are one shorter.
        if (pair->src_length <= max_length && pair->tgt_length - 1 <= max_length) {
            encoded.count++;
        } else {
            ids.count = pair->src; // the next pair takes this one's place
            encoded.skipped++;
        }
    }
    encoded.ids = ids.data;
    return encoded;
}

void encoded_pairs_free(EncodedPairs *pairs) {
    free(pairs->ids);
    free(pairs->pair);
    *pairs = (EncodedPairs){0};
}

/* ---- Batches --------------------------------------------------------------------------------- */

/* Row `row` of ids (rows,length) <- `have` tokens, and <pad> to the end. */
static void fill_row(int *ids, size_t row, int length, const int *tokens, int have) {
    int *to = ids + row * (size_t)length;
    for (int k = 0; k < length; k++) to[k] = k < have ? tokens[k] : TOKEN_PAD;
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

/* As wide as its longest sentence needs: the next batch may be wider or narrower, and no place is
 * computed for sentences that are not in this one. The arena is the graph's: ids live exactly as
 * long as the tensors made from them. */
Batch encoded_pairs_batch(const EncodedPairs *pairs, const size_t *indices, size_t count,
                          Arena *arena) {
    int S = 0, T = 0; // the longest of each side
    for (size_t b = 0; b < count; b++) {
        S = larger(S, pairs->pair[indices[b]].src_length);
        T = larger(T, pairs->pair[indices[b]].tgt_length - 1);
    }
    int *src = arena_alloc(arena, count * (size_t)S * sizeof *src);       // (B,S)
    int *tgt = arena_alloc(arena, count * (size_t)T * sizeof *tgt);       // (B,T)
    int *labels = arena_alloc(arena, count * (size_t)T * sizeof *labels); // (B,T)
    for (size_t b = 0; b < count; b++) {
        const EncodedPair *pair = &pairs->pair[indices[b]];
        const int *target = pairs->ids + pair->tgt; // <s> piece ... piece </s>
        fill_row(src, b, S, pairs->ids + pair->src, pair->src_length);
        fill_row(labels, b, T, target + 1, pair->tgt_length - 1); // all but <s>
    }
    // At each place the decoder reads the token before the one it is to predict. The </s> that a
    // shorter sentence reads stands where nothing is to be predicted, and no earlier place sees it.
    shift_right(tgt, labels, (int)count, T, TOKEN_BOS); // (B,T)
    return (Batch){.B = (int)count, .S = S, .T = T, .src = src, .tgt = tgt, .labels = labels};
}

/* From the lengths alone: a step needs the number before any shard has its batch. */
long encoded_pairs_targets(const EncodedPairs *pairs, const size_t *indices, size_t count) {
    long targets = 0;
    for (size_t i = 0; i < count; i++) targets += pairs->pair[indices[i]].tgt_length - 1;
    return targets;
}

/* The least factor, from 2, with which the pair's target has room. */
static int factor_of(const EncodedPair *pair) {
    const int beyond = pair->tgt_length - 1 - 10;
    const int factor = beyond > 0 ? (beyond + pair->src_length - 1) / pair->src_length : 0;
    return factor > 2 ? factor : 2;
}

/* Counted, and then taken from the largest downwards, since there may be many. */
int encoded_pairs_length_factor(const EncodedPairs *pairs) {
    int factor = 2;
    for (size_t i = 0; i < pairs->count; i++) factor = larger(factor, factor_of(&pairs->pair[i]));
    size_t *count = memory_calloc(((size_t)factor + 1) * sizeof *count), longer = 0;
    for (size_t i = 0; i < pairs->count; i++) count[factor_of(&pairs->pair[i])]++;
    while (factor > 2 && (longer + count[factor]) * 1000 <= pairs->count) longer += count[factor--];
    free(count);
    return factor;
}

size_t encoded_pairs_longer_side(const EncodedPairs *pairs) {
    size_t src = 0, tgt = 0;
    for (size_t i = 0; i < pairs->count; i++) {
        src += (size_t)pairs->pair[i].src_length;
        tgt += (size_t)pairs->pair[i].tgt_length - 1;
    }
    return src > tgt ? src : tgt;
}
