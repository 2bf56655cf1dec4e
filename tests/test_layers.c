/* test_layers.c - the gradients of the modules of chapters 1 to 5 and of the whole model. */
#include <stdio.h>
#include <stdlib.h>

#include "01_embeddings/embedding.h"
#include "02_positional_encoding/positions.h"
#include "03_self_attention/attention.h"
#include "04_multihead/attention_kind.h"
#include "05_encoder_decoder/transformer.h"
#include "common/kernels.h"
#include "tests/gradcheck.h"

typedef const void *Context;

enum { DRAWS = 5 };

/* For B = 2, T = 3, S = 4: the second sentence is all padding; the attention masks leave something
 * of every row, or nothing of query 1. */
static const unsigned char PADDING[8] = {0, 0, 0, 1, /**/ 1, 1, 1, 1};
static const unsigned char SOME[12] = {0, 1, 1, 0, /**/ 0, 0, 1, 1, /**/ 1, 0, 0, 0};
static const unsigned char NONE_OF_ROW_1[12] = {0, 1, 0, 0, /**/ 1, 1, 1, 1, /**/ 0, 0, 0, 1};

/* ---- Chapters 1 to 3 ------------------------------------------------------------------------- */

static const int IDS[6] = {0, 2, 2, 4, 0, 2}; // rows 1 and 3 are never looked up

static Tensor *build_embedding(Context unused, Tensor **x) {
    (void)unused;
    const Embedding embedding = {x[0]};
    return EMBEDDING_FORWARD(&embedding, IDS, 2, 3);
}

static Tensor *build_embedding_scaled(Context unused, Tensor **x) {
    (void)unused;
    const Embedding embedding = {x[0]};
    return embedding_forward_scaled(&embedding, IDS, 1, SHAPE(6));
}

static Tensor *build_sinusoid(Context first_position, Tensor **x) {
    const Positions positions = {.kind = POSITIONS_SINUSOID};
    return positions_add(&positions, x[0], *(const int *)first_position);
}

static Tensor *build_learned_positions(Context first_position, Tensor **x) {
    const Positions positions = {.kind = POSITIONS_LEARNED, .weight = x[1]};
    return positions_add(&positions, x[0], *(const int *)first_position);
}

/* Heads of 2 columns: every pair turns by a full radian a place. */
static Tensor *build_rotary(Context first_position, Tensor **x) {
    const Positions positions = {.kind = POSITIONS_ROTARY};
    return positions_turn(&positions, x[0], 2, *(const int *)first_position);
}

/* One head of 6: three pairs, three speeds. */
static Tensor *build_rotary_wide(Context first_position, Tensor **x) {
    const Positions positions = {.kind = POSITIONS_ROTARY};
    return positions_turn(&positions, x[0], 6, *(const int *)first_position);
}

typedef struct {
    Masks masks;
    bool weights; // the result is the weights, not the output
} AttentionCase;

static Tensor *build_attention(Context context, Tensor **x) {
    const AttentionCase *c = context;
    Tensor *weights;
    Tensor *y = scaled_dot_product_attention(x[0], x[1], x[2], c->masks, 0, &weights);
    return c->weights ? weights : y;
}

static Tensor *build_self_attention(Context context, Tensor **x) {
    const AttentionCase *c = context;
    return scaled_dot_product_attention(x[0], x[0], x[0], c->masks, 0, NULL);
}

/* ---- Chapter 4's heads, fused and composed --------------------------------------------------- */

typedef enum { RESULT, WEIGHTS, RESULT_AND_WEIGHTS } Wanted;

typedef struct {
    const char *name;
    int E, nhead, S;
    int q, k, v; // first columns
    Masks masks;
    double dropout;
    Wanted wanted;                     // what the loss is made of
    GradShape input[GRADCHECK_INPUTS]; // of q, k, v; only the first: it is all three
} HeadsCase;

/* Each is checked of both kinds of attention. */
typedef struct {
    const HeadsCase *c;
    AttentionKind kind;
} HeadsOfKind;

static Tensor *flat(Tensor *x) {
    return RESHAPE(x, (int)x->size);
}

static Tensor *build_heads(Context context, Tensor **x) {
    const HeadsOfKind *of = context;
    const HeadsCase *c = of->c;
    const int self = c->input[1].ndim == 0;
    const HeadColumns heads = {.q = {x[0], c->q},
                               .k = {x[self ? 0 : 1], c->k},
                               .v = {x[self ? 0 : 2], c->v},
                               .E = c->E,
                               .nhead = c->nhead,
                               .S = c->S};
    Tensor *weights = NULL, *y;
    y = attention_of_kind(of->kind, heads, c->masks, (real)c->dropout,
                          c->wanted == RESULT ? NULL : &weights);
    if (c->wanted == RESULT) return y;
    return c->wanted == WEIGHTS ? weights : op_concat(flat(y), flat(weights), 0);
}

#define INPUTS(...) .input = {__VA_ARGS__}

static const HeadsCase HEADS[] = {
    {"heads", .E = 4, .nhead = 2, .S = 4, INPUTS(INPUT(2, 3, 4), INPUT(2, 4, 4), INPUT(2, 4, 4))},
    {"masks", .E = 4, .nhead = 2, .S = 4, .masks = {.key_padding_mask = PADDING, .attn_mask = SOME},
     INPUTS(INPUT(2, 3, 4), INPUT(2, 4, 4), INPUT(2, 4, 4))},
    {"a row masked", .E = 3, .nhead = 1, .S = 4, .masks.attn_mask = NONE_OF_ROW_1,
     INPUTS(INPUT(2, 3, 3), INPUT(2, 4, 3), INPUT(2, 4, 3))},
    {"causal", .E = 4, .nhead = 2, .S = 4, .masks.causal = true,
     INPUTS(INPUT(2, 3, 4), INPUT(2, 4, 4), INPUT(2, 4, 4))},
    {"queries without keys", .E = 2, .nhead = 1, .S = 2, .masks.causal = true,
     INPUTS(INPUT(1, 4, 2), INPUT(1, 2, 2), INPUT(1, 2, 2))},
    {"dropout", .E = 6, .nhead = 3, .S = 4, .masks.key_padding_mask = PADDING, .dropout = 0.4,
     INPUTS(INPUT(2, 3, 6), INPUT(2, 4, 6), INPUT(2, 4, 6))},
    {"columns", .E = 2, .nhead = 2, .S = 3, .q = 1, .k = 2, .v = 3,
     INPUTS(INPUT(2, 1, 4), INPUT(2, 3, 4), INPUT(2, 3, 5))},
    {"room left", .E = 2, .nhead = 1, .S = 2,
     INPUTS(INPUT(2, 3, 2), INPUT(2, 4, 2), INPUT(2, 3, 2))},
    {"to itself", .E = 4, .nhead = 2, .S = 3, .k = 4, .v = 8, INPUTS(INPUT(2, 3, 12))},
    {"to itself, masks", .E = 3, .nhead = 3, .S = 3, .k = 3, .v = 6,
     .masks = {.key_padding_mask = PADDING, .attn_mask = SOME}, .dropout = 0.3,
     INPUTS(INPUT(2, 3, 9))},
    {"to itself, one token", .E = 3, .nhead = 1, .S = 1, .k = 3, .v = 6, INPUTS(INPUT(1, 1, 9))},
    {"its weights", .E = 4, .nhead = 2, .S = 4,
     .masks = {.key_padding_mask = PADDING, .attn_mask = SOME}, .wanted = WEIGHTS,
     INPUTS(INPUT(2, 3, 4), INPUT(2, 4, 4), INPUT(2, 4, 4))},
    {"its weights, before dropout", .E = 4, .nhead = 2, .S = 3, .masks.causal = true,
     .dropout = 0.4, .wanted = RESULT_AND_WEIGHTS,
     INPUTS(INPUT(2, 3, 4), INPUT(2, 3, 4), INPUT(2, 3, 4))},
    {"to itself, with its weights", .E = 4, .nhead = 2, .S = 3, .k = 4, .v = 8,
     .masks.attn_mask = NONE_OF_ROW_1, .wanted = RESULT_AND_WEIGHTS, INPUTS(INPUT(2, 3, 12))},
};
enum { HEADS_COUNT = sizeof HEADS / sizeof *HEADS };

START_TEST(test_heads) {
    const HeadsOfKind of = {&HEADS[_i / 2], _i % 2 ? ATTENTION_COMPOSED : ATTENTION_FUSED};
    char name[64];
    snprintf(name, sizeof name, "%s attention, %s", _i % 2 ? "composed" : "fused", of.c->name);
    GradCase c = {name, build_heads, ANY, {{0}}, &of, NULL};
    memcpy(c.input, of.c->input, sizeof c.input);
    for (uint64_t seed = 0; seed < DRAWS; seed++) gradcheck(&c, 500 + seed);
}
END_TEST

/* ---- Layer norm, and the cases of single operations ------------------------------------------ */

static Tensor *build_layer_norm(Context unused, Tensor **x) {
    (void)unused;
    const LayerNorm norm = {x[1], x[2]};
    return layer_norm(&norm, x[0]);
}

#define ROW(name, build, domain, context, ...)                                                     \
    { name, build, domain, {__VA_ARGS__}, context, NULL }
#define INT(x)                                                                                     \
    &(const int) {                                                                                 \
        x                                                                                          \
    }
#define ATTENTION(...)                                                                             \
    &(const AttentionCase) {                                                                       \
        __VA_ARGS__                                                                                \
    }
static const GradCase CASES[] = {
    ROW("embedding", build_embedding, ANY, NULL, INPUT(5, 3)),
    ROW("embedding, scaled", build_embedding_scaled, ANY, NULL, INPUT(5, 2)),
    ROW("sinusoid", build_sinusoid, ANY, INT(0), INPUT(2, 3, 4)),
    ROW("sinusoid from 7", build_sinusoid, ANY, INT(7), INPUT(1, 1, 3)),
    ROW("learned positions", build_learned_positions, ANY, INT(0), INPUT(2, 3, 4), INPUT(5, 4)),
    ROW("learned positions from 2", build_learned_positions, ANY, INT(2), INPUT(2, 3, 2),
        INPUT(5, 2)),
    ROW("rotary", build_rotary, ANY, INT(0), INPUT(2, 3, 4)),
    ROW("rotary from 40", build_rotary, ANY, INT(40), INPUT(1, 2, 2)),
    ROW("rotary, three speeds", build_rotary_wide, ANY, INT(5), INPUT(2, 3, 6)),
    ROW("attention", build_attention, ANY, ATTENTION(.masks = {0}), INPUT(2, 3, 2), INPUT(2, 4, 2),
        INPUT(2, 4, 5)),
    ROW("attention, its weights", build_attention, ANY,
        ATTENTION(.masks.attn_mask = SOME, .weights = true), INPUT(3, 2), INPUT(4, 2), INPUT(4, 1)),
    ROW("attention, masked", build_attention, ANY, ATTENTION(.masks.attn_mask = SOME),
        INPUT(2, 2, 3, 1), INPUT(2, 2, 4, 1), INPUT(2, 2, 4, 2)),
    ROW("attention, a row masked", build_attention, ANY,
        ATTENTION(.masks.attn_mask = NONE_OF_ROW_1), INPUT(2, 3, 3), INPUT(2, 4, 3),
        INPUT(2, 4, 2)),
    ROW("attention to itself", build_self_attention, ANY, ATTENTION(.masks = {0}), INPUT(2, 3, 2)),
    ROW("attention, one key", build_attention, ANY, ATTENTION(.masks = {0}), INPUT(1, 2, 3),
        INPUT(1, 1, 3), INPUT(1, 1, 2)),
    ROW("layer_norm", build_layer_norm, ANY, NULL, INPUT(2, 3, 5), INPUT(5), INPUT(5)),
    ROW("layer_norm", build_layer_norm, ANY, NULL, INPUT(1, 2), INPUT(2), INPUT(2)),
    ROW("layer_norm", build_layer_norm, ANY, NULL, INPUT(3, 1), INPUT(1), INPUT(1)),
    ROW("layer_norm", build_layer_norm, ANY, NULL, INPUT(33), INPUT(33), INPUT(33)),
};
enum { CASE_COUNT = sizeof CASES / sizeof *CASES };

START_TEST(test_gradients) {
    for (uint64_t seed = 0; seed < DRAWS; seed++) gradcheck(&CASES[_i], 200 + seed);
}
END_TEST

/* ---- Modules with parameters ----------------------------------------------------------------- */

/* As initialised, biases are zero and norms do nothing: values that would hide mistakes. */
static void scramble(const Parameters *parameters, Random *random) {
    for (int i = 0; i < parameters->count; i++)
        random_fill_uniform(random, parameters->items[i]->data, parameters->items[i]->size, -0.9,
                            0.9);
}

typedef struct {
    const char *name;
    Tensor *(*build)(Context module, Tensor **x);
    LayerConfig config;
    int B, T, S; // inputs (B,T,E) and (B,S,E); S = 0: only the first
    const unsigned char *padding, *mask;
} ModuleCase;

/* A case with all three modules made, of which its builder uses one. */
typedef struct {
    const ModuleCase *c;
    MultiheadAttention multihead;
    EncoderLayer encoder;
    DecoderLayer decoder;
} Module;

static Tensor *build_multihead(Context module, Tensor **x) {
    const Module *m = module;
    const Masks masks = {.key_padding_mask = m->c->padding, .attn_mask = m->c->mask};
    return multihead_forward(&m->multihead, x[0], x[m->c->S > 0], masks, NULL, NULL);
}

static Tensor *build_encoder_layer(Context module, Tensor **x) {
    const Module *m = module;
    const Masks masks = {.key_padding_mask = m->c->padding};
    return encoder_layer_forward(&m->encoder, x[0], masks, NULL);
}

static Tensor *build_decoder_layer(Context module, Tensor **x) {
    const Module *m = module;
    const Masks tgt_masks = {.attn_mask = m->c->mask},
                memory_masks = {.key_padding_mask = m->c->padding};
    return decoder_layer_forward(&m->decoder, x[0], x[1], tgt_masks, memory_masks, NULL, NULL);
}

/* A loss that looks at the layer's attention as well: a supervised alignment does. */
static Tensor *build_encoder_weights(Context module, Tensor **x) {
    const Module *m = module;
    Tensor *weights, *y = encoder_layer_forward(
                         &m->encoder, x[0], (Masks){.key_padding_mask = m->c->padding}, &weights);
    return op_concat(flat(y), flat(weights), 0);
}

static Tensor *build_decoder_weights(Context module, Tensor **x) {
    const Module *m = module;
    const Masks memory_masks = {.key_padding_mask = m->c->padding};
    DecoderWeights weights;
    Tensor *y = decoder_layer_forward(&m->decoder, x[0], x[1], (Masks){.causal = true},
                                      memory_masks, NULL, &weights);
    return op_concat(flat(y), op_concat(flat(weights.self), flat(weights.cross), 0), 0);
}

#define CONFIG(E, H, F, p, pre)                                                                    \
    { .d_model = E, .nhead = H, .dim_feedforward = F, .dropout = (real)(p), .norm_first = pre }

static const ModuleCase MODULES[] = {
    {"multihead to itself", build_multihead, CONFIG(4, 2, 0, 0, 0), 2, 3, 0, NULL, NULL},
    {"multihead to itself, masks", build_multihead, CONFIG(3, 3, 0, 0.3, 0), 2, 3, 0, PADDING,
     SOME},
    {"multihead", build_multihead, CONFIG(6, 3, 0, 0, 0), 2, 3, 4, PADDING, NULL},
    {"multihead, masks", build_multihead, CONFIG(2, 1, 0, 0.2, 0), 2, 3, 4, PADDING, NONE_OF_ROW_1},
    {"multihead, one token", build_multihead, CONFIG(2, 1, 0, 0, 0), 1, 1, 1, NULL, NULL},
    {"encoder layer, post-norm", build_encoder_layer, CONFIG(4, 2, 3, 0, false), 2, 3, 0, NULL,
     NULL},
    {"encoder layer, pre-norm", build_encoder_layer, CONFIG(4, 2, 3, 0, true), 2, 3, 0, PADDING,
     NULL},
    {"encoder layer, dropout", build_encoder_layer, CONFIG(3, 1, 5, 0.3, false), 2, 4, 0, PADDING,
     NULL},
    {"encoder layer, one token", build_encoder_layer, CONFIG(3, 3, 1, 0, true), 1, 1, 0, NULL,
     NULL},
    {"decoder layer, post-norm", build_decoder_layer, CONFIG(4, 2, 3, 0, false), 2, 3, 4, PADDING,
     SOME},
    {"decoder layer, pre-norm", build_decoder_layer, CONFIG(3, 1, 4, 0, true), 2, 3, 4, PADDING,
     NONE_OF_ROW_1},
    {"decoder layer, dropout", build_decoder_layer, CONFIG(4, 4, 2, 0.2, true), 1, 3, 4, PADDING,
     SOME},
    {"decoder layer, one token", build_decoder_layer, CONFIG(2, 1, 3, 0, false), 1, 1, 1, NULL,
     NULL},
    {"encoder layer, its weights", build_encoder_weights, CONFIG(4, 2, 3, 0.2, false), 2, 4, 0,
     PADDING, NULL},
    {"decoder layer, its weights", build_decoder_weights, CONFIG(4, 2, 3, 0.2, true), 2, 3, 4,
     PADDING, NULL},
};
enum { MODULE_COUNT = sizeof MODULES / sizeof *MODULES };

static void check_module(const ModuleCase *c, uint64_t seed) {
    Random random;
    random_seed(&random, seed + 1000);
    Parameters parameters = {0};
    const LayerConfig *config = &c->config;
    Module m = {.c = c};
    if (c->build == build_multihead)
        m.multihead = multihead_new(&parameters, "",
                                    (MultiheadConfig){.d_model = config->d_model,
                                                      .nhead = config->nhead,
                                                      .dropout = config->dropout},
                                    &random);
    else if (c->build == build_encoder_layer || c->build == build_encoder_weights)
        m.encoder = encoder_layer_new(&parameters, "", *config, &random);
    else
        m.decoder = decoder_layer_new(&parameters, "", *config, &random);
    scramble(&parameters, &random);
    const GradCase grad_case = {
        c->name,
        c->build,
        ANY,
        {INPUT(c->B, c->T, config->d_model), {c->S ? 3 : 0, {c->B, c->S, config->d_model}}},
        &m,
        &parameters};
    gradcheck(&grad_case, seed);
    parameters_free(&parameters);
}

START_TEST(test_modules) {
    for (uint64_t seed = 0; seed < DRAWS; seed++) check_module(&MODULES[_i], 300 + seed);
}
END_TEST

/* ---- The whole model ------------------------------------------------------------------------- */

/* Three sentence pairs: whole; padded on both sides; nothing but padding. Ids below 5. */
static const int SRC[12] = {1, 4, 2, 3, /**/ 3, 1, 0, 0, /**/ 0, 0, 0, 0};
static const int TGT[9] = {1, 2, 4, /**/ 1, 3, 0, /**/ 0, 0, 0};
static const int LABELS[9] = {2, 4, 3, /**/ 3, 0, 0, /**/ 0, 0, 0};
static const Batch BATCH = {.B = 3, .S = 4, .T = 3, .src = SRC, .tgt = TGT, .labels = LABELS},
                   SHORTEST = {1, 1, 1, SRC, TGT, LABELS};

typedef struct {
    const char *name;
    TransformerConfig config;
    const Batch *batch;
    double label_smoothing;
} ModelCase;

typedef struct {
    const ModelCase *c;
    Transformer *model;
} Model;

static Tensor *build_loss(Context context, Tensor **unused) {
    (void)unused;
    const Model *m = context;
    return transformer_loss(m->model, m->c->batch, (real)m->c->label_smoothing);
}

/* .layer and sizes of a model with as many layers on each side. */
#define MODEL(layers, src, tgt, ...)                                                               \
    {                                                                                              \
        .layer = {__VA_ARGS__}, .num_encoder_layers = layers, .num_decoder_layers = layers,        \
        .src_vocab = src, .tgt_vocab = tgt, .tie_embeddings = (src) == (tgt), .max_length = 4      \
    }
#define LAYER(E, H, F) .d_model = E, .nhead = H, .dim_feedforward = F

/* Equal vocabularies are tied. */
static const ModelCase MODELS[] = {
    {"post-norm", MODEL(2, 5, 6, LAYER(4, 2, 3)), &BATCH, 0.1},
    {"pre-norm", MODEL(2, 6, 5, LAYER(3, 1, 5), .norm_first = true), &BATCH, 0},
    {"post-norm, tied", MODEL(2, 5, 5, LAYER(3, 3, 4)), &BATCH, 0},
    {"pre-norm, tied", MODEL(2, 5, 5, LAYER(4, 2, 3), .norm_first = true), &BATCH, 0.1},
    {"dropout", MODEL(2, 5, 5, LAYER(4, 1, 3), .dropout = (real)0.2), &BATCH, 0.1},
    {"dropout on what is added",
     MODEL(2, 5, 5, LAYER(4, 1, 3), .dropout = (real)0.2, .residual_dropout = true), &BATCH, 0.1},
    {"one token", MODEL(2, 5, 6, LAYER(2, 1, 3), .norm_first = true), &SHORTEST, 0},
    {"no positions", MODEL(1, 5, 6, LAYER(4, 2, 3), .positions = POSITIONS_NONE), &BATCH, 0},
    {"learned positions", MODEL(1, 5, 6, LAYER(4, 2, 3), .positions = POSITIONS_LEARNED), &BATCH,
     0.1},
    {"rotary positions", MODEL(2, 5, 5, LAYER(4, 2, 3), .positions = POSITIONS_ROTARY), &BATCH, 0},
    {"composed",
     MODEL(2, 5, 6, LAYER(4, 2, 3), .dropout = (real)0.2, .attention = ATTENTION_COMPOSED), &BATCH,
     0.1},
    {"composed, rotary",
     MODEL(1, 5, 5, LAYER(4, 2, 3), .positions = POSITIONS_ROTARY, .attention = ATTENTION_COMPOSED),
     &BATCH, 0},
};
enum { MODEL_COUNT = sizeof MODELS / sizeof *MODELS };

START_TEST(test_models) {
    const ModelCase *c = &MODELS[_i / DRAWS];
    const uint64_t seed = 400 + (uint64_t)_i;
    Random random;
    random_seed(&random, seed);
    Transformer *model = transformer_new(&c->config, &random);
    scramble(&model->parameters, &random);
    const Model m = {c, model};
    const GradCase grad_case = {c->name, build_loss, ANY, {{0}}, &m, &model->parameters};
    gradcheck(&grad_case, seed);
    transformer_free(model);
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("layers");
    TCase *gradients = tcase_create("gradients");
    tcase_set_timeout(gradients, 120);
    tcase_add_loop_test(gradients, test_gradients, 0, CASE_COUNT);
    tcase_add_loop_test(gradients, test_heads, 0, 2 * HEADS_COUNT);
    tcase_add_loop_test(gradients, test_modules, 0, MODULE_COUNT);
    tcase_add_loop_test(gradients, test_models, 0, MODEL_COUNT * DRAWS);
    suite_add_tcase(suite, gradients);
    return gradcheck_main(argc, argv, suite);
}
