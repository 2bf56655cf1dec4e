/* bleu_score.c - counting n-grams.
 *
 * A tokenized line has one space between tokens, so the n tokens from token i on are one slice of
 * its bytes, and equal slices are equal n-grams of the same order. One table of slices per segment
 * therefore serves all four orders.
 */
#include "06_training/score/bleu_score.h"

#include "01_embeddings/interner.h"
#include "common/error.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

/* How often one n-gram occurs in a segment. */
typedef struct {
    int order;      // n - 1
    int hypothesis; // in the hypothesis
    int reference;  // in the reference being read
    int most;       // in the reference that has it most often
} Count;

/* The n-grams of one segment; counts[k] belongs to key k of the table. */
typedef struct {
    Interner table;
    Count *counts;
    size_t capacity;
} Segment;

/* A new n-gram appears with all its counts 0, whichever side has it first. */
static Count *count_of(Segment *segment, const char *ngram, size_t bytes, int order) {
    const size_t known = segment->table.count;
    const size_t key = (size_t)interner_add(&segment->table, ngram, bytes);
    segment->counts = array_reserve(segment->counts, &segment->capacity, key + 1, sizeof(Count));
    if (key == known) segment->counts[key] = (Count){.order = order};
    return &segment->counts[key];
}

/* Counts the n-grams of a tokenized line for the hypothesis or the current reference. Returns the
 * number of tokens. */
static long count_line(Segment *segment, const ByteArray *tokens, bool is_hypothesis) {
    size_t starts[BLEU_ORDERS]; // of the last four tokens: token t at t % 4
    long length = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        starts[length++ % BLEU_ORDERS] = i;
        while (i < tokens->count && tokens->data[i] != ' ') i++;
        for (int n = 1; n <= BLEU_ORDERS && n <= length; n++) { // the n-grams that end here
            const size_t start = starts[(length - n) % BLEU_ORDERS];
            Count *count = count_of(segment, tokens->data + start, i - start, n - 1);
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

/* Adds segment i's counts and lengths to the score. tokens is scratch. */
static void add_segment(const char *hypothesis, const char *const *const *references,
                        size_t reference_count, size_t i, BleuOptions options, ByteArray *tokens,
                        BleuScore *score) {
    Segment segment = {0};
    bleu_tokenize(hypothesis, options.tokenizer, options.lowercase, tokens);
    const long length = count_line(&segment, tokens, true);
    long closest = 0;
    for (size_t r = 0; r < reference_count; r++) {
        bleu_tokenize(references[r][i], options.tokenizer, options.lowercase, tokens);
        const long reference_length = count_line(&segment, tokens, false);
        close_reference(&segment);
        if (r == 0 || is_closer(reference_length, closest, length)) closest = reference_length;
    }
    for (size_t k = 0; k < segment.table.count; k++) {
        const Count *count = &segment.counts[k];
        // A word said three times counts as often as one reference has it: "the the the" gains
        // nothing (Papineni et al. 2002, section 2.1, modified precision).
        const int clipped = count->hypothesis < count->most ? count->hypothesis : count->most;
        score->correct[count->order] += clipped;
        score->total[count->order] += count->hypothesis;
    }
    score->hypothesis_length += length;
    // The reference nearest in length is the measure: a long one must not fine a fitting
    // translation.
    score->reference_length += closest;
    interner_free(&segment.table);
    free(segment.counts);
}

/* exp(1 - r / c) for c < r (Papineni et al. 2002, section 2.3): precision alone would reward
 * saying only what one is sure of. */
static double brevity_penalty(long hypothesis_length, long reference_length) {
    if (hypothesis_length >= reference_length) return 1.0;
    if (hypothesis_length == 0) return 0.0;
    return exp(1.0 - (double)reference_length / (double)hypothesis_length);
}

/* Precisions and score from the counts. Without any match at all nothing is smoothed. */
static void finish(BleuScore *score) {
    double log_sum = 0.0, smoothing = 1.0;
    score->brevity_penalty = brevity_penalty(score->hypothesis_length, score->reference_length);
    if (score->correct[0] == 0) return; // and so no longer match either
    for (int n = 0; n < BLEU_ORDERS; n++) {
        if (score->total[n] == 0) return; // no hypothesis is that long: BLEU is 0
        // "exp" smoothing: the first order without a match counts 1/2, the next 1/4 (NIST's method
        // 3 in Chen and Cherry 2014). The geometric mean of anything with a 0 would be 0.
        if (score->correct[n] == 0) smoothing *= 2.0;
        const double correct = score->correct[n] > 0 ? (double)score->correct[n] : 1.0 / smoothing;
        score->precision[n] = 100.0 * correct / (double)score->total[n];
        log_sum += log(score->precision[n]);
    }
    score->score = score->brevity_penalty * exp(log_sum / BLEU_ORDERS);
}

/* Counts are summed over all segments before any division: the mean of sentence scores is
 * something else. */
double bleu_corpus(const char *const *hypotheses, const char *const *const *references,
                   size_t reference_count, size_t count, BleuOptions options, BleuScore *score) {
    REQUIRE(reference_count >= 1, "no references to compare with");
    BleuScore sums = {0};
    ByteArray tokens = {0};
    for (size_t i = 0; i < count; i++)
        add_segment(hypotheses[i], references, reference_count, i, options, &tokens, &sums);
    free(tokens.data);
    finish(&sums);
    if (score) *score = sums;
    return sums.score;
}

/* "version" names the sacreBLEU release this was compared with; whoever quotes the line has the
 * whole recipe. */
void bleu_line(const BleuScore *score, size_t reference_count, BleuOptions options, int decimals,
               char line[BLEU_LINE_BYTES]) {
    static const char *const NAMES[] = {
        [BLEU_13A] = "13a", [BLEU_INTL] = "intl", [BLEU_NONE] = "none"};
    const double ratio = score->reference_length > 0
                             ? (double)score->hypothesis_length / (double)score->reference_length
                             : 0.0;
    snprintf(line, BLEU_LINE_BYTES,
             "BLEU|nrefs:%zu|case:%s|eff:no|tok:%s|smooth:exp|version:2.6.0 = %.*f "
             "%.1f/%.1f/%.1f/%.1f (BP = %.3f ratio = %.3f hyp_len = %ld ref_len = %ld)",
             reference_count, options.lowercase ? "lc" : "mixed", NAMES[options.tokenizer],
             decimals, score->score, score->precision[0], score->precision[1], score->precision[2],
             score->precision[3], score->brevity_penalty, ratio, score->hypothesis_length,
             score->reference_length);
}
