#include "06_training/score/bleu_score.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/error.h"

/* Score and precisions of the counts. Without any match at all nothing is smoothed. */
static BleuScore score_of(const BleuCounts *counts) {
    BleuScore score = {.brevity_penalty = bleu_counts_brevity_penalty(counts->hypothesis_length,
                                                                      counts->reference_length),
                       .hypothesis_length = counts->hypothesis_length,
                       .reference_length = counts->reference_length};
    memcpy(score.correct, counts->correct, sizeof score.correct);
    memcpy(score.total, counts->total, sizeof score.total);
    if (score.correct[0] == 0) return score; // and so no longer match either
    double log_sum = 0.0, smoothing = 1.0;
    for (int n = 0; n < BLEU_ORDERS; n++) {
        if (score.total[n] == 0) return score; // no hypothesis is that long: BLEU is 0
        // "exp" smoothing: the first order without a match counts 1/2, the next 1/4 (NIST's method
        // 3 in Chen and Cherry 2014). The geometric mean of anything with a 0 would be 0.
        if (score.correct[n] == 0) smoothing *= 2.0;
        const double correct = score.correct[n] > 0 ? (double)score.correct[n] : 1.0 / smoothing;
        score.precision[n] = 100.0 * correct / (double)score.total[n];
        log_sum += log(score.precision[n]);
    }
    score.score = score.brevity_penalty * exp(log_sum / BLEU_ORDERS);
    return score;
}

/* Counts are summed over all segments before any division: the mean of sentence scores is
 * something else. */
double bleu_score(const char *const *hypotheses, const char *const *const *references,
                  size_t reference_count, size_t count, BleuOptions options, BleuScore *score) {
    REQUIRE(reference_count >= 1, "no references to compare with");
    BleuCounts counts = {0};
    ByteArray hypothesis = {0};
    // One buffer for each reference: the piece that counts wants them all at once.
    ByteArray *tokens = memory_calloc(reference_count * sizeof *tokens);
    const char **lines = memory_alloc(reference_count * sizeof *lines);
    for (size_t i = 0; i < count; i++) {
        bleu_tokenize(hypotheses[i], options.tokenizer, options.lowercase, &hypothesis);
        for (size_t r = 0; r < reference_count; r++) {
            bleu_tokenize(references[r][i], options.tokenizer, options.lowercase, &tokens[r]);
            lines[r] = tokens[r].data;
        }
        bleu_counts_add(&counts, hypothesis.data, lines, reference_count);
    }
    for (size_t r = 0; r < reference_count; r++) free(tokens[r].data);
    free(tokens);
    free(lines);
    free(hypothesis.data);
    const BleuScore result = score_of(&counts);
    if (score) *score = result;
    return result.score;
}

/* "version" names the sacreBLEU release this was compared with; whoever quotes the line has the
 * whole recipe. */
void bleu_score_line(const BleuScore *score, size_t reference_count, BleuOptions options,
                     int decimals, char line[BLEU_LINE_BYTES]) {
    const double ratio = score->reference_length > 0
                             ? (double)score->hypothesis_length / (double)score->reference_length
                             : 0.0;
    snprintf(line, BLEU_LINE_BYTES,
             "BLEU|nrefs:%zu|case:%s|eff:no|tok:%s|smooth:exp|version:2.6.0 = %.*f "
             "%.1f/%.1f/%.1f/%.1f (BP = %.3f ratio = %.3f hyp_len = %ld ref_len = %ld)",
             reference_count, options.lowercase ? "lc" : "mixed",
             bleu_tokenizer_name(options.tokenizer), decimals, score->score, score->precision[0],
             score->precision[1], score->precision[2], score->precision[3], score->brevity_penalty,
             ratio, score->hypothesis_length, score->reference_length);
}
