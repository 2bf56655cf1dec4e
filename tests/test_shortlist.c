/* test_shortlist.c - which tokens come with which, the lists made of that, and searches that say
 * only what is listed. */
#include <check.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/decoding/lexicon.h"
#include "06_training/decoding/search.h"
#include "06_training/decoding/shortlist.h"
#include "common/arena.h"
#include "common/files/file.h"
#include "common/kernels.h"
#include "tests/scratch.h"
#include "tests/suite.h"

/* ---- Lexicon --------------------------------------------------------------------------------- */

enum { DAS, EIN, BUCH, HAUS, GERMAN, THE = 0, A, BOOK, HOUSE };

static const int GERMAN_SIDE[3][2] = {{DAS, HAUS}, {DAS, BUCH}, {EIN, BUCH}};
static const int ENGLISH_SIDE[3][2] = {{THE, HOUSE}, {THE, BOOK}, {A, BOOK}};

/* Koehn 2010, "Statistical Machine Translation", figure 4.4: "das Haus", "das Buch", "ein Buch". */
START_TEST(three_sentences_of_two_words) {
    static const struct {
        int src, tgt;
        double chance[LEXICON_ROUNDS];
    } known[] = {{DAS, THE, {0.5, 0.6364, 0.7479}},
                 {DAS, BOOK, {0.25, 0.1818, 0.1208}},
                 {DAS, HOUSE, {0.25, 0.1818, 0.1313}},
                 {BUCH, THE, {0.25, 0.1818, 0.1208}},
                 {BUCH, BOOK, {0.5, 0.6364, 0.7479}},
                 {BUCH, A, {0.25, 0.1818, 0.1313}},
                 {EIN, BOOK, {0.5, 0.4286, 0.3466}},
                 {EIN, A, {0.5, 0.5714, 0.6534}},
                 {HAUS, THE, {0.5, 0.4286, 0.3466}},
                 {HAUS, HOUSE, {0.5, 0.5714, 0.6534}},
                 {EIN, HOUSE, {0, 0, 0}}};
    Lexicon *lexicon = lexicon_new(GERMAN);
    for (int round = 0; round < LEXICON_ROUNDS; round++) {
        for (int i = 0; i < 3; i++) lexicon_take(lexicon, GERMAN_SIDE[i], 2, ENGLISH_SIDE[i], 2);
        lexicon_end_round(lexicon);
        for (size_t i = 0; i < sizeof known / sizeof *known; i++)
            ck_assert_double_eq_tol(lexicon_chance(lexicon, known[i].src, known[i].tgt),
                                    known[i].chance[round], 5e-5);
    }
    ck_assert_double_eq_tol(lexicon_frequency(lexicon, THE), 3.0 / 10, 1e-12); // and one of each
    ck_assert_double_eq_tol(lexicon_frequency(lexicon, HOUSE), 2.0 / 10, 1e-12);
    size_t count;
    LexiconEntry *entry = lexicon_entries(lexicon, &count);
    ck_assert_uint_eq(count, 10);
    static const int order[] = {THE, HOUSE, BOOK, /**/ A, BOOK, /**/ BOOK, A, THE, /**/ HOUSE, THE};
    for (size_t i = 0; i < count; i++) ck_assert_int_eq(entry[i].tgt, order[i]);
    free(entry);
    lexicon_free(lexicon);
}
END_TEST

/* A side counts as far as LEXICON_SIDE; there are more cells than the first table has room for. */
START_TEST(long_sides_and_many_tokens) {
    enum { TOKENS = 3000, LONG = LEXICON_SIDE + 5 };
    Lexicon *lexicon = lexicon_new(TOKENS);
    int src[LONG], tgt[LONG];
    for (int round = 0; round < 2; round++) {
        for (int first = 0; first + LONG < TOKENS; first += LONG) {
            for (int i = 0; i < LONG; i++) src[i] = tgt[i] = first + i;
            lexicon_take(lexicon, src, LONG, tgt, LONG);
        }
        lexicon_end_round(lexicon);
    }
    ck_assert_double_eq_tol(lexicon_chance(lexicon, 90, 91), 1.0 / LEXICON_SIDE, 1e-12);
    ck_assert_double_eq(lexicon_chance(lexicon, 0, LEXICON_SIDE), 0);
    ck_assert_double_eq(lexicon_chance(lexicon, LEXICON_SIDE, 0), 0);
    size_t count;
    free(lexicon_entries(lexicon, &count));
    ck_assert_uint_eq(count, (size_t)(TOKENS / LONG) * LEXICON_SIDE * LEXICON_SIDE);
    lexicon_free(lexicon);
}
END_TEST

/* ---- Lists ----------------------------------------------------------------------------------- */

enum { V = 300, SRC = 10, TGT = 100, WORDS = 20, PAIRS = 400 };

/* Word i of the source, SRC + i, is TGT + i in the target, in sentences of three. */
static EncodedPairs some_pairs(void) {
    EncodedPairs pairs = {.pair = memory_alloc(PAIRS * sizeof(EncodedPair)), .count = PAIRS};
    IntArray ids = {0};
    for (size_t i = 0; i < PAIRS; i++) {
        const int words[] = {(int)(i % WORDS), (int)(i / WORDS % WORDS), (int)(i * 7 % WORDS)};
        pairs.pair[i].src = ids.count;
        for (int k = 0; k < 3; k++) int_array_push(&ids, SRC + words[k]);
        int_array_push(&ids, TOKEN_EOS);
        pairs.pair[i].tgt = ids.count;
        int_array_push(&ids, TOKEN_BOS);
        for (int k = 0; k < 3; k++) int_array_push(&ids, TGT + words[k]);
        int_array_push(&ids, TOKEN_EOS);
        pairs.pair[i].src_length = 4, pairs.pair[i].tgt_length = 5;
    }
    pairs.ids = ids.data;
    return pairs;
}

static Shortlist some_lists(int each, int always) {
    EncodedPairs pairs = some_pairs();
    const Shortlist s = shortlist_of(&pairs, V, each, always);
    encoded_pairs_free(&pairs);
    return s;
}

static void expect_union(const Shortlist *s, const int *ids, size_t count, const int *expected,
                         int n) {
    int tokens[V];
    ck_assert_int_eq(shortlist_union(s, ids, count, tokens), n);
    for (int i = 0; i < n; i++) ck_assert_int_eq(tokens[i], expected[i]);
}

/* One for each word, and the word itself. A token that no pair has lists itself alone. */
START_TEST(lists_by_hand) {
    Shortlist s = some_lists(1, 0);
    static const int all[] = {0, 1, 2, SRC + 3, SRC + 8, TGT + 3, TGT + 8};
    static const int unknown[] = {0, 1, 2, 250};
    const int ids[] = {SRC + 8, SRC + 3, TOKEN_EOS, TOKEN_PAD, SRC + 8, TOKEN_EOS};
    expect_union(&s, ids, 6, all, 7);
    expect_union(&s, (const int[]){250, TOKEN_EOS}, 2, unknown, 4);
    expect_union(&s, ids, 2, NULL, 0); // without </s> nothing may end
    ck_assert_int_eq(s.token[s.begin[SRC + 8]], TGT + 8);
    shortlist_free(&s);
}
END_TEST

/* More than half of all tokens are as good as all. */
START_TEST(frequent_ones_and_long_lists) {
    EncodedPairs pairs = some_pairs();
    for (size_t i = 0; i < 100; i++)
        pairs.ids[pairs.pair[i].tgt + 1] = TGT + 77; // the most frequent
    Shortlist s = shortlist_of(&pairs, V, 1, 1);
    static const int one[] = {0, 1, 2, TGT + 77};
    expect_union(&s, (const int[]){TOKEN_EOS}, 1, one, 4);
    shortlist_free(&s);
    s = shortlist_of(&pairs, V, 1, V / 2 - 3);
    ck_assert_uint_eq(s.begin[TOKEN_EOS + 1] - s.begin[TOKEN_EOS], V / 2);
    int tokens[V];
    ck_assert_int_eq(shortlist_union(&s, (const int[]){TOKEN_EOS}, 1, tokens), V / 2);
    shortlist_free(&s);
    s = shortlist_of(&pairs, V, 1, V / 2 - 2);
    ck_assert_int_eq(shortlist_union(&s, (const int[]){TOKEN_EOS}, 1, tokens), 0);
    shortlist_free(&s);
    encoded_pairs_free(&pairs);
}
END_TEST

/* ---- File ------------------------------------------------------------------------------------ */

static Bpe *vocabulary(int size) {
    Error err;
    Bpe *bpe = bpe_new("", &err);
    for (int i = BPE_FIRST_CHARACTER; i < size; i++)
        ck_assert_int_eq(
            bpe_add_merge(bpe, 'a' + TOKEN_TEXT, i == BPE_FIRST_CHARACTER ? 100 : i - 1, &err), i);
    return bpe;
}

static bool load(const char *path, const Translator *translator, Error *err) {
    Shortlist s;
    if (!shortlist_load(path, translator, &s, err)) return false;
    shortlist_free(&s);
    return true;
}

START_TEST(a_file_gives_back_the_lists) {
    const Translator t = {.bpe = vocabulary(V), .trained_on = 7};
    const Translator other = {.bpe = vocabulary(V - 1), .trained_on = 7};
    const Translator back = {.bpe = t.bpe, .trained_on = 8}; // the other direction, as it may be
    Shortlist s = some_lists(3, 4), read;
    Error err;
    const char *path = scratch_path("lists.tsv");
    ck_assert_msg(shortlist_save(&s, &t, path, &err), "%s", err.text);
    ck_assert_msg(shortlist_save(&s, &t, path, &err), "%s", err.text); // again: it is ours
    ck_assert_msg(shortlist_load(path, &t, &read, &err), "%s", err.text);
    ck_assert_int_eq(read.V, V);
    ck_assert_mem_eq(read.begin, s.begin, (V + 1) * sizeof *s.begin);
    ck_assert_mem_eq(read.token, s.token, s.begin[V] * sizeof *s.token);
    ck_assert(!load(path, &other, &err));
    expect_text(&err, path, ": is for another vocabulary than the model's");
    ck_assert(!load(path, &back, &err));
    expect_text(
        &err, path,
        ": is for a model that was trained on other pairs, or the other way round: make one "
        "for this model");
    shortlist_free(&read);
    shortlist_free(&s);
    bpe_free(other.bpe);
    bpe_free(t.bpe);
}
END_TEST

/* Each is a line in place of the third; the second is the list of </s>. */
START_TEST(damaged_files) {
    static const char *const wrong[] = {"10\ta",         "10\ta\t\tb",
                                        "300\ta\t5\tb",  "10\ta\t300\tb",
                                        "-1\ta\t5\tb",   "10\ta\t5 \tb",
                                        "10\ta\t5 x\tb", "x",
                                        "2\t</s>\t5\tb", "",
                                        "10\ta\t+5\tb",  "10\ta\t 5\tb",
                                        "10\ta\t5"};
    const Translator t = {.bpe = vocabulary(V)};
    Shortlist s = some_lists(1, 0);
    Error err;
    const char *path = scratch_path("lists.tsv");
    char *text, changed[4096];
    size_t bytes;
    ck_assert(shortlist_save(&s, &t, path, &err));
    ck_assert(file_read(path, &text, &bytes, &err));
    const int begin = (int)(strchr(strchr(text, '\n') + 1, '\n') + 1 - text);
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        snprintf(changed, sizeof changed, "%.*s%s\n", begin, text, wrong[i]);
        scratch_put("lists.tsv", changed, strlen(changed));
        ck_assert_msg(!load(path, &t, &err), "taken: %s", wrong[i]);
        expect_text(&err, path,
                    ":3: expected a token, its piece, the tokens of its list, and their pieces");
    }
    snprintf(changed, sizeof changed, "%.*s", begin, text); // cut off behind the marks
    scratch_put("lists.tsv", changed, strlen(changed));
    ck_assert(!load(path, &t, &err));
    ck_assert_ptr_nonnull(strstr(err.text, ": 1 lists where its first line says "));
    *strstr(text, " on 00000000") = '\0'; // in the first line
    snprintf(changed, sizeof changed, "%s on 00000000, 1 lists:\n2\t</s>\t0 1 2\tpieces\n", text);
    scratch_put("lists.tsv", changed, strlen(changed));
    ck_assert_msg(load(path, &t, &err), "%s", err.text);
    snprintf(changed, sizeof changed, "%s on 00000000, 1 lists:\n2\t</s>\t0 2 5\tpieces\n", text);
    scratch_put("lists.tsv", changed, strlen(changed));
    ck_assert(!load(path, &t, &err));
    expect_text(&err, path, ": the list of </s> lacks one of the three marks");
    snprintf(changed, sizeof changed, "%s on 00000000, lists:\n2\t</s>\t0 1 2\tpieces\n", text);
    scratch_put("lists.tsv", changed, strlen(changed));
    ck_assert(!load(path, &t, &err));
    expect_text(&err, path, ":1: expected the number of lists");
    PUT("lists.tsv", "dear diary\n");
    ck_assert(!load(path, &t, &err));
    expect_text(&err, path, ": is no shortlist (build/06_training/shortlist writes them)");
    ck_assert(!shortlist_save(&s, &t, path, &err)); // and stays
    expect_text(&err, path, ": is there and is no shortlist: it stays as it is");
    free(text);
    shortlist_free(&s);
    bpe_free(t.bpe);
}
END_TEST

/* ---- Searches -------------------------------------------------------------------------------- */

enum { B = 4, S = 4, SMALL = 40 };

static const int TEXT[B * S] = {3, 14, 5, 2, /**/ 6, 2, 0, 0, /**/ 5, 25, 2, 0, /**/ 3, 6, 4, 2};

static Transformer *model_of(uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    const TransformerConfig config = {.layer = {.d_model = 8, .nhead = 2, .dim_feedforward = 16},
                                      .num_encoder_layers = 1,
                                      .num_decoder_layers = 2,
                                      .src_vocab = SMALL,
                                      .tgt_vocab = SMALL};
    Transformer *model = transformer_new(&config, &random);
    Tensor *weight = model->generator.weight;
    for (size_t i = 0; i < weight->size; i++) weight->data[i] *= 6; // sharp opinions
    return model;
}

/* Source tokens list every third token from themselves on, so that the union has 0, 1, 2 and some
 * more, fewer than half. */
static Shortlist few_lists(void) {
    Shortlist s = {.V = SMALL, .begin = memory_calloc((SMALL + 1) * sizeof *s.begin)};
    IntArray list = {0};
    for (int v = 0; v < SMALL; v++) {
        s.begin[v] = list.count;
        for (int mark = 0; v == TOKEN_EOS && mark < TOKEN_TEXT; mark++) int_array_push(&list, mark);
        for (int k = 0; v >= TOKEN_TEXT && k < 3; k++) int_array_push(&list, (v + 3 * k) % SMALL);
    }
    s.begin[SMALL] = list.count;
    s.token = list.data;
    return s;
}

/* The same model, which can say nothing else. */
static void forbid(Transformer *model, const Shortlist *s) {
    int tokens[SMALL];
    const int n = shortlist_union(s, TEXT, B * S, tokens);
    ck_assert_int_gt(n, 8);
    ck_assert_int_lt(n, SMALL / 2 + 1);
    for (int v = 0, k = 0; v < SMALL; v++) {
        if (k < n && tokens[k] == v)
            k++;
        else
            model->generator.bias->data[v] = -1e9F;
    }
}

/* Greedily and with a beam, packed and not, with caches and recomputed: what a model says of which
 * all other tokens have a bias of minus a thousand million, and with the same scores. */
START_TEST(only_what_is_listed_is_said) {
    Graph *graph = graph_new();
    graph_use(graph);
    Shortlist s = few_lists();
    int said = 0;
    for (uint64_t seed = 0; seed < 8; seed++) {
        Transformer *model = model_of(seed), *other = model_of(seed);
        forbid(other, &s);
        if (_i & 1) transformer_pack(model);
        for (int beam = 1; beam <= 3; beam++) {
            SearchOptions options = {.beam = beam, .length_penalty = 0.6, .recompute = _i & 2};
            SearchHypothesis expected[B * 3] = {{{0}, 0}}, found[B * 3] = {{{0}, 0}};
            IntArray plain[B] = {{0}}, listed[B] = {{0}};
            search_best(other, TEXT, B, S, 12, options, beam, expected);
            search_batch(other, TEXT, B, S, 12, options, plain);
            options.shortlist = &s;
            search_best(model, TEXT, B, S, 12, options, beam, found);
            int_array_push(&listed[1], 77); // what was there stays
            search_batch(model, TEXT, B, S, 12, options, listed);
            ck_assert_int_eq(listed[1].data[0], 77);
            for (int b = 0; b < B; b++) {
                const size_t there = b == 1;
                ck_assert_uint_eq(listed[b].count, plain[b].count + there);
                for (size_t i = 0; i < plain[b].count; i++)
                    ck_assert_int_eq(listed[b].data[i + there], plain[b].data[i]);
                said += (int)plain[b].count;
                free(plain[b].data);
                free(listed[b].data);
            }
            for (int i = 0; i < B * beam; i++) {
                ck_assert_double_eq_tol(found[i].score, expected[i].score, 1e-4);
                ck_assert_uint_eq(found[i].ids.count, expected[i].ids.count);
                free(expected[i].ids.data);
                free(found[i].ids.data);
            }
        }
        transformer_free(model);
        transformer_free(other);
    }
    ck_assert_int_gt(said, 200);
    shortlist_free(&s);
    graph_free(graph);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("shortlist");
    TCase *lists = tcase_create("lists");
    tcase_add_test(lists, three_sentences_of_two_words);
    tcase_add_test(lists, long_sides_and_many_tokens);
    tcase_add_test(lists, lists_by_hand);
    tcase_add_test(lists, frequent_ones_and_long_lists);
    suite_add_tcase(suite, lists);
    TCase *files = tcase_create("files");
    tcase_add_checked_fixture(files, scratch_make, scratch_remove);
    tcase_add_test(files, a_file_gives_back_the_lists);
    tcase_add_test(files, damaged_files);
    suite_add_tcase(suite, files);
    TCase *searches = tcase_create("searches");
    tcase_add_loop_test(searches, only_what_is_listed_is_said, 0, 4);
    suite_add_tcase(suite, searches);
    return suite_run(suite);
}
