#include "06_training/translator/epoch.h"

#include <stdlib.h>

#include "06_training/translator/length_batches.h"

/* What a pair is sorted by, first member first. */
typedef struct {
    int tgt_length, src_length;
    size_t place; // in the shuffled order: keeps the sort stable
    size_t pair;
} SortKey;

/* Sized once for the worst case, every pair a batch: making an epoch allocates nothing. */
struct EpochScratch {
    SortKey *keys; // (pairs)
    int *lengths;  // (pairs), in the order of the epoch
    size_t *permutation, *order, *start;
};

/* A start more than pairs: the last batch ends where the next one would begin. */
Epoch epoch_new(size_t pairs) {
    struct EpochScratch *scratch = memory_alloc(sizeof *scratch);
    *scratch = (struct EpochScratch){.keys = memory_alloc(pairs * sizeof(SortKey)),
                                     .lengths = memory_alloc(pairs * sizeof(int)),
                                     .permutation = memory_alloc(pairs * sizeof(size_t)),
                                     .order = memory_alloc(pairs * sizeof(size_t)),
                                     .start = memory_alloc((pairs + 1) * sizeof(size_t))};
    return (Epoch){.order = memory_alloc(pairs * sizeof(size_t)),
                   .start = memory_alloc((pairs + 1) * sizeof(size_t)),
                   .scratch = scratch};
}

/* An Epoch that is all zeros, as in a run that never began, has nothing to free. */
void epoch_free(Epoch *epoch) {
    struct EpochScratch *scratch = epoch->scratch;
    if (!scratch) return;
    free(scratch->keys);
    free(scratch->lengths);
    free(scratch->permutation);
    free(scratch->order);
    free(scratch->start);
    free(scratch);
    free(epoch->order);
    free(epoch->start);
    *epoch = (Epoch){0};
}

/* By target first: its side costs more, through the decoder and the output layer. */
static int compare_keys(const void *first, const void *second) {
    const SortKey *a = first, *b = second;
    if (a->tgt_length != b->tgt_length) return a->tgt_length < b->tgt_length ? -1 : 1;
    if (a->src_length != b->src_length) return a->src_length < b->src_length ? -1 : 1;
    return a->place < b->place ? -1 : 1;
}

/* Stable by `place`: pairs of equal lengths stay in random order, and so meet others in every
 * epoch. */
static void sort_by_length(Epoch *epoch, const EncodedPairs *pairs) {
    SortKey *keys = epoch->scratch->keys;
    for (size_t i = 0; i < pairs->count; i++) {
        const EncodedPair *pair = &pairs->pair[epoch->order[i]];
        // i is the pair's place in the shuffled order: the one thing here that is chance.
        keys[i] = (SortKey){.tgt_length = pair->tgt_length,
                            .src_length = pair->src_length,
                            .place = i,
                            .pair = epoch->order[i]};
    }
    qsort(keys, pairs->count, sizeof *keys, compare_keys);
    for (size_t i = 0; i < pairs->count; i++) epoch->order[i] = keys[i].pair;
}

/* Cuts the sorted order into batches. length_batches_cut sees one length per pair and not two: that
 * is what keeps it a lesson of a few lines. */
static void cut(Epoch *epoch, const EncodedPairs *pairs, int batch_tokens) {
    int *lengths = epoch->scratch->lengths;
    for (size_t i = 0; i < pairs->count; i++) {
        const EncodedPair *pair = &pairs->pair[epoch->order[i]];
        // The longer side counts: batch_tokens is the limit of both.
        const int read = pair->tgt_length - 1;
        lengths[i] = pair->src_length > read ? pair->src_length : read;
    }
    epoch->count = length_batches_cut(lengths, pairs->count, batch_tokens, epoch->start);
}

/* Puts whole batches into random order. */
static void shuffle_batches(Epoch *epoch, Random *random) {
    struct EpochScratch *scratch = epoch->scratch;
    random_permutation(random, scratch->permutation, epoch->count);
    size_t at = 0;
    for (size_t i = 0; i < epoch->count; i++) {
        // Batch i of the new order is batch permutation[i] of the old one.
        size_t size;
        const size_t *pairs = epoch_batch(epoch, scratch->permutation[i], &size); // (size)
        memcpy(scratch->order + at, pairs, size * sizeof *pairs);
        scratch->start[i] = at;
        at += size;
    }
    scratch->start[epoch->count] = at;
    // The new arrays become the epoch's, the old ones the next scratch: nothing is copied back.
    size_t *order = epoch->order, *start = epoch->start;
    epoch->order = scratch->order;
    epoch->start = scratch->start;
    scratch->order = order;
    scratch->start = start;
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
    if (random) shuffle_batches(epoch, random);
}

/* A view into the order, nothing is copied. */
const size_t *epoch_batch(const Epoch *epoch, size_t i, size_t *count) {
    *count = epoch->start[i + 1] - epoch->start[i];
    return epoch->order + epoch->start[i];
}
