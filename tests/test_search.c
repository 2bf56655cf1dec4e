/* test_search.c - greedy decoding and beam search, piece by piece with numbers by hand, and as a
 * whole against the plainest program that does the same. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "01_embeddings/tokens.h"
#include "06_training/decoding/beam.h"
#include "06_training/decoding/greedy.h"
#include "06_training/decoding/ranking.h"
#include "06_training/decoding/search.h"
#include "common/kernels.h"
#include "tests/suite.h"

/* ---- Pieces ---------------------------------------------------------------------------------- */

START_TEST(the_likeliest_token) {
    // <pad> and <s> are never said, and of two the first is.
    ck_assert_int_eq(greedy_token((const real[]){9, 8, 1, 3, 3, 2}, 6), 3);
    ck_assert_int_eq(greedy_token((const real[]){9, 8, 1, -3, 0.5, 0}, 6), TOKEN_EOS);
    ck_assert_int_eq(greedy_token((const real[]){0, 0, -5, -4, -4.5, -3}, 6), 5);
    ck_assert_int_eq(greedy_token((const real[]){0, 0, -7}, 3), TOKEN_EOS);
}
END_TEST

enum { V = 5, COUNT = 4 };

static void expect_candidate(BeamCandidate c, double p, int hypothesis, int token) {
    ck_assert_double_eq_tol(c.score, log(p), 1e-6);
    ck_assert_int_eq(c.hypothesis, hypothesis);
    ck_assert_int_eq(c.token, token);
}

/* Two hypotheses of probability 1/2 and 1/4. Their candidates, in the order of </s>, 3, 4:
 *     0.5 (0.4 0.3 0.1) = 0.2 0.15 0.05        0.25 (0.5 0.25 0.25) = 0.125 0.0625 0.0625 */
START_TEST(the_best_of_all_candidates) {
    static const double p[2][V] = {{0.1, 0.1, 0.4, 0.3, 0.1}, {1e-9, 1e-9, 0.5, 0.25, 0.25}};
    real logits[2 * V];
    for (int i = 0; i < 2 * V; i++)
        logits[i] = (real)(log(p[i / V][i % V]) + 3 * (i / V)); // what is added to all is nothing
    BeamCandidate best[COUNT], scratch[COUNT];
    beam_step(logits, (const double[]){log(0.5), log(0.25)}, 2, V, best, scratch, COUNT);
    expect_candidate(best[0], 0.2, 0, TOKEN_EOS);
    expect_candidate(best[1], 0.15, 0, 3);
    expect_candidate(best[2], 0.125, 1, TOKEN_EOS);
    expect_candidate(best[3], 0.0625, 1, 3); // of two equal ones the earlier
}
END_TEST

/* At the start there is one hypothesis, and it has three ways to go on. */
START_TEST(fewer_candidates_than_asked_for) {
    real logits[2 * V] = {0, 0, 0, 1, 2, /**/ 9, 9, 9, 9, 9};
    BeamCandidate best[COUNT], scratch[COUNT];
    beam_step(logits, (const double[]){0, -INFINITY}, 2, V, best, scratch, COUNT);
    const double sum = 3 + exp(1) + exp(2); // <pad> and <s> have their shares
    expect_candidate(best[0], exp(2) / sum, 0, 4);
    expect_candidate(best[1], exp(1) / sum, 0, 3);
    expect_candidate(best[2], 1 / sum, 0, TOKEN_EOS);
    ck_assert_double_eq(best[3].score, -INFINITY);
}
END_TEST

START_TEST(length_penalty) {
    ck_assert_double_eq(beam_length_penalty(1, 0.6), 1); // (5 + 1) / 6
    ck_assert_double_eq(beam_length_penalty(50, 0), 1);
    ck_assert_double_eq_tol(beam_length_penalty(7, 1), 2, 1e-15);
    ck_assert_double_eq_tol(beam_length_penalty(19, 0.5), 2, 1e-15);
    ck_assert_double_eq_tol(beam_length_penalty(13, 2), 9, 1e-14);
}
END_TEST

/* Larger than the pieces in which ranking goes through it, and not a multiple of them. */
enum { MANY = 2500, ROWS = 5, WANTED = 8 };

/* With logits of which many are equal: of those the first is the better, in whatever piece. */
START_TEST(ranking_finds_what_the_step_finds) {
    static const double scores[ROWS] = {-1, -1.5, -0.25, -7, -2};
    Graph *graph = graph_new();
    graph_use(graph);
    Random random;
    random_seed(&random, 3);
    const TransformerConfig config = {.layer = {.d_model = 8, .nhead = 2, .dim_feedforward = 8},
                                      .num_encoder_layers = 1,
                                      .num_decoder_layers = 1,
                                      .src_vocab = 4,
                                      .tgt_vocab = MANY};
    Transformer *model = transformer_new(&config, &random);
    const Linear *generator = &model->generator;
    for (size_t i = 0; _i && i < generator->weight->size; i++) // ties: what repeats every 600 rows
        generator->weight->data[i] = (real)((i % 4800) % 7) - 3;
    for (size_t i = 0; _i && i < MANY; i++) generator->bias->data[i] = 0;
    if (_i) transformer_pack(model);
    Decoding decoding = {.model = model, .generator = *generator, .rows = ROWS, .finite = true};
    Tensor *decoded = TENSOR(ROWS, 8);
    random_fill_uniform(&random, decoded->data, decoded->size, -4, 4);
    const Tensor *logits = decoding_logits_of(&decoding, decoded);
    BeamCandidate expected[WANTED], found[WANTED], scratch[WANTED];
    beam_step(logits->data, scores, ROWS, MANY, expected, scratch, WANTED);
    ranking_merge(found, ranking_of(&decoding, decoded, WANTED), scores, ROWS, WANTED);
    for (int i = 0; i < WANTED; i++) {
        ck_assert_double_eq_tol(found[i].score, expected[i].score, 1e-5);
        ck_assert_int_eq(found[i].hypothesis, expected[i].hypothesis);
        ck_assert_int_eq(found[i].token, expected[i].token);
    }
    ck_assert(decoding.finite);
    generator->bias->data[MANY - 1] = -INFINITY;
    ranking_of(&decoding, decoded, WANTED);
    ck_assert(!decoding.finite);
    transformer_free(model);
    graph_free(graph);
}
END_TEST

/* ---- Whole searches -------------------------------------------------------------------------- */

enum { B = 4, S = 5, WORDS = 7, MAX_LENGTH = 13 };

static const int SRC[B * S] = {3,      4, 5, 6, 2, /**/ 6, 2, 0, 0, 0,
                               /**/ 5, 5, 2, 0, 0, /**/ 3, 6, 4, 2, 0};

/* Untrained, with sharp opinions: weights are drawn ten times as large for the output. */
static Transformer *model_with(uint64_t seed, PositionsKind positions, AttentionKind attention) {
    Random random;
    random_seed(&random, seed);
    const TransformerConfig config = {.layer = {.d_model = 8,
                                                .nhead = 2,
                                                .dim_feedforward = 16,
                                                .dropout = (real)0.5,
                                                .positions = positions,
                                                .attention = attention},
                                      .num_encoder_layers = 2,
                                      .num_decoder_layers = 2,
                                      .src_vocab = WORDS,
                                      .tgt_vocab = WORDS};
    Transformer *model = transformer_new(&config, &random);
    for (size_t i = 0; i < model->generator.weight->size; i++)
        model->generator.weight->data[i] *= 10;
    return model;
}

static Transformer *model_of(uint64_t seed) {
    return model_with(seed, POSITIONS_SINUSOID, ATTENTION_FUSED);
}

static Graph *use_new_graph(void) {
    Graph *graph = graph_new();
    graph_use(graph);
    return graph;
}

static int length_of(const int *src) {
    int length = 0;
    while (length < S && src[length] != TOKEN_PAD) length++;
    return length;
}

static int limit_of(const int *src) {
    const int limit = 2 * length_of(src) + 10;
    return limit < MAX_LENGTH ? limit : MAX_LENGTH;
}

/* ln P of every token after a beginning, without batch or cache: the whole model, forward. */
static void next_log_probabilities(const Transformer *model, const int *src, const int *tgt, int T,
                                   double log_p[WORDS]) {
    graph_reset(graph_current());
    const GraphMode before = graph_quiet();
    const Batch batch = {.B = 1, .S = length_of(src), .T = T, .src = src, .tgt = tgt};
    const Tensor *logits = transformer_logits(model, transformer_forward(model, &batch, NULL));
    const real *last = logits->data + (size_t)(T - 1) * WORDS;
    double sum = 0;
    for (int v = 0; v < WORDS; v++) sum += exp((double)last[v]);
    for (int v = 0; v < WORDS; v++) log_p[v] = (double)last[v] - log(sum);
    graph_restore(before);
}

/* The Annotated Transformer's greedy_decode. */
static int plain_greedy(const Transformer *model, const int *src, int *said) {
    int tgt[MAX_LENGTH + 1] = {TOKEN_BOS}, count = 0;
    while (count < limit_of(src)) {
        double log_p[WORDS];
        next_log_probabilities(model, src, tgt, count + 1, log_p);
        int best = TOKEN_EOS;
        for (int v = TOKEN_EOS; v < WORDS; v++)
            if (log_p[v] > log_p[best]) best = v;
        if (best == TOKEN_EOS) break;
        said[count++] = best;
        tgt[count] = best;
    }
    return count;
}

static void expect_said(const IntArray *said, const int *expected, int count, int sentence) {
    ck_assert_msg((int)said->count == count, "sentence %d: %zu tokens, not %d", sentence,
                  said->count, count);
    for (int i = 0; i < count; i++) ck_assert_int_eq(said->data[i], expected[i]);
}

/* In a batch of sentences of different lengths, which end at different times, and with keys and
 * values kept: what each of them gets alone. Ends by </s> and by the limit both occur. */
START_TEST(greedy_is_the_plain_loop) {
    Graph *graph = use_new_graph();
    int ended = 0, cut = 0;
    for (uint64_t seed = 0; seed < 10; seed++) {
        Transformer *model = model_of(seed);
        SearchOptions options = search_greedy();
        options.recompute = _i;
        IntArray said[B] = {{0}};
        search_batch(model, SRC, B, S, MAX_LENGTH, options, said);
        for (int b = 0; b < B; b++) {
            int expected[MAX_LENGTH];
            const int count = plain_greedy(model, SRC + b * S, expected);
            expect_said(&said[b], expected, count, b);
            if (count == limit_of(SRC + b * S))
                cut++;
            else
                ended++;
            free(said[b].data);
        }
        transformer_free(model);
    }
    ck_assert_int_gt(ended, 5);
    ck_assert_int_gt(cut, 5);
    graph_free(graph);
}
END_TEST

/* One translation, and all of up to `limit` tokens, by looking at each. */
typedef struct {
    double score;
    int said[MAX_LENGTH], count;
} One;

typedef struct {
    const Transformer *model;
    const int *src;
    int limit;
    double alpha;
    One one[96];
    int count;
} All;

static void look_at(All *all, int *tgt, int length, double score) {
    double log_p[WORDS];
    next_log_probabilities(all->model, all->src, tgt, length, log_p);
    for (int v = TOKEN_EOS; v < WORDS; v++) {
        tgt[length] = v;
        if (v != TOKEN_EOS && length < all->limit) {
            look_at(all, tgt, length + 1, score + log_p[v]);
            continue;
        }
        One *one = &all->one[all->count++];
        one->score = (score + log_p[v]) / beam_length_penalty(length, all->alpha);
        one->count = v == TOKEN_EOS ? length - 1 : length;
        memcpy(one->said, tgt + 1, (size_t)one->count * sizeof *tgt);
    }
}

static int by_score(const void *first, const void *second) {
    const One *a = first, *b = second;
    return a->score > b->score ? -1 : a->score < b->score;
}

/* In falling order. */
static void look_at_all(All *all, const Transformer *model, const int *src, int limit,
                        double alpha) {
    int tgt[MAX_LENGTH + 1] = {TOKEN_BOS};
    *all = (All){.model = model, .src = src, .limit = limit, .alpha = alpha};
    look_at(all, tgt, 1, 0);
    qsort(all->one, (size_t)all->count, sizeof(One), by_score);
}

enum { WIDE = 96, LIMIT = 3 };

static const double ALPHAS[] = {0, 0.6, 2};

/* A beam wide enough to drop nothing finds it: 1 + 4 + 16 5 translations of at most 3 tokens. */
START_TEST(a_wide_beam_finds_the_best_of_all) {
    Graph *graph = use_new_graph();
    for (uint64_t seed = 0; seed < 4; seed++) {
        Transformer *model = model_of(seed);
        const SearchOptions options = {.beam = WIDE, .length_penalty = ALPHAS[_i]};
        IntArray said[B] = {{0}};
        search_batch(model, SRC, B, S, LIMIT, options, said);
        for (int b = 0; b < B; b++) {
            All all;
            look_at_all(&all, model, SRC + b * S, LIMIT, ALPHAS[_i]);
            ck_assert_int_eq(all.count, 1 + 4 + 16 * 5);
            expect_said(&said[b], all.one[0].said, all.one[0].count, b);
            free(said[b].data);
        }
        transformer_free(model);
    }
    graph_free(graph);
}
END_TEST

/* ... and the N best of all, in their order, with their scores: the search ends when no other one
 * can come before the N-th. Two that are equal but for rounding may come in either order. */
static void expect_best(const SearchHypothesis *best, int wanted, const All *all, int sentence) {
    for (int i = 0; i < wanted; i++) {
        if (i >= all->count) {
            ck_assert_double_eq(best[i].score, -INFINITY);
            continue;
        }
        ck_assert_double_eq_tol(best[i].score, all->one[i].score, 1e-4);
        const bool tied = (i > 0 && all->one[i - 1].score - all->one[i].score < 1e-4) ||
                          all->one[i].score - all->one[i + 1].score < 1e-4;
        if (!tied) expect_said(&best[i].ids, all->one[i].said, all->one[i].count, sentence);
    }
}

/* limit 1 has five translations, fewer than are wanted. */
START_TEST(a_wide_beam_finds_the_best_ones_in_order) {
    static const int wanted[] = {1, 2, 7, 40}, limits[] = {LIMIT, LIMIT, 1, LIMIT};
    Graph *graph = use_new_graph();
    for (uint64_t seed = 0; seed < 12; seed++) {
        Transformer *model = model_of(seed / 3);
        const double alpha = ALPHAS[seed % 3];
        const SearchOptions options = {.beam = WIDE, .length_penalty = alpha};
        SearchHypothesis best[B * 40] = {{.score = 0}};
        search_best(model, SRC, B, S, limits[_i], options, wanted[_i], best);
        for (int b = 0; b < B; b++) {
            All all;
            look_at_all(&all, model, SRC + b * S, limits[_i], alpha);
            expect_best(best + b * wanted[_i], wanted[_i], &all, b);
        }
        for (int i = 0; i < B * wanted[_i]; i++) free(best[i].ids.data);
        transformer_free(model);
    }
    graph_free(graph);
}
END_TEST

static double score_of(const Transformer *model, const int *src, const IntArray *said,
                       double alpha);

/* In a narrow beam, too: the first is at least as good as what search_batch says, whose search may
 * end earlier; the others are other ones, none is better than the one before it, and the scores are
 * those of the model. */
START_TEST(the_best_ones_of_a_narrow_beam) {
    enum { NARROW = 4 };
    Graph *graph = use_new_graph();
    for (uint64_t seed = 0; seed < 10; seed++) {
        Transformer *model = model_of(seed);
        const SearchOptions options = {.beam = NARROW, .length_penalty = 0.6};
        SearchHypothesis best[B * NARROW] = {{.score = 0}};
        IntArray said[B] = {{0}};
        search_batch(model, SRC, B, S, MAX_LENGTH, options, said);
        search_best(model, SRC, B, S, MAX_LENGTH, options, NARROW, best);
        for (int b = 0; b < B; b++) {
            const SearchHypothesis *mine = best + b * NARROW;
            const SearchHypothesis *last = mine;
            for (; last + 1 < mine + NARROW && last[1].score > -INFINITY; last++) {
                ck_assert_double_le(last[1].score, last->score);
                ck_assert(last->ids.count != last[1].ids.count ||
                          memcmp(last->ids.data, last[1].ids.data, last->ids.count * sizeof(int)) !=
                              0);
            }
            ck_assert(last > mine); // there are more than one
            ck_assert_double_ge(mine->score, score_of(model, SRC + b * S, &said[b], 0.6) - 1e-4);
            for (const SearchHypothesis *one = mine; one <= last; one++)
                ck_assert_double_eq_tol(score_of(model, SRC + b * S, &one->ids, 0.6), one->score,
                                        1e-3);
            for (int i = 0; i < NARROW; i++) free(mine[i].ids.data);
            free(said[b].data);
        }
        transformer_free(model);
    }
    graph_free(graph);
}
END_TEST

enum { HYPOTHESES = 4 };

/* All that a beam of HYPOTHESES finds; the caller frees with forget. */
static void search_all(const Transformer *model, bool recompute, SearchHypothesis *best) {
    const SearchOptions options = {
        .beam = HYPOTHESES, .length_penalty = 0.6, .recompute = recompute};
    memset(best, 0, B * HYPOTHESES * sizeof *best);
    ck_assert(search_best(model, SRC, B, S, MAX_LENGTH, options, HYPOTHESES, best));
}

static void forget(SearchHypothesis *best) {
    for (int i = 0; i < B * HYPOTHESES; i++) free(best[i].ids.data);
}

/* The same translations in the same order with the same scores but for rounding. Where two scores
 * are as good as equal the order is open. */
static void expect_same(const SearchHypothesis *a, const SearchHypothesis *b) {
    for (int i = 0; i < B * HYPOTHESES; i++) {
        if (a[i].score == -INFINITY && b[i].score == -INFINITY) continue;
        ck_assert_double_eq_tol(a[i].score, b[i].score, 1e-4);
        const bool last = i % HYPOTHESES == HYPOTHESES - 1, first = i % HYPOTHESES == 0;
        if (!last && a[i].score - a[i + 1].score < 1e-4) continue;
        if (!first && a[i - 1].score - a[i].score < 1e-4) continue;
        expect_said(&a[i].ids, b[i].ids.data, (int)b[i].ids.count, i / HYPOTHESES);
    }
}

/* Each fast way has its plain twin: keys and values that the rows share, tokens ranked piece by
 * piece, packed weights; keys and values of each row's own, which composed attention needs; and
 * nothing kept at all. */
START_TEST(all_ways_find_the_same) {
    static const PositionsKind positions[] = {POSITIONS_SINUSOID, POSITIONS_ROTARY};
    Graph *graph = use_new_graph();
    for (uint64_t seed = 0; seed < 12; seed++) {
        Transformer *fused = model_with(seed, positions[_i], ATTENTION_FUSED);
        Transformer *composed = model_with(seed, positions[_i], ATTENTION_COMPOSED);
        SearchHypothesis plain[B * HYPOTHESES], other[B * HYPOTHESES];
        search_all(fused, true, plain);
        search_all(fused, false, other);
        expect_same(plain, other);
        forget(other);
        search_all(composed, false, other);
        expect_same(plain, other);
        forget(other);
        ck_assert(transformer_pack(fused));
        ck_assert(!transformer_pack(fused)); // once is enough
        search_all(fused, false, other);
        expect_same(plain, other);
        forget(other);
        transformer_unpack(fused);
        search_all(fused, false, other); // and as before
        expect_same(plain, other);
        forget(other);
        forget(plain);
        transformer_free(fused);
        transformer_free(composed);
    }
    graph_free(graph);
}
END_TEST

/* ln P / length penalty of a translation. */
static double score_of(const Transformer *model, const int *src, const IntArray *said,
                       double alpha) {
    int tgt[MAX_LENGTH + 2] = {TOKEN_BOS};
    double score = 0, log_p[WORDS];
    const int count = (int)said->count, limit = limit_of(src);
    for (int t = 0; t < count; t++) {
        next_log_probabilities(model, src, tgt, t + 1, log_p);
        score += log_p[said->data[t]];
        tgt[t + 1] = said->data[t];
    }
    if (count == limit) return score / beam_length_penalty(count, alpha); // cut off
    next_log_probabilities(model, src, tgt, count + 1, log_p);
    return (score + log_p[TOKEN_EOS]) / beam_length_penalty(count + 1, alpha);
}

/* Some beginnings end early and badly. However many do, a better one that is longer is waited for:
 * what a beam says is at least as good as what greedy decoding says, which the beam keeps as long
 * as it is among the best K. */
START_TEST(bad_endings_do_not_cut_off_a_good_sentence) {
    static const double alphas[] = {0, 0.6};
    int worse = 0;
    Graph *graph = use_new_graph();
    for (uint64_t seed = 0; seed < 25; seed++) {
        Transformer *model = model_of(seed);
        const SearchOptions wide = {.beam = 3, .length_penalty = alphas[_i]};
        IntArray greedy[B] = {{0}}, beam[B] = {{0}};
        search_batch(model, SRC, B, S, MAX_LENGTH, search_greedy(), greedy);
        search_batch(model, SRC, B, S, MAX_LENGTH, wide, beam);
        for (int b = 0; b < B; b++) {
            const int *src = SRC + b * S;
            worse += score_of(model, src, &beam[b], alphas[_i]) <
                     score_of(model, src, &greedy[b], alphas[_i]) - 1e-4;
            free(greedy[b].data);
            free(beam[b].data);
        }
        transformer_free(model);
    }
    ck_assert_int_le(worse, 2);
    graph_free(graph);
}
END_TEST

/* The caller's tensors stay, the graph's mode too, and nothing of the search is left. */
START_TEST(a_search_leaves_the_graph_as_it_was) {
    Graph *graph = use_new_graph();
    Transformer *model = model_of(1);
    Tensor *mine = TENSOR(3);
    for (int i = 0; i < 3; i++) mine->data[i] = (real)i;
    const size_t used = graph->arena.total;
    IntArray said[B] = {{0}};
    search_batch(model, SRC, B, S, MAX_LENGTH, search_defaults(), said);
    ck_assert_uint_eq(graph->arena.total, used);
    ck_assert(graph->recording && graph->training);
    for (int i = 0; i < 3; i++) ck_assert_double_eq((double)mine->data[i], i);
    for (int b = 0; b < B; b++) free(said[b].data);
    transformer_free(model);
    graph_free(graph);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("search");
    TCase *pieces = tcase_create("pieces");
    tcase_add_test(pieces, the_likeliest_token);
    tcase_add_test(pieces, the_best_of_all_candidates);
    tcase_add_test(pieces, fewer_candidates_than_asked_for);
    tcase_add_test(pieces, length_penalty);
    tcase_add_loop_test(pieces, ranking_finds_what_the_step_finds, 0, 2); // as drawn; with ties
    suite_add_tcase(suite, pieces);
    TCase *searches = tcase_create("searches");
    tcase_set_timeout(searches, 60);
    tcase_add_loop_test(searches, greedy_is_the_plain_loop, 0, 2); // cached, recomputed
    tcase_add_loop_test(searches, a_wide_beam_finds_the_best_of_all, 0, 3);
    tcase_add_loop_test(searches, a_wide_beam_finds_the_best_ones_in_order, 0, 4);
    tcase_add_test(searches, the_best_ones_of_a_narrow_beam);
    tcase_add_loop_test(searches, all_ways_find_the_same, 0, 2); // sinusoid, rotary
    tcase_add_loop_test(searches, bad_endings_do_not_cut_off_a_good_sentence, 0, 2);
    tcase_add_test(searches, a_search_leaves_the_graph_as_it_was);
    suite_add_tcase(suite, searches);
    return suite_run(suite);
}
