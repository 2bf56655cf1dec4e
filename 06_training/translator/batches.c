#include "06_training/translator/batches.h"

#include "01_embeddings/bpe_encode.h"

#include <stdlib.h>

/* Appends one side; returns its length. */
static int append_side(IntArray *ids, const Bpe *bpe, const char *line, bool target) {
    const size_t before = ids->count;
    if (target) int_array_push(ids, TOKEN_BOS);
    bpe_encode(bpe, line, strlen(line), ids);
    int_array_push(ids, TOKEN_EOS);
    return (int)(ids->count - before);
}

/* All ids in one array: 29,000 pairs would otherwise be 58,000 small blocks. Places are offsets,
 * since the array moves while it grows. */
EncodedPairs encode_pairs(const Bpe *bpe, const Pairs *pairs, int max_length) {
    IntArray ids = {0};
    EncodedPairs encoded = {.pair = memory_alloc(pairs->src.count * sizeof *encoded.pair)};
    for (size_t i = 0; i < pairs->src.count; i++) {
        struct EncodedPair *pair = &encoded.pair[encoded.count];
        const size_t before = ids.count;
        pair->src = before;
        pair->src_length = append_side(&ids, bpe, pairs->src.line[i], false);
        pair->tgt = ids.count;
        pair->tgt_length = append_side(&ids, bpe, pairs->tgt.line[i], true);
        // The start mark is not counted: what is read and what is predicted are one shorter.
        if (pair->src_length <= max_length && pair->tgt_length - 1 <= max_length) {
            encoded.count++;
        } else {
            ids.count = before;
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

/* ---- Epochs ---------------------------------------------------------------------------------- */

struct SortKey {
    int tgt_length, src_length;
    size_t place; // keeps the sort stable
    size_t pair;
};

/* Sized for the worst case, a pair a batch, once: making an epoch allocates nothing. */
Epoch epoch_new(const EncodedPairs *pairs) {
    return (Epoch){.order = memory_alloc(pairs->count * sizeof(size_t)),
                   .start = memory_alloc((pairs->count + 1) * sizeof(size_t)),
                   .keys = memory_alloc(pairs->count * sizeof(struct SortKey))};
}

void epoch_free(Epoch *epoch) {
    free(epoch->order);
    free(epoch->start);
    free(epoch->keys);
    *epoch = (Epoch){0};
}

/* By target first: its side costs more, through the decoder and the output layer. */
static int compare_keys(const void *first, const void *second) {
    const struct SortKey *a = first, *b = second;
    if (a->tgt_length != b->tgt_length) return a->tgt_length < b->tgt_length ? -1 : 1;
    if (a->src_length != b->src_length) return a->src_length < b->src_length ? -1 : 1;
    return a->place < b->place ? -1 : 1;
}

/* Stable by `place`, the position in the shuffled order: pairs of equal lengths stay in random
 * order, and so meet others in every epoch. */
static void sort_by_length(Epoch *epoch, const EncodedPairs *pairs) {
    for (size_t i = 0; i < pairs->count; i++) {
        const struct EncodedPair *pair = &pairs->pair[epoch->order[i]];
        epoch->keys[i] = (struct SortKey){pair->tgt_length, pair->src_length, i, epoch->order[i]};
    }
    qsort(epoch->keys, pairs->count, sizeof *epoch->keys, compare_keys);
    for (size_t i = 0; i < pairs->count; i++) epoch->order[i] = epoch->keys[i].pair;
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

/* Cuts the sorted order into batches; start[i] is where batch i begins. */
static void cut(Epoch *epoch, const EncodedPairs *pairs, int batch_tokens) {
    int longest = 0;
    epoch->count = 0;
    for (size_t i = 0, begin = 0; i < pairs->count; i++) {
        const struct EncodedPair *pair = &pairs->pair[epoch->order[i]];
        const int length = larger(pair->src_length, pair->tgt_length - 1);
        longest = larger(longest, length);
        if (i == 0 || (i - begin + 1) * (size_t)longest > (size_t)batch_tokens) {
            epoch->start[epoch->count++] = begin = i;
            longest = length;
        }
    }
    epoch->start[epoch->count] = pairs->count;
}

/* Puts whole batches into random order, rebuilding order and start through the keys' memory. */
static void shuffle_batches(Epoch *epoch, size_t pairs, Random *random) {
    size_t *batch = (size_t *)(void *)epoch->keys, *order = batch + epoch->count;
    random_permutation(random, batch, epoch->count);
    size_t at = 0;
    for (size_t i = 0; i < epoch->count; i++)
        for (size_t k = epoch->start[batch[i]]; k < epoch->start[batch[i] + 1]; k++)
            order[at++] = epoch->order[k];
    memcpy(epoch->order, order, pairs * sizeof *order);
    // batch[i] becomes the size of the i-th batch, then start their running sum.
    for (size_t i = 0; i < epoch->count; i++)
        batch[i] = epoch->start[batch[i] + 1] - epoch->start[batch[i]];
    for (size_t i = 0; i < epoch->count; i++) epoch->start[i + 1] = epoch->start[i] + batch[i];
}

/* Shuffle, sort, cut, shuffle the batches: pairs are together because of their lengths, but which
 * ones, and when, is chance. Batches from short to long would unlearn the short ones by the end. */
void epoch_shuffle(Epoch *epoch, const EncodedPairs *pairs, int batch_tokens, Random *random) {
    if (random)
        random_permutation(random, epoch->order, pairs->count);
    else
        for (size_t i = 0; i < pairs->count; i++) epoch->order[i] = i;
    sort_by_length(epoch, pairs);
    cut(epoch, pairs, batch_tokens);
    if (random) shuffle_batches(epoch, pairs->count, random);
}

/* ---- Batches --------------------------------------------------------------------------------- */

/* ids (count,length) of one side, from `skip` tokens after its beginning, the rest PAD. */
static int *fill(const EncodedPairs *pairs, const size_t *indices, size_t count, int length,
                 bool target, int skip, Arena *arena) {
    int *ids = arena_alloc(arena, count * (size_t)length * sizeof *ids);
    for (size_t i = 0; i < count; i++) {
        const struct EncodedPair *pair = &pairs->pair[indices[i]];
        const int *from = pairs->ids + (target ? pair->tgt : pair->src) + skip;
        const int have = target ? pair->tgt_length - 1 : pair->src_length;
        for (int k = 0; k < length; k++)
            ids[i * (size_t)length + (size_t)k] = k < have ? from[k] : PAD;
    }
    return ids;
}

/* The arena is the graph's: ids live exactly as long as the tensors made from them. */
Batch batch_make(const EncodedPairs *pairs, const size_t *indices, size_t count, Arena *arena) {
    Batch batch = {.B = (int)count};
    for (size_t i = 0; i < count; i++) {
        const struct EncodedPair *pair = &pairs->pair[indices[i]];
        batch.S = larger(batch.S, pair->src_length);
        batch.T = larger(batch.T, pair->tgt_length - 1);
    }
    batch.src = fill(pairs, indices, count, batch.S, false, 0, arena);
    // Shift right: at each place the decoder reads the token before the one it is to predict.
    batch.tgt = fill(pairs, indices, count, batch.T, true, 0, arena);
    batch.labels = fill(pairs, indices, count, batch.T, true, 1, arena);
    return batch;
}

/* Whole sentences, sizes differing by one at most; in a batch of few some shards are empty. */
void shard_range(size_t count, int i, int n, size_t *first, size_t *size) {
    *first = count * (size_t)i / (size_t)n;
    *size = count * (size_t)(i + 1) / (size_t)n - *first;
}
