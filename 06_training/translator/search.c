#include "06_training/translator/search.h"

#include <stdlib.h>

#include "01_embeddings/tokens.h"
#include "06_training/translator/beam.h"
#include "06_training/translator/greedy.h"

/* The paper's beam and exponent, found on its validation set (section 6.1). */
SearchOptions search_defaults(void) {
    return (SearchOptions){.beam = 4, .length_penalty = 0.6};
}

/* One hypothesis is never compared with another, so its length has no say. */
SearchOptions search_greedy(void) {
    return (SearchOptions){.beam = 1};
}

/* ---- Beam search ----------------------------------------------------------------------------- */

/* One sentence's search. While it is active it owns `beam` rows of the Decoding. */
typedef struct {
    int limit;              // tokens it may have
    int finished;           // hypotheses that have ended and are kept, at most `wanted`
    SearchHypothesis *best; // (wanted): those, in falling order
} Sentence;

typedef struct {
    Decoding *decoding;
    SearchOptions options;
    int wanted;                    // hypotheses that a sentence is to have
    double *scores;                // (rows): ln P of the hypotheses
    int *from, *token;             // (rows): how the next step's rows come about
    BeamCandidate *best, *scratch; // (2 beam)
} Beam;

/* What a hypothesis must be better than to count: the last of those that are wanted. */
static double bar(const Sentence *sentence, const Beam *beam) {
    return sentence->finished < beam->wanted ? -INFINITY : sentence->best[beam->wanted - 1].score;
}

/* A hypothesis has ended with candidate c, having `length` tokens. It stays if it is among the best
 * so far; of equal ones the earlier is the better. */
static void finish(Sentence *sentence, const Beam *beam, BeamCandidate c, const int *prefix,
                   int length) {
    const double score = c.score / beam_length_penalty(length, beam->options.length_penalty);
    if (!(score > bar(sentence, beam)) && sentence->finished == beam->wanted) return;
    if (sentence->finished < beam->wanted) sentence->finished++;
    int at = sentence->finished - 1;
    IntArray ids = sentence->best[at].ids; // of one that goes, or empty: its memory is used again
    for (; at > 0 && score > sentence->best[at - 1].score; at--)
        sentence->best[at] = sentence->best[at - 1];
    ids.count = 0;
    for (int i = 1; i < length; i++) int_array_push(&ids, prefix[i]); // without <s>
    if (c.token != TOKEN_EOS) int_array_push(&ids, c.token);          // cut off at the limit
    sentence->best[at] = (SearchHypothesis){ids, score};
}

/* Whether a hypothesis that goes on, with this ln P, can still be among the best: from here on P
 * only falls, and the divisor is largest at the limit. While one can, the search goes on, however
 * many others have ended: K bad endings must not cut off a good sentence that is merely longer. */
static bool could_win(const Sentence *sentence, const Beam *beam, double score) {
    return score / beam_length_penalty(sentence->limit, beam->options.length_penalty) >
           bar(sentence, beam);
}

/* Moves one sentence on by a token: its rows first_row .. first_row + beam, of which the new ones
 * go to new_row onwards. logits (rows,V), of all sentences. False: its search has ended. */
static bool advance(Beam *beam, Sentence *sentence, Tensor *logits, int first_row, int new_row) {
    const int K = beam->options.beam, V = logits->shape[1];
    // Each of the K hypotheses can end in only one way, so of the 2K best candidates at least K go
    // on.
    const int wanted = 2 * K;
    // Of a candidate. The prefixes have as many tokens, but theirs count <s>.
    const int length = beam->decoding->length;
    beam_step(logits->data + (size_t)first_row * (size_t)V, beam->scores + first_row, K, V,
              beam->best, beam->scratch, wanted);
    int kept = 0;
    for (int i = 0; i < wanted && kept < K; i++) {
        const BeamCandidate c = beam->best[i];
        const int row = first_row + c.hypothesis;
        // At the limit every hypothesis ends, whether it says </s> or not.
        const bool alive = c.score > -INFINITY;
        const bool ends = alive && (c.token == TOKEN_EOS || length >= sentence->limit);
        // Only the best K of the 2K may end here. One that ends further down is no better than K
        // that go on, and would end the search with a hypothesis that no beam of this width would
        // have kept.
        if (ends && i < K) finish(sentence, beam, c, decoding_prefix(beam->decoding, row), length);
        if (ends) continue;
        // The best candidates become the rows of the next step; a hypothesis may go on twice, and
        // another not at all.
        const int to = new_row + kept++;
        beam->from[to] = row;
        beam->token[to] = c.token;
        beam->scores[to] = c.score;
    }
    return kept > 0 && length < sentence->limit && could_win(sentence, beam, beam->scores[new_row]);
}

/* Sentences leave the batch as their searches end, so late steps run on few rows. The rows of those
 * that stay move up: sentence active[i] has rows i K up to (i + 1) K. */
static void beam_decode(Beam *beam, Sentence *sentences, int B) {
    const int K = beam->options.beam;
    int *active = graph_alloc((size_t)B * sizeof *active); // sentences still searched
    for (int b = 0; b < B; b++) active[b] = b;
    for (int count = B; count > 0;) {
        // All sentences in one matrix product: that is what makes a batch worth its trouble.
        Tensor *logits = decoding_logits(beam->decoding); // (rows,V)
        // still <= i: a sentence that stays moves up into rows that have been read already.
        int still = 0;
        for (int i = 0; i < count; i++)
            if (advance(beam, &sentences[active[i]], logits, i * K, still * K))
                active[still++] = active[i];
        count = still;
        decoding_extend(beam->decoding, beam->from, beam->token, count * K);
    }
}

/* Everything the search writes to is allocated here, before the first step: what a step allocates
 * goes with it. best (B,wanted) belongs to the caller. */
static void beam_search(Decoding *decoding, SearchOptions options, const int *limit, int B,
                        int wanted, SearchHypothesis *best) {
    const size_t rows = (size_t)decoding->rows, candidates = 2 * (size_t)options.beam;
    Beam beam = {.decoding = decoding,
                 .options = options,
                 .wanted = wanted,
                 .scores = graph_alloc(rows * sizeof(double)),
                 .from = graph_alloc(rows * sizeof(int)),
                 .token = graph_alloc(rows * sizeof(int)),
                 .best = graph_alloc(candidates * sizeof(BeamCandidate)),
                 .scratch = graph_alloc(candidates * sizeof(BeamCandidate))};
    // All rows of a sentence begin with <s>: K equal rows would make K equal hypotheses.
    for (int r = 0; r < decoding->rows; r++) beam.scores[r] = r % options.beam ? -INFINITY : 0;
    Sentence *sentences = graph_alloc((size_t)B * sizeof *sentences);
    for (int b = 0; b < B; b++)
        sentences[b] = (Sentence){.limit = limit[b], .best = best + (size_t)b * (size_t)wanted};
    beam_decode(&beam, sentences, B);
    for (int b = 0; b < B; b++) // where there were fewer: none
        for (int i = sentences[b].finished; i < wanted; i++) sentences[b].best[i].score = -INFINITY;
}

/* ---- A batch --------------------------------------------------------------------------------- */

/* limit (B) <- the tokens that each translation may have; returns the largest. A model that has not
 * learned to stop would go on for ever. Twice the source and ten more leaves room for any true
 * translation. */
static int make_limits(const int *src, int B, int S, int max_length, int *limit) {
    int largest = 0;
    for (int b = 0; b < B; b++) {
        int length = 0;
        for (int s = 0; s < S; s++) length += src[b * S + s] != TOKEN_PAD;
        limit[b] = 2 * length + 10 < max_length ? 2 * length + 10 : max_length;
        if (limit[b] > largest) largest = limit[b];
    }
    return largest;
}

/* Everything the search allocates goes with this mark; the caller's tensors in the same graph
 * stay. greedy: out (B) instead of best. */
static bool search(const Transformer *model, const int *src, int B, int S, int max_length,
                   SearchOptions options, int wanted, SearchHypothesis *best, IntArray *greedy) {
    REQUIRE(options.beam >= 1, "a beam of %d", options.beam);
    Arena *arena = &graph_current()->arena;
    const GraphMode before = graph_quiet();
    const ArenaMark start = arena_mark(arena);
    int *limit = graph_alloc((size_t)B * sizeof *limit);
    const int capacity = make_limits(src, B, S, max_length, limit) + 1; // and <s>
    Decoding decoding = decoding_begin(model, src, B, S, options.beam, capacity, options.recompute);
    if (greedy)
        greedy_decode(&decoding, limit, greedy);
    else
        beam_search(&decoding, options, limit, B, wanted, best);
    arena_release(arena, start);
    graph_restore(before);
    return decoding.finite;
}

/* Greedy decoding has a file of its own although a beam of one would say the same: it needs no
 * probabilities, only the largest logit. */
bool search_batch(const Transformer *model, const int *src, int B, int S, int max_length,
                  SearchOptions options, IntArray *out) {
    if (options.beam == 1) return search(model, src, B, S, max_length, options, 1, NULL, out);
    SearchHypothesis *best = memory_calloc((size_t)B * sizeof *best);
    const bool finite = search(model, src, B, S, max_length, options, 1, best, NULL);
    for (int b = 0; b < B; b++) {
        for (size_t i = 0; i < best[b].ids.count; i++) int_array_push(&out[b], best[b].ids.data[i]);
        free(best[b].ids.data);
    }
    free(best);
    return finite;
}

bool search_best(const Transformer *model, const int *src, int B, int S, int max_length,
                 SearchOptions options, int wanted, SearchHypothesis *best) {
    REQUIRE(wanted >= 1 && wanted <= options.beam, "the %d best of a beam of %d", wanted,
            options.beam);
    return search(model, src, B, S, max_length, options, wanted, best, NULL);
}
