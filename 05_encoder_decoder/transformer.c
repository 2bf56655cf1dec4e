#include "05_encoder_decoder/transformer.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "05_encoder_decoder/trace.h"
#include "common/init.h"
#include "common/mine.h"
#include "common/packed.h"

/* Where random stands; anywhere, if nothing is to be drawn. */
static Random draws_from(const Random *random) {
    return random ? *random : (Random){0};
}

/* torch.nn.Transformer draws one layer, copies it for the whole stack (so all layers begin with the
 * same biases), and at the end draws every matrix anew by Xavier. Only a stack's first layer moves
 * the generator; the others repeat its draws from a copy. */
static void build_core(Transformer *model, Random *random) {
    const TransformerConfig *c = &model->config;
    Parameters *p = &model->parameters;
    char name[256];
    const int first = p->count;
    Random first_draws = draws_from(random);
    for (int i = 0; i < c->num_encoder_layers; i++) {
        snprintf(name, sizeof name, "transformer.encoder.layers.%d.", i);
        Random copy = first_draws;
        model->encoder_layers[i] =
            encoder_layer_new(p, name, c->layer, i && random ? &copy : random);
    }
    model->encoder_norm = layer_norm_new(p, "transformer.encoder.norm.", c->layer.d_model);
    first_draws = draws_from(random);
    for (int i = 0; i < c->num_decoder_layers; i++) {
        snprintf(name, sizeof name, "transformer.decoder.layers.%d.", i);
        Random copy = first_draws;
        model->decoder_layers[i] =
            decoder_layer_new(p, name, c->layer, i && random ? &copy : random);
    }
    model->decoder_norm = layer_norm_new(p, "transformer.decoder.norm.", c->layer.d_model);
    // Biases and norms, of one dimension, keep what their constructors gave them.
    for (int i = first; i < p->count; i++)
        if (p->items[i]->ndim > 1)
            init_xavier_uniform(random, p->items[i]->data, (size_t)p->items[i]->shape[0],
                                (size_t)p->items[i]->shape[1], 1);
}

/* The embeddings get deviation 1/sqrt(E): times sqrt(E) on the way in they are as large as the
 * positional encoding, and as output layer they give logits of size 1 instead of sqrt(E). */
static Embedding build_embedding(Transformer *model, const char *prefix, int vocab,
                                 Random *random) {
    const int E = model->config.layer.d_model;
    Embedding embedding = embedding_new(&model->parameters, prefix, vocab, E, random);
    for (size_t i = 0; i < embedding.weight->size; i++)
        embedding.weight->data[i] *= 1 / (real)sqrt(E);
    return embedding;
}

/* The core first, as torch.nn.Transformer is constructed before what a model puts around it: the
 * same seed gives the same weights there and here. */
Transformer *transformer_new(const TransformerConfig *config, Random *random) {
    Transformer *model = memory_calloc(sizeof *model);
    const int E = config->layer.d_model;
    Parameters *p = &model->parameters;
    model->config = *config;
    model->encoder_layers =
        memory_calloc((size_t)config->num_encoder_layers * sizeof(EncoderLayer));
    model->decoder_layers =
        memory_calloc((size_t)config->num_decoder_layers * sizeof(DecoderLayer));
    build_core(model, random);
    model->src_embed = build_embedding(model, "src_embed.", config->src_vocab, random);
    if (config->tie_embeddings) {
        // One matrix under three names: its gradient is the sum over the places where it is used.
        REQUIRE(config->src_vocab == config->tgt_vocab, "tied embeddings need one vocabulary");
        model->tgt_embed = model->src_embed;
        parameters_alias(p, "tgt_embed.weight", model->src_embed.weight);
        parameters_alias(p, "generator.weight", model->src_embed.weight);
        model->generator = (Linear){model->src_embed.weight,
                                    PARAMETER(p, "generator.", "bias", config->tgt_vocab)};
    } else {
        model->tgt_embed = build_embedding(model, "tgt_embed.", config->tgt_vocab, random);
        model->generator = linear_new(p, "generator.", E, config->tgt_vocab, true, random);
    }
    // Source and target each count their own places, so each has a table, if it has one at all.
    const PositionsKind kind = config->layer.positions;
    model->src_positions = positions_new(kind, p, "src_positions.", config->max_length, E, random);
    model->tgt_positions = positions_new(kind, p, "tgt_positions.", config->max_length, E, random);
    return model;
}

/* As figure 1 has it, a norm behind each stack, and one matrix or three for the tokens. */
double transformer_size(const TransformerConfig *c) {
    const double E = c->layer.d_model, F = c->layer.dim_feedforward, norm = 2 * E;
    const double attention = 4 * (E * E + E), feed_forward = 2 * E * F + F + E;
    const double encoder = c->num_encoder_layers * (attention + feed_forward + 2 * norm) + norm;
    const double decoder = c->num_decoder_layers * (2 * attention + feed_forward + 3 * norm) + norm;
    const double tokens = c->tie_embeddings ? c->tgt_vocab : c->src_vocab + 2.0 * c->tgt_vocab;
    const double places = c->layer.positions == POSITIONS_LEARNED ? 2.0 * c->max_length : 0;
    return encoder + decoder + (tokens + places) * E + c->tgt_vocab;
}

void transformer_free(Transformer *model) {
    if (!model) return;
    parameters_free(&model->parameters);
    free(model->encoder_layers);
    free(model->decoder_layers);
    free(model);
}

/* The core alone has them, and carries its name. */
bool transformer_is_hidden(const Tensor *parameter) {
    static const char core[] = "transformer.";
    return parameter->ndim == 2 && strncmp(parameter->name, core, sizeof core - 1) == 0;
}

/* What rows are taken from is not multiplied by, unless it is the generator, too. */
static bool multiplies(const Transformer *model, const Tensor *weight) {
    return weight == model->generator.weight || transformer_is_hidden(weight);
}

/* A learner's product (common/mine.h) shall be what runs. */
bool transformer_pack(Transformer *model) {
    const Parameters *p = &model->parameters;
    if (model->generator.weight->packed || mine_has("00/matmul")) return false;
    for (int i = 0; i < p->count; i++) {
        Tensor *weight = p->items[i]; // (N,K)
        if (multiplies(model, weight))
            weight->packed = packed_new(weight->data, weight->shape[0], weight->shape[1]);
    }
    return true;
}

void transformer_unpack(Transformer *model) {
    for (int i = 0; i < model->parameters.count; i++) {
        packed_free(model->parameters.items[i]->packed);
        model->parameters.items[i]->packed = NULL;
    }
}

/* ids (B,L) -> embedding sqrt(E) + position, dropout on the sum: (B,L,E) */
static Tensor *embed(const Embedding *embedding, const Positions *positions, const int *ids, int B,
                     int L, int first_position, real dropout) {
    Tensor *x = embedding_forward_scaled(embedding, ids, 2, SHAPE(B, L)); // (B,L,E)
    return op_dropout(positions_add(positions, x, first_position), dropout);
}

/* Where nobody goes back through a layer, what it made on its way goes, and its output y takes the
 * place of its input x: memory that is not asked for need not be cleared, and is nearer. */
static Tensor *replaced(Tensor *x, const Tensor *y, ArenaMark before) {
    memmove(x->data, y->data, y->size * sizeof(real));
    arena_release(&graph_current()->arena, before);
    return x;
}

/* Runs once for a sentence, however many words are then said of it. */
Tensor *transformer_encode(const Transformer *model, const int *src, int B, int S, Masks src_masks,
                           AttentionWeights *weights) {
    const TransformerConfig *c = &model->config;
    Tensor *x = traced(
        "src", 0, embed(&model->src_embed, &model->src_positions, src, B, S, 0, c->layer.dropout));
    for (int i = 0; i < c->num_encoder_layers; i++) { // (B,S,E) goes in and comes out
        const ArenaMark mark = arena_mark(&graph_current()->arena);
        Tensor *y = encoder_layer_forward(&model->encoder_layers[i], x, src_masks,
                                          weights ? &weights->encoder_self[i] : NULL);
        x = graph_current()->recording || weights ? y : replaced(x, y, mark);
    }
    return layer_norm(&model->encoder_norm, x);
}

/* With caches only new tokens run: they stand behind the `past` ones, in their positions as in the
 * causal mask, whose last query stands at the last key. */
Tensor *transformer_decode(const Transformer *model, const int *tgt, int B, int T, Tensor *memory,
                           Masks memory_masks, DecoderCache *caches, AttentionWeights *weights) {
    const TransformerConfig *c = &model->config;
    const int past = caches ? caches[0].self.length : 0; // target tokens seen in earlier calls
    const Masks tgt_masks = {.causal = true};
    Tensor *x =
        traced("tgt", 0,
               embed(&model->tgt_embed, &model->tgt_positions, tgt, B, T, past, c->layer.dropout));
    for (int i = 0; i < c->num_decoder_layers; i++) { // each asks the same memory: (B,T,E)
        DecoderWeights found;
        x = decoder_layer_forward(&model->decoder_layers[i], x, memory, tgt_masks, memory_masks,
                                  caches ? &caches[i] : NULL, weights ? &found : NULL);
        if (weights) weights->decoder_self[i] = found.self, weights->decoder_cross[i] = found.cross;
    }
    return layer_norm(&model->decoder_norm, x);
}

/* One mask serves twice: <pad> is hidden from the encoder's words and from the decoder's. */
Tensor *transformer_forward(const Transformer *model, const Batch *batch,
                            AttentionWeights *weights) {
    unsigned char *padding = graph_alloc((size_t)batch->B * (size_t)batch->S);
    masks_key_padding(padding, batch->src, batch->B, batch->S, TOKEN_PAD);
    const Masks masks = {.key_padding_mask = padding};
    Tensor *memory = transformer_encode(model, batch->src, batch->B, batch->S, masks, weights);
    return transformer_decode(model, batch->tgt, batch->B, batch->T, memory, masks, NULL, weights);
}

Tensor *transformer_logits(const Transformer *model, Tensor *decoded) {
    return traced("generator", 0, linear_forward(&model->generator, decoded));
}

/* Not through transformer_logits: B T rows of tgt_vocab numbers are most of a step's memory, so the
 * fused operation makes them a block of rows at a time. */
static Tensor *loss_of(const Transformer *model, const Batch *batch, real label_smoothing,
                       real consistency) {
    Tensor *decoded = transformer_forward(model, batch, NULL); // (B,T,E)
    Tensor *rows = RESHAPE(decoded, batch->B * batch->T, model->config.layer.d_model);
    return op_linear_cross_entropy(rows, model->generator.weight, model->generator.bias,
                                   batch->labels, TOKEN_PAD, label_smoothing, consistency);
}

Tensor *transformer_loss(const Transformer *model, const Batch *batch, real label_smoothing) {
    return loss_of(model, batch, label_smoothing, 0);
}

Tensor *transformer_loss_twice(const Transformer *model, const Batch *batch, real label_smoothing,
                               real consistency) {
    REQUIRE(batch->B % 2 == 0, "%d sentences are not twice the same", batch->B);
    return loss_of(model, batch, label_smoothing, consistency);
}
