// What chapter 5's modules promise.
#include "05_encoder_decoder/decoder_caches.h"
#include "05_encoder_decoder/lab/phrases.h"
#include "05_encoder_decoder/lab/placement.h"
#include "05_encoder_decoder/shift_right.h"
#include "05_encoder_decoder/trace.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>

/* ---- Helpers --------------------------------------------------------------------------------- */

enum { B = 2, S = 5, T = 7, VOCAB = 19 };
static const bool single = sizeof(real) == sizeof(float);

static Graph *graph;

static void begin(void) {
    graph = graph_new();
    graph_use(graph);
}

static void end(void) {
    graph_use(NULL);
    graph_free(graph);
}

static Transformer *small_model(bool norm_first, uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    const TransformerConfig config = {
        .layer = {.d_model = 16, .nhead = 4, .dim_feedforward = 24, .norm_first = norm_first},
        .num_encoder_layers = 2,
        .num_decoder_layers = 3,
        .src_vocab = VOCAB,
        .tgt_vocab = VOCAB};
    return transformer_new(&config, &random);
}

/* Two sentences, the second shorter: src (B,S) and its mask, tgt (B,T). */
static const int src[B * S] = {3, 7, 18, 4, 2, /**/ 9, 9, 2, 0, 0};
static const int tgt[B * T] = {1, 5, 6, 11, 3, 3, 8, /**/ 1, 17, 4, 4, 10, 12, 5};

static void check_near(const Tensor *x, const Tensor *y, double allowed) {
    ck_assert_uint_eq(x->size, y->size);
    for (size_t i = 0; i < x->size; i++)
        ck_assert_double_eq_tol((double)x->data[i], (double)y->data[i], allowed);
}

/* ---- Shift right, masks ---------------------------------------------------------------------- */

START_TEST(trax_vectors) {
    const int column[8] = {9, 8, 7, 6, /**/ 5, 4, 3, 2}, published[8] = {0, 9, 8, 7, 0, 5, 4, 3};
    int shifted[8];
    shift_right(shifted, column, 2, 4, 0);
    ck_assert_mem_eq(shifted, published, sizeof shifted);
    const int ids[5] = {1, 2, 3, 4, 0};
    unsigned char ignored[5];
    masks_key_padding(ignored, ids, 1, 5, TOKEN_PAD);
    for (int s = 0; s < 5; s++) ck_assert_int_eq(ignored[s], s == 4);
}
END_TEST

START_TEST(subsequent_mask) {
    unsigned char ignored[20 * 20];
    masks_causal(ignored, 20, 20);
    for (int t = 0; t < 20; t++)
        for (int s = 0; s < 20; s++) ck_assert_int_eq(ignored[t * 20 + s], s > t);
}
END_TEST

/* src, input, target of a batch in which each side has a longest sentence of its own. */
START_TEST(batch_rows_are_aligned) {
    const SentencePair pairs[2] = {{{5, 6, 7}, {8}, 3, 1}, {{4}, {9, 10}, 1, 2}};
    const Batch batch = teacher_batch(pairs, 2);
    const int source[8] = {5, 6, 7, TOKEN_EOS, 4, TOKEN_EOS, TOKEN_PAD, TOKEN_PAD};
    const int input[6] = {TOKEN_BOS, 8, TOKEN_EOS, TOKEN_BOS, 9, 10};
    const int target[6] = {8, TOKEN_EOS, TOKEN_PAD, 9, 10, TOKEN_EOS};
    ck_assert_int_eq(batch.S, 4);
    ck_assert_int_eq(batch.T, 3);
    ck_assert_mem_eq(batch.src, source, sizeof source);
    ck_assert_mem_eq(batch.tgt, input, sizeof input);
    ck_assert_mem_eq(batch.labels, target, sizeof target);
    ck_assert_int_eq(cross_entropy_count(batch.labels, 6, TOKEN_PAD), 5);
}
END_TEST

/* ---- Layer norm and where it stands ---------------------------------------------------------- */

START_TEST(layer_norm_of_codeemporium) {
    const real x[6] = {(real)0.2, (real)0.1, (real)0.3, (real)0.5, (real)0.1, (real)0.1};
    const double published[6] = {0, -1.2238, 1.2238, 1.4140, -0.7070, -0.7070};
    Parameters parameters = {0};
    const LayerNorm norm = layer_norm_new(&parameters, "", 3);
    const Tensor *y = layer_norm(&norm, TENSOR_FROM(x, 2, 3));
    for (int i = 0; i < 6; i++) ck_assert_double_eq_tol((double)y->data[i], published[i], 1.5e-4);
    parameters_free(&parameters);
}
END_TEST

/* placement.c is encoder_layer.c with the norm in other places: where both can, they agree. */
START_TEST(placements_agree_with_the_layer) {
    Random random;
    random_seed(&random, 4);
    Parameters parameters = {0};
    const LayerConfig config = {
        .d_model = 12, .nhead = 3, .dim_feedforward = 20, .norm_first = _i == 1};
    const EncoderLayer layer = encoder_layer_new(&parameters, "layer.", config, &random);
    Tensor *x = TENSOR(B, S, 12);
    random_fill_normal(&random, x->data, x->size, 0, 1);
    check_near(placed_layer(&layer, config.norm_first ? PLACED_PRE : PLACED_POST, x),
               encoder_layer_forward(&layer, x, (Masks){0}, NULL), 1e-6);
    parameters_free(&parameters);
}
END_TEST

/* ---- The decoder never looks ahead ----------------------------------------------------------- */

/* tgt's first `length` columns, whole (B,T,E)'s first `length` places. */
static void check_prefix(const Transformer *model, Tensor *memory, Masks masks, const Tensor *whole,
                         int length) {
    int first[B * T];
    for (int b = 0; b < B; b++)
        memcpy(first + b * length, tgt + b * T, (size_t)length * sizeof *tgt);
    const Tensor *part = transformer_decode(model, first, B, length, memory, masks, NULL, NULL);
    const int E = model->config.layer.d_model;
    for (int b = 0; b < B; b++)
        for (int i = 0; i < length * E; i++)
            ck_assert_double_eq_tol((double)part->data[b * length * E + i],
                                    (double)whole->data[b * T * E + i], single ? 1e-5 : 1e-13);
}

START_TEST(prefixes_do_not_depend_on_what_follows) {
    Transformer *model = small_model(_i == 1, 8);
    unsigned char padding[B * S];
    masks_key_padding(padding, src, B, S, TOKEN_PAD);
    const Masks masks = {.key_padding_mask = padding};
    Tensor *memory = transformer_encode(model, src, B, S, masks, NULL);
    const Tensor *whole = transformer_decode(model, tgt, B, T, memory, masks, NULL, NULL);
    for (int length = 1; length < T; length++) check_prefix(model, memory, masks, whole, length);
    transformer_free(model);
}
END_TEST

/* A batch with padding, one token at a time, against all at once. */
START_TEST(cached_decoding_is_full_decoding) {
    Transformer *model = small_model(_i == 1, 9);
    unsigned char padding[B * S];
    masks_key_padding(padding, src, B, S, TOKEN_PAD);
    const Masks masks = {.key_padding_mask = padding};
    Tensor *memory = transformer_encode(model, src, B, S, masks, NULL);
    const Tensor *whole = transformer_logits(
        model, transformer_decode(model, tgt, B, T, memory, masks, NULL, NULL)); // (B,T,V)
    double scale = 0;
    for (size_t i = 0; i < whole->size; i++) scale = fmax(scale, fabs((double)whole->data[i]));
    DecoderCache *caches = decoder_caches_new(model, memory, T);
    for (int t = 0; t < T; t++) {
        const int now[B] = {tgt[t], tgt[T + t]};
        const Tensor *said = transformer_logits(
            model, transformer_decode(model, now, B, 1, memory, masks, caches, NULL)); // (B,1,V)
        for (int b = 0; b < B; b++)
            for (int v = 0; v < VOCAB; v++)
                ck_assert_double_eq_tol((double)said->data[b * VOCAB + v],
                                        (double)whole->data[(b * T + t) * VOCAB + v],
                                        scale * (single ? 1e-6 : 1e-14));
    }
    transformer_free(model);
}
END_TEST

/* ---- Parameters ------------------------------------------------------------------------------ */

START_TEST(paper_counts) {
    Random random;
    random_seed(&random, 0);
    Parameters parameters = {0};
    const LayerConfig base = {.d_model = 512, .nhead = 8, .dim_feedforward = 2048};
    encoder_layer_new(&parameters, "encoder.", base, &random);
    const size_t encoder = parameters_size(&parameters);
    decoder_layer_new(&parameters, "decoder.", base, &random);
    const size_t decoder = parameters_size(&parameters) - encoder;
    ck_assert_uint_eq(encoder, 3152384);
    ck_assert_uint_eq(decoder, 4204032);
    ck_assert_uint_eq(6 * (encoder + decoder) + 2 * 2 * 512, 44140544);
    parameters_free(&parameters);
}
END_TEST

START_TEST(annotated_transformer_count) {
    Random random;
    random_seed(&random, 0);
    const TransformerConfig config = {
        .layer = {.d_model = 512, .nhead = 8, .dim_feedforward = 2048, .norm_first = true},
        .num_encoder_layers = 2,
        .num_decoder_layers = 2,
        .src_vocab = 11,
        .tgt_vocab = 11};
    Transformer *model = transformer_new(&config, &random);
    ck_assert_uint_eq(parameters_size(&model->parameters), 14731787);
    transformer_free(model);
}
END_TEST

/* Tied, the three vocabulary matrices are one. */
START_TEST(tying_saves_two_matrices) {
    size_t size[2];
    for (int tied = 0; tied < 2; tied++) {
        Random random;
        random_seed(&random, 0);
        const TransformerConfig config = {.layer = {.d_model = 8, .nhead = 2, .dim_feedforward = 8},
                                          .num_encoder_layers = 1,
                                          .num_decoder_layers = 1,
                                          .src_vocab = VOCAB,
                                          .tgt_vocab = VOCAB,
                                          .tie_embeddings = tied};
        Transformer *model = transformer_new(&config, &random);
        size[tied] = parameters_size(&model->parameters);
        transformer_free(model);
    }
    ck_assert_uint_eq(size[0] - size[1], 2 * VOCAB * 8);
}
END_TEST

/* ---- The trace ------------------------------------------------------------------------------- */

typedef struct {
    int lines;
    char modules[64][128];
} Heard;

static void hear(void *context, const char *module, const Tensor *output) {
    Heard *heard = context;
    ck_assert_int_lt(heard->lines, 64);
    snprintf(heard->modules[heard->lines++], 128, "%s", module);
    ck_assert_int_eq(output->shape[0], B);
}

START_TEST(trace_names_every_sub_layer) {
    static const char *const encoder[] = {"self_attn", "norm1", "linear1", "linear2", "norm2", ""};
    static const char *const decoder[] = {"self_attn", "norm1",   "multihead_attn", "norm2",
                                          "linear1",   "linear2", "norm3",          ""};
    Transformer *model = small_model(false, 3);
    Heard heard = {0};
    const Batch batch = {.B = B, .S = S, .T = T, .src = src, .tgt = tgt};
    trace_set(hear, &heard);
    transformer_logits(model, transformer_forward(model, &batch, NULL));
    trace_set(NULL, NULL);
    transformer_forward(model, &batch, NULL); // heard by nobody
    ck_assert_int_eq(heard.lines, 1 + 2 * 6 + 1 + 1 + 3 * 8 + 1 + 1);
    char expected[128];
    for (int i = 0; i < 2 * 6; i++) {
        snprintf(expected, sizeof expected, "transformer.encoder.layers.%d%s%s", i / 6,
                 *encoder[i % 6] ? "." : "", encoder[i % 6]);
        ck_assert_str_eq(heard.modules[1 + i], expected);
    }
    for (int i = 0; i < 3 * 8; i++) {
        snprintf(expected, sizeof expected, "transformer.decoder.layers.%d%s%s", i / 8,
                 *decoder[i % 8] ? "." : "", decoder[i % 8]);
        ck_assert_str_eq(heard.modules[1 + 2 * 6 + 2 + i], expected);
    }
    ck_assert_str_eq(heard.modules[0], "src");
    ck_assert_str_eq(heard.modules[1 + 2 * 6], "transformer.encoder.norm");
    ck_assert_str_eq(heard.modules[1 + 2 * 6 + 1], "tgt");
    ck_assert_str_eq(heard.modules[heard.lines - 2], "transformer.decoder.norm");
    ck_assert_str_eq(heard.modules[heard.lines - 1], "generator");
    transformer_free(model);
}
END_TEST

/* ---- The phrases, and a model that learns them ----------------------------------------------- */

static void check_words(const Phrase *phrase, const char *french) {
    char text[128] = "";
    for (int t = 0; t < phrase->pair.tgt_length; t++) {
        strcat(text, t ? " " : "");
        strcat(text, phrase_french(phrase->pair.tgt[t]));
    }
    ck_assert_str_eq(text, french);
}

START_TEST(phrases_are_french) {
    static Phrase phrases[PHRASE_COUNT];
    phrases_make(phrases);
    check_words(phrase_find(phrases, "I love you"), "je t' aime");
    check_words(phrase_find(phrases, "I always help him"), "je l' aide toujours");
    check_words(phrase_find(phrases, "she watches them"), "elle les regarde");
    check_words(phrase_find(phrases, "they often find us"), "ils nous trouvent souvent");
    check_words(phrase_find(phrases, "you carry her"), "tu la portes");
    int held_out = 0;
    for (int i = 0; i < PHRASE_COUNT; i++) {
        held_out += phrases[i].held_out;
        for (int j = 0; j < i; j++) // none comes twice, on either side of the split
            ck_assert(phrases[i].pair.src_length != phrases[j].pair.src_length ||
                      memcmp(phrases[i].pair.src, phrases[j].pair.src, sizeof phrases[i].pair.src));
    }
    ck_assert(phrase_find(phrases, "I love you")->held_out);
    ck_assert_int_ge(held_out, PHRASE_COUNT / 5);
}
END_TEST

/* What it was not shown comes out right, and decoding from its own words says what
 * teacher_accuracy counts. */
START_TEST(phrases_are_learned) {
    static Phrase phrases[PHRASE_COUNT];
    phrases_make(phrases);
    Transformer *model = phrases_model(1);
    ck_assert_double_lt(phrases_accuracy(model, phrases, true), 0.05);
    phrases_train(model, phrases, 150, 1);
    const double share = phrases_accuracy(model, phrases, true);
    ck_assert_double_gt(share, 0.5);
    int right = 0, all = 0;
    for (int i = 0; i < PHRASE_COUNT; i++) {
        const SentencePair *p = &phrases[i].pair;
        if (!phrases[i].held_out) continue;
        int said[8];
        const int length = teacher_answer(model, p->src, p->src_length, said, 8);
        right += length == p->tgt_length && !memcmp(said, p->tgt, (size_t)length * sizeof *said);
        all++;
    }
    ck_assert_double_eq_tol(share, (double)right / all, 1e-9);
    transformer_free(model);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("chapter5");
    TCase *tests = tcase_create("chapter5");
    tcase_add_checked_fixture(tests, begin, end);
    tcase_set_timeout(tests, 600);
    tcase_add_test(tests, trax_vectors);
    tcase_add_test(tests, subsequent_mask);
    tcase_add_test(tests, batch_rows_are_aligned);
    tcase_add_test(tests, layer_norm_of_codeemporium);
    tcase_add_loop_test(tests, placements_agree_with_the_layer, 0, 2);
    tcase_add_loop_test(tests, prefixes_do_not_depend_on_what_follows, 0, 2);
    tcase_add_loop_test(tests, cached_decoding_is_full_decoding, 0, 2);
    tcase_add_test(tests, paper_counts);
    tcase_add_test(tests, annotated_transformer_count);
    tcase_add_test(tests, tying_saves_two_matrices);
    tcase_add_test(tests, trace_names_every_sub_layer);
    tcase_add_test(tests, phrases_are_french);
    tcase_add_test(tests, phrases_are_learned);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
