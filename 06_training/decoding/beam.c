#include "06_training/decoding/beam.h"

#include <stddef.h>

#include "01_embeddings/tokens.h"
#include "common/vector.h"

/* The count best tokens after one hypothesis, with their scores, into best. */
static void best_tokens(const real *logits, int V, int hypothesis, double score,
                        BeamCandidate *best, int count) {
    enum { BLOCK = 64 };
    candidates_clear(best, count);
    // Among the tokens of one hypothesis the logits tell the order: the logarithm of the softmax
    // takes the same number from each. Most blocks of the vocabulary have none that is good enough,
    // and their largest, found many at a time, tells so.
    for (int first = 0; first < V; first += BLOCK) {
        const int end = V - first < BLOCK ? V : first + BLOCK;
        if (!(vector_max(logits + first, (size_t)(end - first)) > best[count - 1].score)) continue;
        for (int v = first; v < end; v++)
            if (v != TOKEN_PAD && v != TOKEN_BOS && logits[v] > best[count - 1].score)
                candidates_insert(best, count, (BeamCandidate){(double)logits[v], hypothesis, v});
    }
    // ln P(token) = logit - ln sum_v e^logit_v. The sum includes <pad> and <s>: the model was
    // trained with them, and taking them out would change the scores of all others.
    const real max = logits[best[0].token];
    const double log_sum = (double)max + log((double)vector_exp_sum(logits, (size_t)V, max));
    for (int i = 0; i < count; i++) best[i].score += score - log_sum;
}

/* K hypotheses each offer their `count` best tokens: the best of all are among them, so V K
 * candidates need not be sorted together. */
void beam_step(const real *logits, const double *scores, int K, int V, BeamCandidate *best,
               BeamCandidate *scratch, int count) {
    candidates_clear(best, count);
    // A hypothesis has no more candidates than there are tokens, however wide the beam is.
    const int tokens = count < V ? count : V;
    for (int k = 0; k < K; k++) {
        if (scores[k] == -INFINITY) continue; // at the start, all but one
        best_tokens(logits + (size_t)k * (size_t)V, V, k, scores[k], scratch, tokens);
        // In falling order: the first that is not good enough ends it for this hypothesis.
        for (int i = 0; i < tokens && scratch[i].score > best[count - 1].score; i++)
            candidates_insert(best, count, scratch[i]);
    }
}

/* A product of probabilities only falls as it grows longer: undivided, the shortest hypothesis
 * would win. alpha = 1 would nearly be the mean per token, which favours long ones. */
double beam_length_penalty(int length, double alpha) {
    return pow((5.0 + length) / 6.0, alpha);
}
