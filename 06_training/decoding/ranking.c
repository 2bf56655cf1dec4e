#include "06_training/decoding/ranking.h"

#include "01_embeddings/tokens.h"
#include "common/vector.h"

/* What is known of a row after some pieces of the vocabulary: sum is that of e^(logit - max). */
typedef struct {
    real max;
    double sum;
    BeamCandidate *best; // (count): scores are the logits
} Ranked;

/* Tokens `first` to first + n, with these logits. Most of them are not good enough, and the largest
 * of a block, found many at a time, tells so. */
static void look(Ranked *row, const real *logits, int first, int n, int count) {
    enum { BLOCK = 128 };
    real most = -INFINITY;
    for (int at = 0; at < n; at += BLOCK) {
        const int end = n - at < BLOCK ? n : at + BLOCK;
        const real max = vector_max(logits + at, (size_t)(end - at));
        if (max > most) most = max;
        if (!(max > row->best[count - 1].score)) continue;
        for (int i = at; i < end; i++)
            if (logits[i] > row->best[count - 1].score && first + i != TOKEN_PAD &&
                first + i != TOKEN_BOS)
                candidates_insert(row->best, count,
                                  (BeamCandidate){(double)logits[i], 0, first + i});
    }
    // The largest so far is subtracted from all: when there is a larger one, from the former again.
    if (most > row->max) {
        row->sum *= exp((double)row->max - (double)most);
        row->max = most;
    }
    row->sum += (double)vector_exp_sum(logits, (size_t)n, row->max);
}

/* As many tokens at a time as keep the logits of all rows in the cache next to the processor, and
 * whole panels of the packed weight (packed.h). */
static int piece_for(int rows) {
    enum { LOGITS = 1 << 18, MOST = 1024, PANEL = 64 };
    const int fit = LOGITS / rows;
    return fit > MOST ? MOST : fit < PANEL ? PANEL : fit / PANEL * PANEL;
}

const BeamCandidate *ranking_of(Decoding *decoding, Tensor *decoded, int count) {
    Arena *arena = &graph_current()->arena;
    const Linear *generator = &decoding->generator;
    const int rows = decoded->shape[0], V = generator->weight->shape[0], piece = piece_for(rows);
    BeamCandidate *best = graph_alloc((size_t)rows * (size_t)count * sizeof *best);
    Ranked *row = graph_alloc((size_t)rows * sizeof *row);
    candidates_clear(best, rows * count);
    for (int r = 0; r < rows; r++) row[r] = (Ranked){-INFINITY, 0, best + r * count};
    for (int first = 0; first < V; first += piece) {
        const int n = V - first < piece ? V - first : piece;
        const ArenaMark mark = arena_mark(arena);
        const Tensor *logits =
            op_linear_rows(decoded, generator->weight, generator->bias, first, n); // (rows,n)
        decoding->finite = decoding->finite && vector_is_finite(logits->data, logits->size);
        for (int r = 0; r < rows; r++) look(&row[r], logits->data + r * n, first, n, count);
        arena_release(arena, mark);
    }
    for (int r = 0; r < rows; r++)
        for (int i = 0; i < count; i++) best[r * count + i].score -= row[r].max + log(row[r].sum);
    return best;
}

/* A hypothesis' tokens are in falling order: the first that is not good enough ends it for it. */
void ranking_merge(BeamCandidate *best, const BeamCandidate *ranking, const double *scores, int K,
                   int count) {
    candidates_clear(best, count);
    for (int k = 0; k < K; k++)
        for (int i = 0; i < count; i++) {
            BeamCandidate c = ranking[k * count + i];
            c.score += scores[k];
            c.hypothesis = k;
            if (!(c.score > best[count - 1].score)) break;
            candidates_insert(best, count, c);
        }
}
