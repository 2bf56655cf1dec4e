/* test_batches.c - sentences as ids and in batches: by hand, and what holds for any epoch. */
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "01_embeddings/tokens.h"
#include "06_training/translator/batch_step.h"
#include "06_training/translator/encoded_lines.h"
#include "06_training/translator/epoch.h"
#include "06_training/translator/length_batches.h"
#include "common/kernels.h"
#include "tests/suite.h"

/* ---- Cutting lengths ------------------------------------------------------------------------- */

static const struct {
    int batch_tokens;
    size_t count;
    int lengths[5];
    size_t batches, start[6];
} CUTS[] = {
    {.batch_tokens = 6, .count = 5, .lengths = {2, 2, 3, 5, 9}, 4, {0, 2, 3, 4, 5}},
    {.batch_tokens = 9, .count = 5, .lengths = {2, 2, 3, 5, 9}, 3, {0, 3, 4, 5}}, // 3 x 3 just fits
    {.batch_tokens = 8, .count = 5, .lengths = {2, 2, 3, 5, 9}, 4, {0, 2, 3, 4, 5}},
    {.batch_tokens = 100, .count = 5, .lengths = {2, 2, 3, 5, 9}, 1, {0, 5}},
    // The longest so far counts, not the newest.
    {.batch_tokens = 10, .count = 3, .lengths = {5, 2, 2}, 2, {0, 2, 3}},
    // Longer than a batch may be: alone, whatever comes before and after.
    {.batch_tokens = 10, .count = 4, .lengths = {1, 20, 20, 1}, 4, {0, 1, 2, 3, 4}},
    {.batch_tokens = 1, .count = 1, .lengths = {7}, 1, {0, 1}},
};

START_TEST(lengths_are_cut) {
    size_t start[6];
    ck_assert_uint_eq(
        length_batches_cut(CUTS[_i].lengths, CUTS[_i].count, CUTS[_i].batch_tokens, start),
        CUTS[_i].batches);
    for (size_t i = 0; i <= CUTS[_i].batches; i++)
        ck_assert_msg(start[i] == CUTS[_i].start[i], "row %d, batch %zu begins at %zu, not %zu", _i,
                      i, start[i], CUTS[_i].start[i]);
}
END_TEST

/* ---- Ids ------------------------------------------------------------------------------------- */

/* A tokenizer of bytes: the id of a character is its code and 3; a space comes before every
 * text. */
static Bpe *bytes_only(void) {
    Error err;
    Bpe *bpe = bpe_new("", &err);
    ck_assert_ptr_nonnull(bpe);
    return bpe;
}

enum { SPACE = ' ' + 3, A = 'a' + 3, B = 'b' + 3, C = 'c' + 3 };
enum { NONE = TOKEN_PAD, BOS = TOKEN_BOS, EOS = TOKEN_EOS };

/* Two pairs side by side: the shorter one padded, the decoder's input one place behind its
 * labels. */
START_TEST(a_batch_by_hand) {
    Bpe *bpe = bytes_only();
    char *src[] = {"ab", "abcabc", "a"}, *tgt[] = {"c", "c", "cb"};
    const Pairs text = {.src = {src, 3, NULL}, .tgt = {tgt, 3, NULL}};
    EncodedPairs pairs = encoded_pairs_new(bpe, &text, 4); // " abcabc" is too long
    ck_assert_uint_eq(pairs.count, 2);
    ck_assert_uint_eq(pairs.skipped, 1);
    const size_t both[] = {1, 0};
    ck_assert_int_eq(encoded_pairs_targets(&pairs, both, 2), 7);
    Arena arena = {0};
    const Batch batch = encoded_pairs_batch(&pairs, both, 2, &arena);
    ck_assert(batch.B == 2 && batch.S == 4 && batch.T == 4);
    static const int source[] = {SPACE, A, EOS, NONE, /**/ SPACE, A, B, EOS};
    static const int input[] = {BOS, SPACE, C, B, /**/ BOS, SPACE, C, EOS};
    static const int labels[] = {SPACE, C, B, EOS, /**/ SPACE, C, EOS, NONE};
    ck_assert_mem_eq(batch.src, source, sizeof source);
    ck_assert_mem_eq(batch.tgt, input, sizeof input);
    ck_assert_mem_eq(batch.labels, labels, sizeof labels);
    arena_free(&arena);
    encoded_pairs_free(&pairs);
    bpe_free(bpe);
}
END_TEST

/* Twice and ten more is room for most texts; where targets are longer the factor follows them, but
 * not one in a thousand. */
START_TEST(room_for_long_targets) {
    EncodedPair pair[2000];
    for (int i = 0; i < 2000; i++) pair[i] = (EncodedPair){.src_length = 5, .tgt_length = 21};
    const EncodedPairs pairs = {.pair = pair, .count = 2000};
    ck_assert_int_eq(encoded_pairs_length_factor(&pairs), 2); // 20 tokens are said
    pair[7].tgt_length = pair[1999].tgt_length = 500;
    ck_assert_int_eq(encoded_pairs_length_factor(&pairs), 2);
    pair[8].tgt_length = 37;
    ck_assert_int_eq(encoded_pairs_length_factor(&pairs), 6);
    ck_assert_int_eq(encoded_pairs_length_factor(&(EncodedPairs){.pair = pair, .count = 8}), 98);
    ck_assert_int_eq(encoded_pairs_length_factor(&(EncodedPairs){.count = 0}), 2);
}
END_TEST

START_TEST(lines_come_shortest_first) {
    Bpe *bpe = bytes_only();
    const char *const text[] = {"abc", "a", " \t", "cc", "abcabc", "bb", ""};
    EncodedLines lines = encoded_lines_new(bpe, text, 7, 6);
    static const size_t places[] = {2, 6, 1, 3, 5, 0}; // line 4 is too long
    static const int lengths[] = {0, 0, 3, 4, 4, 5};
    ck_assert_uint_eq(lines.count, 6);
    ck_assert_uint_eq(lines.text_lines, 7);
    for (size_t i = 0; i < lines.count; i++) {
        ck_assert_uint_eq(lines.line[i].line, places[i]);
        ck_assert_int_eq(lines.line[i].length, lengths[i]);
    }
    static const int cc[] = {SPACE, C, C, EOS};
    ck_assert_mem_eq(lines.ids + lines.line[3].first, cc, sizeof cc);
    encoded_lines_free(&lines);
    bpe_free(bpe);
}
END_TEST

/* ---- A sentence read twice ------------------------------------------------------------------- */

/* Loss and norm of the gradient of one step on two pairs, by a model of that dropout. */
static TrainerResult one_step(real dropout, double consistency, int threads) {
    Bpe *bpe = bytes_only();
    char *src[] = {"ab", "abc"}, *tgt[] = {"cc", "b"};
    const Pairs text = {.src = {src, 2, NULL}, .tgt = {tgt, 2, NULL}};
    EncodedPairs pairs = encoded_pairs_new(bpe, &text, 8);
    const TransformerConfig config = {
        .layer = {.d_model = 8, .nhead = 2, .dim_feedforward = 16, .dropout = dropout},
        .num_encoder_layers = 1,
        .num_decoder_layers = 1,
        .src_vocab = bpe_vocab_size(bpe),
        .tgt_vocab = bpe_vocab_size(bpe),
        .max_length = 8};
    Random random;
    random_seed(&random, 1);
    Transformer *model = transformer_new(&config, &random);
    Trainer *trainer = trainer_new(&model->parameters, adam_paper(), threads, 1, 0);
    const BatchStep step = {model, trainer, &pairs, 0.1, consistency};
    const size_t both[] = {0, 1};
    TrainerResult result;
    Error err;
    ck_assert_msg(batch_step_take(&step, both, 2, 0.001, &result, &err), "%s", err.text);
    trainer_free(trainer);
    transformer_free(model);
    encoded_pairs_free(&pairs);
    bpe_free(bpe);
    return result;
}

/* Where nothing is dropped both readings are one; where something is, they disagree, and the more
 * that counts the larger the loss. */
START_TEST(two_readings_differ_by_what_is_dropped) {
    for (int threads = 1; threads <= 2; threads++) {
        const TrainerResult once = one_step(0, 0, threads), twice = one_step(0, 5, threads);
        ck_assert_double_eq_tol(once.loss, twice.loss, 1e-5 * once.loss);
        ck_assert_double_eq_tol(once.grad_norm, twice.grad_norm, 1e-5 * once.grad_norm);
        const double little = one_step((real)0.3, 1, threads).loss,
                     more = one_step((real)0.3, 2, threads).loss,
                     most = one_step((real)0.3, 3, threads).loss;
        ck_assert_double_gt(more, little + 1e-4);
        ck_assert_double_eq_tol(most - more, more - little, 1e-3 * most);
    }
}
END_TEST

/* ---- Epochs ---------------------------------------------------------------------------------- */

enum { PAIRS = 500, BATCH_TOKENS = 64, LONGEST = 40 };

/* Pairs of lengths only, which is all an epoch looks at. */
static EncodedPairs random_lengths(Random *random) {
    EncodedPairs pairs = {.pair = memory_alloc(PAIRS * sizeof(EncodedPair)), .count = PAIRS};
    for (size_t i = 0; i < PAIRS; i++)
        pairs.pair[i] = (EncodedPair){.src_length = 1 + (int)random_below(random, LONGEST),
                                      .tgt_length = 2 + (int)random_below(random, LONGEST)};
    return pairs;
}

static int longer_side(const EncodedPair *pair) {
    const int read = pair->tgt_length - 1;
    return pair->src_length > read ? pair->src_length : read;
}

/* Every pair once, no batch too large, and pairs of nearly the same length together: their target
 * lengths leave no gap into which another batch's would fit. */
static void check_epoch(const Epoch *epoch, const EncodedPairs *pairs) {
    int seen[PAIRS] = {0};
    size_t places = 0;
    for (size_t i = 0; i < epoch->count; i++) {
        size_t count;
        const size_t *batch = epoch_batch(epoch, i, &count);
        ck_assert_uint_ge(count, 1);
        int longest = 0;
        for (size_t k = 0; k < count; k++) {
            seen[batch[k]]++;
            const int length = longer_side(&pairs->pair[batch[k]]);
            if (length > longest) longest = length;
            if (k)
                ck_assert_int_ge(pairs->pair[batch[k]].tgt_length,
                                 pairs->pair[batch[k - 1]].tgt_length);
        }
        if (count > 1) ck_assert_uint_le(count * (size_t)longest, BATCH_TOKENS);
        places += count;
    }
    ck_assert_uint_eq(places, PAIRS);
    for (size_t i = 0; i < PAIRS; i++) ck_assert_int_eq(seen[i], 1);
}

static bool same_order(const Epoch *a, const Epoch *b) {
    return a->count == b->count && memcmp(a->order, b->order, PAIRS * sizeof *a->order) == 0 &&
           memcmp(a->start, b->start, (a->count + 1) * sizeof *a->start) == 0;
}

START_TEST(epochs_visit_every_pair_once) {
    Random random, again;
    random_seed(&random, (uint64_t)_i);
    EncodedPairs pairs = random_lengths(&random);
    Epoch epoch = epoch_new(PAIRS), other = epoch_new(PAIRS);
    again = random;
    for (int round = 0; round < 3; round++) {
        epoch_shuffle(&epoch, &pairs, BATCH_TOKENS, &random);
        check_epoch(&epoch, &pairs);
        epoch_shuffle(&other, &pairs, BATCH_TOKENS, &again); // the same generator, the same order
        ck_assert(same_order(&epoch, &other));
    }
    epoch_shuffle(&other, &pairs, BATCH_TOKENS, &again);
    ck_assert(!same_order(&epoch, &other)); // the next epoch is another one
    epoch_free(&epoch);
    epoch_free(&other);
    free(pairs.pair);
}
END_TEST

START_TEST(validation_has_one_order) {
    Random random;
    random_seed(&random, 3);
    EncodedPairs pairs = random_lengths(&random);
    Epoch epoch = epoch_new(PAIRS), other = epoch_new(PAIRS);
    epoch_shuffle(&other, &pairs, BATCH_TOKENS, &random); // whatever was there before
    epoch_shuffle(&other, &pairs, BATCH_TOKENS, NULL);
    epoch_shuffle(&epoch, &pairs, BATCH_TOKENS, NULL);
    check_epoch(&epoch, &pairs);
    ck_assert(same_order(&epoch, &other));
    for (size_t i = 1; i < PAIRS; i++)
        ck_assert_int_le(pairs.pair[epoch.order[i - 1]].tgt_length,
                         pairs.pair[epoch.order[i]].tgt_length);
    epoch_free(&epoch);
    epoch_free(&other);
    free(pairs.pair);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("batches");
    TCase *tests = tcase_create("batches");
    tcase_add_loop_test(tests, lengths_are_cut, 0, (int)(sizeof CUTS / sizeof *CUTS));
    tcase_add_test(tests, a_batch_by_hand);
    tcase_add_test(tests, room_for_long_targets);
    tcase_add_test(tests, lines_come_shortest_first);
    tcase_add_test(tests, two_readings_differ_by_what_is_dropped);
    tcase_add_loop_test(tests, epochs_visit_every_pair_once, 0, 4);
    tcase_add_test(tests, validation_has_one_order);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
