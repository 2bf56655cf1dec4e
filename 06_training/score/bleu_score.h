/* bleu_score.h - BLEU of a corpus, equal to what sacreBLEU 2.6.0 computes.
 *
 * K. Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation", ACL 2002:
 *
 *   BLEU = 100 * BP * exp(sum_n 1/4 log p_n)   over the orders n = 1 .. 4
 *   p_n  = n-grams of the hypotheses that occur in a reference / n-grams of the hypotheses
 *   BP   = 1, or less if the hypotheses are shorter than the references
 *
 * with the counts and BP of bleu_counts.h,
 * summed over the corpus first: it is not the mean of the sentences' scores. An order without a
 * match would make the product 0; the k-th such order counts 1/2^k of a match instead ("exp", the
 * smoothing of NIST's mteval).
 */
#ifndef BLEU_SCORE_H
#define BLEU_SCORE_H

#include "06_training/score/bleu_counts.h"
#include "06_training/score/bleu_tokenize.h"

enum { BLEU_LINE_BYTES = 512 };

typedef struct {
    BleuTokenizer tokenizer;
    bool lowercase;
} BleuOptions;

typedef struct {
    double score;                                  // 0 to 100
    double precision[BLEU_ORDERS];                 // 100 p_n, after smoothing
    long correct[BLEU_ORDERS], total[BLEU_ORDERS]; // as in BleuCounts, from here on
    double brevity_penalty;
    long hypothesis_length, reference_length; // in tokens
} BleuScore;

/* The score of hypotheses (count) against references (reference_count, count): references[r][i]
 * is the r-th translation of segment i. All strings end with NUL; reference_count >= 1. Details
 * go to *score unless it is NULL. */
double bleu_score(const char *const *hypotheses, const char *const *const *references,
                  size_t reference_count, size_t count, BleuOptions options, BleuScore *score);

/* Writes sacreBLEU's line, without a newline: the signature that says how the score was computed,
 * the score with `decimals` digits (0 to 15), and its parts. */
void bleu_score_line(const BleuScore *score, size_t reference_count, BleuOptions options,
                     int decimals, char line[BLEU_LINE_BYTES]);

#endif
