#include "05_encoder_decoder/gpt_model.h"

#include "02_positional_encoding/rotary.h"
#include "common/init.h"

#include <stdio.h>
#include <stdlib.h>

/* "PREFIXname." in a buffer of the caller's; the longest there is has 29 letters. */
static const char *join(char buffer[64], const char *prefix, const char *name) {
    snprintf(buffer, 64, "%.48s%.12s.", prefix, name);
    return buffer;
}

/* ---- Drawing --------------------------------------------------------------------------------- */

/* Where in in_proj_weight the rows of head h lie; part 0 is query, 1 key, 2 value. */
static size_t head_rows(const GptConfig *c, int part, int h) {
    // E rows for each part, E / heads of them for each head, and E numbers in a row.
    return (size_t)(part * c->d_model + h * (c->d_model / c->heads)) * (size_t)c->d_model;
}

/* The video has three small layers for each head, drawn as key, query, value, one head after the
 * other; here they are rows of one matrix, still drawn in that order. */
static GptAttention attention_new(Parameters *parameters, const char *prefix, const GptConfig *c,
                                  Random *random) {
    static const int drawn[] = {1, 0, 2};
    const int E = c->d_model;
    char name[64];
    GptAttention sa = {.in_proj_weight = PARAMETER(parameters, prefix, "in_proj_weight", 3 * E, E)};
    for (int h = 0; h < c->heads; h++)
        for (int i = 0; i < 3; i++)
            init_linear(random, sa.in_proj_weight->data + head_rows(c, drawn[i], h), NULL,
                        (size_t)(E / c->heads), (size_t)E);
    // Several heads side by side say E numbers that know nothing of each other; the projection
    // mixes them.
    if (c->kind != GPT_FF)
        sa.proj = linear_new(parameters, join(name, prefix, "proj"), E, E, true, random);
    return sa;
}

/* In GPT_FF one layer, as wide inside as outside; from GPT_BLOCKS on the paper's four times as
 * wide, with a second layer that leads back to the way past it. */
static GptFeedForward feed_forward_new(Parameters *parameters, const char *prefix,
                                       const GptConfig *c, Random *random) {
    const int E = c->d_model, F = c->kind == GPT_FF ? E : 4 * E;
    char name[64];
    GptFeedForward ffwd = {0};
    ffwd.in = linear_new(parameters, join(name, prefix, "net.0"), E, F, true, random);
    if (c->kind != GPT_FF) // net.1 is the relu
        ffwd.out = linear_new(parameters, join(name, prefix, "net.2"), F, E, true, random);
    return ffwd;
}

/* The video's names as its classes make them: before there are blocks the parts stand alone. */
static GptBlock block_new(Parameters *parameters, int layer, const GptConfig *c, Random *random) {
    char prefix[32] = "", name[64];
    if (c->kind != GPT_FF) snprintf(prefix, sizeof prefix, "blocks.%d.", layer);
    GptBlock block = {0};
    block.sa = attention_new(parameters, join(name, prefix, c->kind == GPT_FF ? "sa_heads" : "sa"),
                             c, random);
    block.ffwd = feed_forward_new(parameters, join(name, prefix, "ffwd"), c, random);
    if (c->kind == GPT_NORM) {
        block.ln1 = layer_norm_new(parameters, join(name, prefix, "ln1"), c->d_model);
        block.ln2 = layer_norm_new(parameters, join(name, prefix, "ln2"), c->d_model);
    }
    return block;
}

/* As char_model.h wants its middle. */
static Tensor *middle_forward(const void *state, Tensor *x, PositionsKind positions) {
    (void)positions; // the model has them in its config
    return gpt_model_middle(state, x);
}

/* In the order of the video's constructor: embeddings, blocks, the last norm, lm_head. The
 * generator is one, so another order would be another model. */
GptModel *gpt_model_new(Parameters *parameters, const GptConfig *config, Random *random) {
    const GptConfig *c = config;
    REQUIRE(c->heads > 0 && c->d_model % c->heads == 0, "%d heads do not divide d_model %d",
            c->heads, c->d_model);
    REQUIRE(c->kind != GPT_FF || c->layers == 1, "%d layers without blocks", c->layers);
    GptModel *model = memory_calloc(sizeof *model);
    model->config = *c;
    const CharConfig chars = {.vocab = c->vocab,
                              .block_size = c->block_size,
                              .n_embd = c->d_model,
                              .positions = c->positions};
    model->chars = char_model_begin(parameters, chars, random);
    model->blocks = memory_calloc((size_t)c->layers * sizeof *model->blocks);
    for (int i = 0; i < c->layers; i++) model->blocks[i] = block_new(parameters, i, c, random);
    if (c->kind == GPT_NORM) model->ln_f = layer_norm_new(parameters, "ln_f.", c->d_model);
    char_model_finish(&model->chars, parameters, (CharMiddle){middle_forward, model, c->d_model},
                      random);
    return model;
}

/* The parameters belong to their set. */
void gpt_model_free(GptModel *model) {
    if (!model) return;
    free(model->blocks);
    free(model);
}

/* ---- Computing ------------------------------------------------------------------------------- */

/* x (B,T,E) -> (B,T,E): every token looks at itself and those before. */
static Tensor *attention(const GptAttention *sa, const GptConfig *c, Tensor *x) {
    const int E = c->d_model, D = E / c->heads;
    Tensor *qkv = op_linear(x, sa->in_proj_weight, NULL); // (B,T,3E)
    Columns q = {qkv, 0}, k = {qkv, E}, v = {qkv, 2 * E};
    // Attention divides by sqrt(E / heads). In the video `C` was the width of x, so that all
    // scores were smaller by another sqrt(heads).
    if (c->scale_of_video && c->heads > 1)
        q = (Columns){op_scale(op_slice(qkv, 2, 0, E), 1 / (real)sqrt(c->heads)), 0}; // (B,T,E)
    if (c->positions == POSITIONS_ROTARY) {
        q = (Columns){rotary_turn(op_slice(q.tensor, 2, 0, E), D, 0), 0}; // (B,T,E)
        k = (Columns){rotary_turn(op_slice(qkv, 2, E, E), D, 0), 0};      // (B,T,E)
    }
    const HeadColumns heads = {.q = q, .k = k, .v = v, .E = E, .nhead = c->heads, .S = x->shape[1]};
    Tensor *found = // (B,T,E)
        attention_of_kind(c->attention, heads, (Masks){.causal = true}, c->dropout, NULL);
    return sa->proj.weight ? op_dropout(linear_forward(&sa->proj, found), c->dropout) : found;
}

/* x (B,T,E) -> (B,T,E): every token on its own. */
static Tensor *feed_forward(const GptFeedForward *ffwd, const GptConfig *c, Tensor *x) {
    Tensor *hidden = op_relu(linear_forward(&ffwd->in, x)); // (B,T,F)
    return op_dropout(ffwd->out.weight ? linear_forward(&ffwd->out, hidden) : hidden, c->dropout);
}

/* Communication, then computation. From GPT_BLOCKS on both only add to x: what they say is a
 * correction to it, and the gradient has a way past them. */
static Tensor *block(const GptBlock *b, const GptConfig *c, Tensor *x) {
    if (c->kind == GPT_FF) return feed_forward(&b->ffwd, c, attention(&b->sa, c, x));
    const bool norm = c->kind == GPT_NORM;
    // Pre-norm: what is added is computed from a normed x, and x itself goes on as it is.
    x = op_add(x, attention(&b->sa, c, norm ? layer_norm(&b->ln1, x) : x));
    return op_add(x, feed_forward(&b->ffwd, c, norm ? layer_norm(&b->ln2, x) : x));
}

/* One mask for all layers: a place sees itself and what was before it. */
Tensor *gpt_model_middle(const GptModel *model, Tensor *x) {
    const GptConfig *c = &model->config;
    EXPECT_SHAPE(x, x->shape[0], x->shape[1], c->d_model);
    for (int i = 0; i < c->layers; i++) x = block(&model->blocks[i], c, x);
    return c->kind == GPT_NORM ? layer_norm(&model->ln_f, x) : x;
}

/* ---- Files ----------------------------------------------------------------------------------- */

/* "PREFIXheads.H.query.weight", key or value, PREFIX being the beginning of in_proj's own name. */
static const char *head_name(char name[128], const Tensor *in_proj, int h, int part) {
    static const char *const parts[] = {"query", "key", "value"};
    const size_t prefix = strlen(in_proj->name) - strlen("in_proj_weight");
    snprintf(name, 128, "%.*sheads.%d.%s.weight", (int)prefix, in_proj->name, h, parts[part]);
    return name;
}

static bool is_in_proj(const Tensor *t) {
    const size_t length = strlen(t->name), end = strlen("in_proj_weight");
    return length > end && strcmp(t->name + length - end, "in_proj_weight") == 0;
}

/* Every parameter once, in the order in which they were made; in_proj (3E,E) as the 3 heads
 * matrices (D,E) that the video's Head classes have. */
void gpt_model_save(const GptModel *model, const Parameters *parameters,
                    SafetensorsWriter *writer) {
    const GptConfig *c = &model->config;
    char name[128];
    for (int i = 0; i < parameters->count; i++) {
        const Tensor *t = parameters->items[i];
        if (!is_in_proj(t)) {
            safetensors_writer_tensor(writer, t->name, DTYPE_REAL, t->ndim, t->shape, t->data);
            continue;
        }
        // Rows of a row-major matrix: no copy is needed to write them as a matrix of their own.
        for (int h = 0; h < c->heads; h++)
            for (int part = 0; part < 3; part++)
                safetensors_writer_tensor(writer, head_name(name, t, h, part), DTYPE_REAL, 2,
                                          SHAPE(c->d_model / c->heads, c->d_model),
                                          t->data + head_rows(c, part, h));
    }
}

/* The same walk, reading. */
bool gpt_model_load(const GptModel *model, Parameters *parameters, const Safetensors *file,
                    size_t *tensors, Error *err) {
    const GptConfig *c = &model->config;
    char name[128];
    for (int i = 0; i < parameters->count; i++) {
        Tensor *t = parameters->items[i];
        if (!is_in_proj(t)) {
            if (!safetensors_read_real(file, t->name, t->ndim, t->shape, t->data, err))
                return false;
            ++*tensors;
            continue;
        }
        for (int h = 0; h < c->heads; h++)
            for (int part = 0; part < 3; part++, ++*tensors)
                if (!safetensors_read_real(file, head_name(name, t, h, part), 2,
                                           SHAPE(c->d_model / c->heads, c->d_model),
                                           t->data + head_rows(c, part, h), err))
                    return false;
    }
    return true;
}
