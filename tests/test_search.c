/* test_search.c - greedy decoding and beam search, piece by piece with numbers by hand, and as a
 * whole against the plainest program that does the same. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "01_embeddings/tokens.h"
#include "06_training/translator/beam.h"
#include "06_training/translator/greedy.h"
#include "06_training/translator/search.h"
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

/* ---- Whole searches -------------------------------------------------------------------------- */

enum { B = 4, S = 5, WORDS = 7, MAX_LENGTH = 13 };

static const int SRC[B * S] = {3,      4, 5, 6, 2, /**/ 6, 2, 0, 0, 0,
                               /**/ 5, 5, 2, 0, 0, /**/ 3, 6, 4, 2, 0};

/* Untrained, with sharp opinions: weights are drawn ten times as large for the output. */
static Transformer *model_of(uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    const TransformerConfig config = {
        .layer = {.d_model = 8, .nhead = 2, .dim_feedforward = 16, .dropout = (real)0.5},
        .num_encoder_layers = 2,
        .num_decoder_layers = 2,
        .src_vocab = WORDS,
        .tgt_vocab = WORDS};
    Transformer *model = transformer_new(&config, &random);
    for (size_t i = 0; i < model->generator.weight->size; i++)
        model->generator.weight->data[i] *= 10;
    return model;
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

/* The best of all translations of up to `limit` tokens, by looking at each. */
typedef struct {
    const Transformer *model;
    const int *src;
    int limit;
    double alpha, score;
    int said[MAX_LENGTH], count;
} Best;

static void look_at(Best *best, int *tgt, int length, double score) {
    double log_p[WORDS];
    next_log_probabilities(best->model, best->src, tgt, length, log_p);
    for (int v = TOKEN_EOS; v < WORDS; v++) {
        tgt[length] = v;
        if (v != TOKEN_EOS && length < best->limit) {
            look_at(best, tgt, length + 1, score + log_p[v]);
            continue;
        }
        const double penalized = (score + log_p[v]) / beam_length_penalty(length, best->alpha);
        if (penalized <= best->score) continue;
        best->score = penalized;
        best->count = v == TOKEN_EOS ? length - 1 : length;
        memcpy(best->said, tgt + 1, (size_t)best->count * sizeof *tgt);
    }
}

/* A beam wide enough to drop nothing finds it: 1 + 4 + 16 5 translations of at most 3 tokens. */
START_TEST(a_wide_beam_finds_the_best_of_all) {
    enum { WIDE = 96, LIMIT = 3 };
    static const double alphas[] = {0, 0.6, 2};
    Graph *graph = use_new_graph();
    for (uint64_t seed = 0; seed < 4; seed++) {
        Transformer *model = model_of(seed);
        const SearchOptions options = {.beam = WIDE, .length_penalty = alphas[_i]};
        IntArray said[B] = {{0}};
        search_batch(model, SRC, B, S, LIMIT, options, said);
        for (int b = 0; b < B; b++) {
            int tgt[MAX_LENGTH + 1] = {TOKEN_BOS};
            Best best = {.model = model,
                         .src = SRC + b * S,
                         .limit = LIMIT,
                         .alpha = alphas[_i],
                         .score = -INFINITY};
            look_at(&best, tgt, 1, 0);
            expect_said(&said[b], best.said, best.count, b);
            free(said[b].data);
        }
        transformer_free(model);
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
    suite_add_tcase(suite, pieces);
    TCase *searches = tcase_create("searches");
    tcase_set_timeout(searches, 60);
    tcase_add_loop_test(searches, greedy_is_the_plain_loop, 0, 2); // cached, recomputed
    tcase_add_loop_test(searches, a_wide_beam_finds_the_best_of_all, 0, 3);
    tcase_add_loop_test(searches, bad_endings_do_not_cut_off_a_good_sentence, 0, 2);
    tcase_add_test(searches, a_search_leaves_the_graph_as_it_was);
    suite_add_tcase(suite, searches);
    return suite_run(suite);
}
