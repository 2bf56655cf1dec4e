/* bleu_counts.c - counting n-grams.
 *
 * A tokenized line has one space between tokens, so the n tokens from token i on are one slice of
 * its bytes, and equal slices are equal n-grams of the same order. One table of slices per segment
 * therefore serves all four orders.
 */
#include "06_training/score/bleu_counts.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "01_embeddings/interner.h"

/* How often one n-gram occurs in a segment. */
typedef struct {
    int order;      // n - 1
    int hypothesis; // in the hypothesis
    int reference;  // in the reference being read
    int most;       // in the reference that has it most often
} Count;

/* The n-grams of one segment; counts[k] belongs to key k of the table. Begins as zeros, and ends
 * with interner_free(&table) and free(counts). */
typedef struct {
    Interner table;
    Count *counts;
    size_t capacity;
} Segment;

/* Given. A new n-gram appears with all its counts 0, whichever side has it first. */
static Count *count_of(Segment *segment, const char *ngram, size_t bytes, int order) {
    const size_t known = segment->table.count;
    const size_t key = (size_t)interner_add(&segment->table, ngram, bytes);
    segment->counts = array_reserve(segment->counts, &segment->capacity, key + 1, sizeof(Count));
    if (key == known) segment->counts[key] = (Count){.order = order};
    return &segment->counts[key];
}

/* Given. Counts the n-grams of a tokenized line for the hypothesis or the current reference.
 * Returns the number of tokens. */
static long count_line(Segment *segment, const char *line, bool is_hypothesis) {
    const size_t bytes = strlen(line);
    size_t starts[BLEU_ORDERS]; // of the last four tokens: token t at t % 4
    long length = 0;
    for (size_t i = 0; i < bytes; i++) {
        starts[length++ % BLEU_ORDERS] = i;
        while (i < bytes && line[i] != ' ') i++;
        // i is behind a token: the n-grams that end with it are those of the last 1 to 4 tokens.
        for (int n = 1; n <= BLEU_ORDERS && n <= length; n++) {
            const size_t start = starts[(length - n) % BLEU_ORDERS];
            Count *count = count_of(segment, line + start, i - start, n - 1);
            if (is_hypothesis)
                count->hypothesis++;
            else
                count->reference++;
        }
    }
    return length;
}

/* The reference has been read: keeps its counts where they are the largest so far. */
static void close_reference(Segment *segment) {
    for (size_t k = 0; k < segment->table.count; k++) {
        Count *count = &segment->counts[k];
        if (count->reference > count->most) count->most = count->reference;
        count->reference = 0;
    }
}

/* Of two references equally far off the shorter one counts, as in mteval: it is kinder to short
 * translations. */
static bool is_closer(long length, long best, long to) {
    const long off = labs(length - to), best_off = labs(best - to);
    return off < best_off || (off == best_off && length < best);
}

void bleu_counts_add(BleuCounts *counts, const char *hypothesis, const char *const *references,
                     size_t count) {
    Segment segment = {0};
    const long length = count_line(&segment, hypothesis, true);
    long closest = 0;
    for (size_t r = 0; r < count; r++) {
        const long reference_length = count_line(&segment, references[r], false);
        close_reference(&segment);
        if (r == 0 || is_closer(reference_length, closest, length)) closest = reference_length;
    }
    for (size_t k = 0; k < segment.table.count; k++) {
        const Count *c = &segment.counts[k];
        // A word said three times counts as often as one reference has it: "the the the" gains
        // nothing (section 2.1, modified precision).
        counts->correct[c->order] += c->hypothesis < c->most ? c->hypothesis : c->most;
        counts->total[c->order] += c->hypothesis;
    }
    counts->hypothesis_length += length;
    // The reference nearest in length is the measure: a long one must not fine a fitting
    // translation.
    counts->reference_length += closest;
    interner_free(&segment.table);
    free(segment.counts);
}

/* Precision alone would reward saying only what one is sure of (section 2.3). */
double bleu_counts_brevity_penalty(long hypothesis_length, long reference_length) {
    if (hypothesis_length >= reference_length) return 1.0;
    if (hypothesis_length == 0) return 0.0;
    return exp(1.0 - (double)reference_length / (double)hypothesis_length);
}
