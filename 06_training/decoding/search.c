#include "06_training/decoding/search.h"

#include <stdlib.h>

#include "01_embeddings/tokens.h"
#include "06_training/decoding/beam.h"
#include "06_training/decoding/greedy.h"
#include "06_training/decoding/ranking.h"

/* The paper's beam and exponent, found on its validation set (section 6.1). */
SearchOptions search_defaults(void) {
    return (SearchOptions){.beam = 4, .length_penalty = 0.6};
}

/* One hypothesis is never compared with another, so its length has no say. */
SearchOptions search_greedy(void) {
    return (SearchOptions){.beam = 1};
}

/* ---- Beam search ----------------------------------------------------------------------------- */

/* One sentence's search. While it goes on it has the rows [first, first + rows) of the Decoding. */
typedef struct {
    int limit; // tokens it may have
    int first, rows;
    int finished;           // hypotheses that have ended and are kept, at most `wanted`
    SearchHypothesis *best; // (wanted): those, in falling order
} Sentence;

typedef struct {
    Decoding *decoding;
    SearchOptions options;
    int wanted;                    // hypotheses that a sentence is to have
    double *scores, *next_scores;  // (rows): ln P of the hypotheses, and of the next step's
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
    if (c.token != TOKEN_EOS)                                         // cut off at the limit
        int_array_push(&ids, decoding_token(beam->decoding, c.token));
    sentence->best[at] = (SearchHypothesis){ids, score};
}

/* Whether a hypothesis that goes on, with this ln P, can still be among the best: from here on P
 * only falls, and the divisor is largest at the limit. While one can, the search goes on, however
 * many others have ended: K bad endings must not cut off a good sentence that is merely longer. */
static bool could_win(const Sentence *sentence, const Beam *beam, double score) {
    return score / beam_length_penalty(sentence->limit, beam->options.length_penalty) >
           bar(sentence, beam);
}

/* The next step's rows of one sentence, from new_row on, are chosen among the `count` best
 * candidates; what ends is kept if it is good enough. Returns how many rows there are. */
static int choose(Beam *beam, Sentence *sentence, int count, int new_row) {
    const int K = beam->options.beam;
    // Of a candidate. The prefixes have as many tokens, but theirs count <s>.
    const int length = beam->decoding->length;
    int kept = 0;
    for (int i = 0; i < count && kept < K; i++) {
        const BeamCandidate c = beam->best[i];
        const int row = sentence->first + c.hypothesis;
        if (c.score == -INFINITY) break; // there are no more
        // At the limit every hypothesis ends, whether it says </s> or not.
        const bool ends = c.token == TOKEN_EOS || length >= sentence->limit;
        // Only the best K may end here. One that ends further down is no better than K that go on,
        // and would end the search with a hypothesis that no beam of this width would have kept.
        if (ends && i < K) finish(sentence, beam, c, decoding_prefix(beam->decoding, row), length);
        if (ends) continue;
        // The best candidates become the rows of the next step; a hypothesis may go on twice, and
        // another not at all.
        const int to = new_row + kept++;
        beam->from[to] = row;
        beam->token[to] = c.token;
        beam->next_scores[to] = c.score;
    }
    // What cannot win any more would only be carried along, and so would all that comes of it: not
    // even a place in the beam is lost to others, since those it keeps out are worse still.
    while (kept > 0 && !could_win(sentence, beam, beam->next_scores[new_row + kept - 1])) kept--;
    return kept;
}

/* Moves one sentence on by a token: its new rows are new_row onwards. */
static void advance(Beam *beam, Sentence *sentence, int count, int new_row) {
    sentence->rows = choose(beam, sentence, count, new_row);
    sentence->first = new_row;
}

/* The `count` best candidates of one sentence into beam->best, out of what comes after each row:
 * ranking (rows,count), or, where the plain way is gone, logits (rows,V). */
static void find_best(Beam *beam, const Sentence *sentence, const BeamCandidate *ranking,
                      const Tensor *logits, int count) {
    const double *scores = beam->scores + sentence->first;
    const size_t first = (size_t)sentence->first;
    if (ranking) {
        ranking_merge(beam->best, ranking + first * (size_t)count, scores, sentence->rows, count);
    } else {
        const int V = logits->shape[1];
        beam_step(logits->data + first * (size_t)V, scores, sentence->rows, V, beam->best,
                  beam->scratch, count);
    }
}

/* One token more for every sentence. Those that go on stay in `active`; returns how many. */
static int step(Beam *beam, Sentence **active, int sentences) {
    Decoding *decoding = beam->decoding;
    // Each of the K hypotheses can end in only one way, so of the 2K best candidates at least K go
    // on.
    const int count = 2 * beam->options.beam;
    // All sentences in one matrix product: that is what makes a batch worth its trouble.
    Tensor *decoded = decoding_run(decoding); // (rows,E)
    const bool plain = !decoding->shared;
    const BeamCandidate *ranking = plain ? NULL : ranking_of(decoding, decoded, count);
    const Tensor *logits = plain ? decoding_logits_of(decoding, decoded) : NULL; // (rows,V)
    int still = 0, new_row = 0;
    for (int i = 0; i < sentences; i++) {
        find_best(beam, active[i], ranking, logits, count);
        advance(beam, active[i], count, new_row);
        new_row += active[i]->rows;
        if (active[i]->rows > 0) active[still++] = active[i]; // still <= i: it has been read
    }
    double *scores = beam->scores;
    beam->scores = beam->next_scores;
    beam->next_scores = scores;
    decoding_extend(decoding, beam->from, beam->token, new_row);
    return still;
}

/* Sentences leave the batch as their searches end, and hypotheses as they cannot win, so late steps
 * run on few rows: those that stay move up. */
static void beam_decode(Beam *beam, Sentence *sentences, int B) {
    Sentence **active = graph_alloc((size_t)B * sizeof(Sentence *)); // those still searched
    for (int b = 0; b < B; b++) active[b] = &sentences[b];
    for (int count = B; count > 0;) count = step(beam, active, count);
}

/* Everything the search writes to is allocated here, before the first step: what a step allocates
 * goes with it. best (B,wanted) belongs to the caller. */
static void beam_search(Decoding *decoding, SearchOptions options, const int *limit, int B,
                        int wanted, SearchHypothesis *best) {
    const size_t rows = (size_t)decoding->most, candidates = 2 * (size_t)options.beam;
    Beam beam = {.decoding = decoding,
                 .options = options,
                 .wanted = wanted,
                 .scores = graph_alloc(rows * sizeof(double)),
                 .next_scores = graph_alloc(rows * sizeof(double)),
                 .from = graph_alloc(rows * sizeof(int)),
                 .token = graph_alloc(rows * sizeof(int)),
                 .best = graph_alloc(candidates * sizeof(BeamCandidate)),
                 .scratch = graph_alloc(candidates * sizeof(BeamCandidate))};
    // Each sentence has one row, <s>, at first: K equal rows would make K equal hypotheses.
    for (int b = 0; b < B; b++) beam.scores[b] = 0;
    Sentence *sentences = graph_alloc((size_t)B * sizeof *sentences);
    for (int b = 0; b < B; b++)
        sentences[b] = (Sentence){
            .limit = limit[b], .first = b, .rows = 1, .best = best + (size_t)b * (size_t)wanted};
    beam_decode(&beam, sentences, B);
    for (int b = 0; b < B; b++) // where there were fewer: none
        for (int i = sentences[b].finished; i < wanted; i++) sentences[b].best[i].score = -INFINITY;
}

/* ---- A batch --------------------------------------------------------------------------------- */

/* limit (B) <- the tokens that each translation may have; returns the largest. A model that has not
 * learned to stop would go on for ever. Twice the source and ten more leaves room where training
 * had nothing longer. */
static int make_limits(const int *src, int B, int S, int max_length, SearchOptions options,
                       int *limit) {
    const int factor = options.length_factor ? options.length_factor : 2;
    int largest = 0;
    for (int b = 0; b < B; b++) {
        int length = 0;
        for (int s = 0; s < S; s++) length += src[b * S + s] != TOKEN_PAD;
        const int usual = options.limits ? options.limits[b] : factor * length + 10;
        limit[b] = usual < max_length ? usual : max_length;
        if (limit[b] > largest) largest = limit[b];
    }
    return largest;
}

/* Leaves all tokens where the list would not help. */
static void limit_to(Decoding *decoding, const Shortlist *shortlist, const int *src, int places) {
    int *tokens = graph_alloc((size_t)shortlist->V * sizeof *tokens);
    const int count = shortlist_union(shortlist, src, (size_t)places, tokens);
    if (count) decoding_limit(decoding, tokens, count);
}

/* What greedy_decode appends are places among the logits. */
static void greedy_search(Decoding *decoding, const int *limit, int B, IntArray *out) {
    size_t *before = graph_alloc((size_t)B * sizeof *before);
    for (int b = 0; b < B; b++) before[b] = out[b].count;
    greedy_decode(decoding, limit, out);
    for (int b = 0; b < B; b++)
        for (size_t i = before[b]; i < out[b].count; i++)
            out[b].data[i] = decoding_token(decoding, out[b].data[i]);
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
    const int capacity = make_limits(src, B, S, max_length, options, limit) + 1; // and <s>
    Decoding decoding =
        decoding_begin(model, src, B, S, B * options.beam, capacity, options.recompute);
    if (options.shortlist) limit_to(&decoding, options.shortlist, src, B * S);
    if (greedy)
        greedy_search(&decoding, limit, B, greedy);
    else
        beam_search(&decoding, options, limit, B, wanted, best);
    decoding_end(&decoding);
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
