// What the settings of a whole model promise: fused or composed attention gives the same numbers,
// the same gradients and the same training; every kind of positions trains, decodes with a cache as
// without one, and comes back out of a file.
#include "05_encoder_decoder/decoder_caches.h"
#include "05_encoder_decoder/state_dict.h"
#include "common/kernels.h"
#include "common/optimizer.h"
#include "common/vector.h"
#include "tests/suite.h"

#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { B = 3, S = 5, T = 6, V = 17, E = 24, LONGEST = 8 };
static const bool single = sizeof(real) == sizeof(float);

/* Three pairs, two of them with padding. */
static const int SRC[B * S] = {3, 7, 16, 4, 2, /**/ 9, 9, 2, 0, 0, /**/ 5, 2, 0, 0, 0};
static const int TGT[B * T] = {1, 5, 6, 11, 3, 8, /**/ 1, 4, 4, 10, 0, 0, /**/ 1, 12, 0, 0, 0, 0};
static const int LABELS[B * T] = {5,       6, 11, 3, 8, 2, /**/ 4, 4, 10, 2, 0, 0,
                                  /**/ 12, 2, 0,  0, 0, 0};
static const Batch BATCH = {.B = B, .S = S, .T = T, .src = SRC, .tgt = TGT, .labels = LABELS};

static Graph *graph;

static void begin(void) {
    graph = graph_new();
    graph_use(graph);
}

static void end(void) {
    graph_use(NULL);
    graph_free(graph);
}

/* Heads of 6 columns: by the root of 4 or 16 both ways divide without rounding, and would agree to
 * the last bit. */
static Transformer *model_new(LayerConfig layer, bool tied, uint64_t seed) {
    layer.d_model = E, layer.nhead = 4, layer.dim_feedforward = 24;
    const TransformerConfig config = {.layer = layer,
                                      .num_encoder_layers = 2,
                                      .num_decoder_layers = 2,
                                      .src_vocab = V,
                                      .tgt_vocab = V,
                                      .tie_embeddings = tied,
                                      .max_length = LONGEST};
    Random random;
    random_seed(&random, seed);
    return transformer_new(&config, &random);
}

/* The largest difference of a and b, as a share of a's largest. */
static double off_by(const real *a, const real *b, size_t n) {
    return vector_max_difference(a, b, n) / vector_max_abs(a, n);
}

/* ---- Fused or composed ----------------------------------------------------------------------- */

static const struct {
    LayerConfig layer;
    bool tied;
} MODELS[] = {
    {.layer = {.norm_first = false}},
    {.layer = {.norm_first = true}, .tied = true},
    {.layer = {.dropout = (real)0.3}},
    {.layer = {.positions = POSITIONS_LEARNED, .norm_first = true}},
    {.layer = {.positions = POSITIONS_ROTARY}, .tied = true},
};
enum { MODEL_COUNT = sizeof MODELS / sizeof *MODELS };

static Transformer *model_of(int i, AttentionKind attention, uint64_t seed) {
    LayerConfig layer = MODELS[i].layer;
    layer.attention = attention;
    return model_new(layer, MODELS[i].tied, seed);
}

/* Dropout and all: what is dropped depends on a key and on a weight's place alone. */
START_TEST(composed_is_fused) {
    Transformer *model[2];
    Tensor *logits[2];
    AttentionWeights weights[2];
    Tensor *kept[2][6];
    for (int k = 0; k < 2; k++) {
        graph_reset(graph);
        graph->dropout_key = 5;
        model[k] = model_of(_i, k ? ATTENTION_COMPOSED : ATTENTION_FUSED, 11);
        Tensor *loss = transformer_loss(model[k], &BATCH, (real)0.1);
        backward(op_scale(loss, (real)0.1));
    }
    for (int i = 0; i < model[0]->parameters.count; i++) {
        Tensor *fused = model[0]->parameters.items[i], *composed = model[1]->parameters.items[i];
        const double off = off_by(fused->grad, composed->grad, fused->size);
        ck_assert_msg(off <= (single ? 1e-5 : 1e-12), "%s: off by %g", fused->name, off);
    }
    graph_reset(graph);
    const GraphMode before = graph_quiet();
    for (int k = 0; k < 2; k++) {
        weights[k] = (AttentionWeights){kept[k], kept[k] + 2, kept[k] + 4};
        logits[k] =
            transformer_logits(model[k], transformer_forward(model[k], &BATCH, &weights[k]));
    }
    ck_assert_double_le(off_by(logits[0]->data, logits[1]->data, logits[0]->size),
                        single ? 1e-6 : 1e-14);
    for (int i = 0; i < 6; i++) // encoder's, decoder's and cross-attention's weights, two layers
        ck_assert_double_le(off_by(kept[0][i]->data, kept[1][i]->data, kept[0][i]->size),
                            single ? 1e-6 : 1e-14);
    graph_restore(before);
    for (int k = 0; k < 2; k++) transformer_free(model[k]);
}
END_TEST

/* Memory of gradients that are done with serves others, and nobody can tell: with a loss that
 * depends on attention weights as well, which hand their gradient to another record. Both kinds of
 * attention, all models. */
START_TEST(recycling_changes_nothing) {
    Transformer *model[2];
    for (int k = 0; k < 2; k++) {
        graph_reset(graph);
        graph->dropout_key = 5;
        graph->recycle = k ? tensor_recycle : NULL;
        model[k] = model_of(_i / 2, _i % 2 ? ATTENTION_COMPOSED : ATTENTION_FUSED, 11);
        Tensor *kept[6];
        AttentionWeights weights = {kept, kept + 2, kept + 4};
        Tensor *decoded = transformer_forward(model[k], &BATCH, &weights); // (B,T,E)
        Tensor *loss = op_sum(op_mul(decoded, decoded));
        for (int i = 0; i < 6; i++) loss = op_add(loss, op_sum(op_mul(kept[i], kept[i])));
        backward(loss);
        ck_assert_int_eq(decoded->grad == NULL, k); // there, and given away
    }
    for (int i = 0; i < model[0]->parameters.count; i++) {
        const Tensor *kept = model[0]->parameters.items[i];
        const Tensor *recycled = model[1]->parameters.items[i];
        ck_assert_msg(memcmp(kept->grad, recycled->grad, kept->size * sizeof(real)) == 0, "%s",
                      kept->name);
    }
    for (int k = 0; k < 2; k++) transformer_free(model[k]);
}
END_TEST

/* Where nobody goes back the encoder's layers take turns in the same memory, and say the same. */
START_TEST(quiet_encoder_is_the_recording_one) {
    Transformer *model = model_of(_i, ATTENTION_FUSED, 11);
    graph->training = false;
    const Tensor *recorded = transformer_encode(model, SRC, B, S, (Masks){0}, NULL);
    real kept[B * S * E];
    memcpy(kept, recorded->data, sizeof kept);
    const size_t used = graph->arena.total;
    graph_reset(graph);
    const GraphMode before = graph_quiet();
    const Tensor *quiet = transformer_encode(model, SRC, B, S, (Masks){0}, NULL);
    ck_assert_mem_eq(quiet->data, kept, sizeof kept);
    ck_assert_uint_lt(graph->arena.total, used / 2);
    graph_restore(before);
    transformer_free(model);
}
END_TEST

/* losses (steps) <- those of training a model on the one batch. */
static void train(Transformer *model, int steps, double *losses) {
    Optimizer *optimizer = optimizer_new(&model->parameters, adam_pytorch());
    const double count = cross_entropy_count(LABELS, B * T, TOKEN_PAD);
    for (int step = 0; step < steps; step++) {
        graph_reset(graph);
        Tensor *loss = transformer_loss(model, &BATCH, 0);
        losses[step] = (double)tensor_item(loss) / count;
        backward(loss);
        optimizer_step(optimizer, 1e-3, 1 / count);
    }
    optimizer_free(optimizer);
}

/* The composed model trains, along the path of the fused one. */
START_TEST(composed_trains_as_fused) {
    enum { STEPS = 50 };
    double losses[2][STEPS];
    if (MODELS[_i].layer.dropout > 0) return;
    for (int k = 0; k < 2; k++) {
        Transformer *model = model_of(_i, k ? ATTENTION_COMPOSED : ATTENTION_FUSED, 12);
        train(model, STEPS, losses[k]);
        transformer_free(model);
    }
    for (int step = 0; step < STEPS; step++)
        ck_assert_msg(fabs(losses[1][step] - losses[0][step]) <=
                          (single ? 1e-5 : 1e-10) * losses[0][step],
                      "step %d: fused %.9g, composed %.9g", step, losses[0][step], losses[1][step]);
    ck_assert_double_lt(losses[1][STEPS - 1], 0.5 * losses[1][0]);
}
END_TEST

/* ---- Positions ------------------------------------------------------------------------------- */

enum { POSITION_KINDS = POSITIONS_ROTARY + 1 };

/* Each kind trains, and only learned positions are weights. Nothing else is drawn differently. */
START_TEST(positions_train) {
    enum { STEPS = 60 };
    double losses[STEPS];
    Transformer *model = model_new((LayerConfig){.positions = (PositionsKind)_i}, false, 13);
    Transformer *paper = model_new((LayerConfig){.norm_first = false}, false, 13);
    const int more = _i == POSITIONS_LEARNED ? 2 : 0;
    ck_assert_int_eq(model->parameters.count, paper->parameters.count + more);
    for (int i = 0; i < paper->parameters.count; i++)
        ck_assert_mem_eq(model->parameters.items[i]->data, paper->parameters.items[i]->data,
                         paper->parameters.items[i]->size * sizeof(real));
    train(model, STEPS, losses);
    ck_assert_double_lt(losses[STEPS - 1], 0.4 * losses[0]);
    transformer_free(model);
    transformer_free(paper);
}
END_TEST

/* Exchanging two source words changes what is said unless there are no positions at all. */
START_TEST(positions_tell_order) {
    Transformer *model = model_new((LayerConfig){.positions = (PositionsKind)_i}, false, 14);
    const GraphMode before = graph_quiet();
    const int swapped[S] = {7, 3, 16, 4, 2};
    const Batch one = {.B = 1, .S = S, .T = 1, .src = SRC, .tgt = TGT};
    const Batch other = {.B = 1, .S = S, .T = 1, .src = swapped, .tgt = TGT};
    const Tensor *a = transformer_forward(model, &one, NULL); // (1,1,E)
    const Tensor *b = transformer_forward(model, &other, NULL);
    const double moved = off_by(a->data, b->data, a->size);
    if (_i == POSITIONS_NONE)
        ck_assert_double_le(moved, 1e-5);
    else
        ck_assert_double_gt(moved, 1e-3);
    graph_restore(before);
    transformer_free(model);
}
END_TEST

/* One token at a time, two at a time and all at once, fused and composed. */
START_TEST(cached_is_uncached) {
    const LayerConfig layer = {.positions = (PositionsKind)(_i / 2),
                               .attention = _i % 2 ? ATTENTION_COMPOSED : ATTENTION_FUSED};
    Transformer *model = model_new(layer, false, 15);
    const GraphMode before = graph_quiet();
    unsigned char padding[B * S];
    masks_key_padding(padding, SRC, B, S, TOKEN_PAD);
    const Masks masks = {.key_padding_mask = padding};
    Tensor *memory = transformer_encode(model, SRC, B, S, masks, NULL);              // (B,S,E)
    Tensor *whole = transformer_decode(model, TGT, B, T, memory, masks, NULL, NULL); // (B,T,E)
    for (int piece = 1; piece <= 2; piece++) {
        DecoderCache *caches = decoder_caches_new(model, memory, T);
        for (int t = 0; t < T; t += piece) {
            int now[2 * B];
            for (int i = 0; i < B * piece; i++) now[i] = TGT[i / piece * T + t + i % piece];
            const Tensor *said =
                transformer_decode(model, now, B, piece, memory, masks, caches, NULL);
            const Tensor *part = op_slice(whole, 1, t, piece); // (B,piece,E), as said
            ck_assert_double_le(off_by(part->data, said->data, said->size), single ? 5e-6 : 1e-13);
        }
    }
    graph_restore(before);
    transformer_free(model);
}
END_TEST

/* ---- Files ----------------------------------------------------------------------------------- */

static char path[64];

static void save(const Transformer *model, const char *heads, const char *positions) {
    SafetensorsWriter *writer = safetensors_writer_new();
    safetensors_writer_metadata(writer, "heads", heads);
    safetensors_writer_metadata(writer, "norm_first", "0");
    if (positions) safetensors_writer_metadata(writer, "positions", positions);
    parameters_save(&model->parameters, writer);
    Error err;
    ck_assert_msg(safetensors_writer_save(writer, path, &err), "%s", err.text);
    safetensors_writer_free(writer);
}

/* The model in the file; NULL, and err, if there is none. */
static Transformer *load(Error *err) {
    Safetensors file;
    ck_assert_msg(safetensors_open(path, &file, err), "%s", err->text);
    Transformer *model = transformer_from_state_dict(&file, err);
    safetensors_close(&file);
    return model;
}

/* positions_name as metadata, or nothing for the paper's. */
START_TEST(positions_come_back_from_a_file) {
    const PositionsKind kind = (PositionsKind)_i;
    Error err;
    snprintf(path, sizeof path, "/tmp/test_transformer_%ld", (long)getpid());
    Transformer *model = model_new((LayerConfig){.positions = kind}, false, 16);
    save(model, "4", kind == POSITIONS_SINUSOID ? NULL : positions_name(kind));
    Transformer *back = load(&err);
    ck_assert_msg(back != NULL, "%s", err.text);
    ck_assert_int_eq(back->config.layer.positions, kind);
    const GraphMode before = graph_quiet();
    const Tensor *a = transformer_forward(model, &BATCH, NULL);
    const Tensor *b = transformer_forward(back, &BATCH, NULL);
    ck_assert_mem_eq(a->data, b->data, a->size * sizeof(real));
    graph_restore(before);
    transformer_free(model);
    transformer_free(back);
    unlink(path);
}
END_TEST

static void refuse(const Transformer *model, const char *heads, const char *positions,
                   const char *reason) {
    Error err;
    save(model, heads, positions);
    ck_assert_ptr_null(load(&err));
    ck_assert_msg(strstr(err.text, reason) != NULL, "\"%s\" says nothing of \"%s\"", err.text,
                  reason);
}

START_TEST(bad_positions_are_named) {
    snprintf(path, sizeof path, "/tmp/test_transformer_%ld", (long)getpid());
    Transformer *learned = model_new((LayerConfig){.positions = POSITIONS_LEARNED}, false, 17);
    Transformer *paper = model_new((LayerConfig){.norm_first = false}, false, 17);
    refuse(paper, "4", "absolute", "positions \"absolute\"");
    refuse(paper, "4", "learned", "no tensor \"src_positions.weight\"");
    refuse(learned, "4", NULL, "src_positions.weight"); // a tensor without a place in the model
    refuse(paper, "8", "rotary", "rotary");             // heads of three columns are no pairs
    transformer_free(learned);
    transformer_free(paper);
    unlink(path);
}
END_TEST

/* Counted before there is a model, and the model. */
START_TEST(sizes_are_known_beforehand) {
    Transformer *model = model_of(_i, ATTENTION_FUSED, 17);
    ck_assert_double_eq(transformer_size(&model->config),
                        (double)parameters_size(&model->parameters));
    transformer_free(model);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("transformer");
    TCase *tests = tcase_create("transformer");
    tcase_set_timeout(tests, 120);
    tcase_add_checked_fixture(tests, begin, end);
    tcase_add_loop_test(tests, composed_is_fused, 0, MODEL_COUNT);
    tcase_add_loop_test(tests, recycling_changes_nothing, 0, 2 * MODEL_COUNT);
    tcase_add_loop_test(tests, quiet_encoder_is_the_recording_one, 0, MODEL_COUNT);
    tcase_add_loop_test(tests, composed_trains_as_fused, 0, MODEL_COUNT);
    tcase_add_loop_test(tests, positions_train, 0, POSITION_KINDS);
    tcase_add_loop_test(tests, positions_tell_order, 0, POSITION_KINDS);
    tcase_add_loop_test(tests, cached_is_uncached, 0, 2 * POSITION_KINDS);
    tcase_add_loop_test(tests, positions_come_back_from_a_file, 0, POSITION_KINDS);
    tcase_add_test(tests, bad_positions_are_named);
    tcase_add_loop_test(tests, sizes_are_known_beforehand, 0, MODEL_COUNT);
    suite_add_tcase(suite, tests);
    return suite_run(suite);
}
