/* transformer.h - the whole machine of figure 1: embeddings, encoder, decoder, output layer. */
#ifndef TRANSFORMER_H
#define TRANSFORMER_H

#include "01_embeddings/embedding.h"
#include "01_embeddings/token_ids.h"
#include "05_encoder_decoder/decoder_layer.h"
#include "05_encoder_decoder/encoder_layer.h"

typedef struct {
    LayerConfig layer;
    int num_encoder_layers, num_decoder_layers;
    int src_vocab, tgt_vocab;
    bool tie_embeddings; // one matrix for both embeddings and the output layer (section 3.4)
    int max_length;      // places in a sentence, if layer.positions are learned; else not looked at
} TransformerConfig;

typedef struct {
    TransformerConfig config;
    Parameters parameters; // in PyTorch's names: transformer.encoder.layers.0.norm1.weight ...
    Embedding src_embed, tgt_embed;
    Positions src_positions, tgt_positions;
    EncoderLayer *encoder_layers;
    DecoderLayer *decoder_layers;
    LayerNorm encoder_norm, decoder_norm; // torch.nn.Transformer ends both stacks with one
    Linear generator;                     // (tgt_vocab,E): from a vector to a score for every token
} Transformer;

/* A batch of B sentence pairs, all ids row-major. */
typedef struct {
    int B, S, T;
    const int *src;    // (B,S), filled up with TOKEN_PAD
    const int *tgt;    // (B,T): what the decoder reads, beginning with the start token
    const int *labels; // (B,T): what it is to predict, tgt shifted left by one; may be NULL
} Batch;

/* The attention of every layer of one forward pass, for pictures; arrays of one entry per layer. */
typedef struct {
    Tensor **encoder_self, **decoder_self, **decoder_cross;
} AttentionWeights;

/* A model initialised from random: the core as torch.nn.Transformer (constructed first, then every
 * matrix drawn by Xavier), the embeddings N(0, 1/d_model), the generator as nn.Linear unless tied,
 * and at last learned positions N(0,1), so that the kind of positions changes no other weight.
 * random NULL: nothing is drawn, for who reads the parameters from a file.
 * Caller frees with transformer_free. */
Transformer *transformer_new(const TransformerConfig *config, Random *random);
void transformer_free(Transformer *model); // NULL is allowed

/* How many numbers the parameters of such a model have, for who asks before there is one. */
double transformer_size(const TransformerConfig *config);

/* Whether a parameter of such a model is a matrix between hidden vectors: neither a bias or norm,
 * nor an embedding or the output layer, whose rows are tokens. */
bool transformer_is_hidden(const Tensor *parameter);

/* For as long as the weights stay as they are: what multiplies is laid out for that (packed.h), and
 * every product with few rows is faster. Training in between is a programmer's error. False: that
 * had been done already. Not while another thread uses the model. */
bool transformer_pack(Transformer *model);
void transformer_unpack(Transformer *model);

/* src (B,S) -> memory (B,S,E). src_masks for (B,S,S). weights may be NULL. */
Tensor *transformer_encode(const Transformer *model, const int *src, int B, int S, Masks src_masks,
                           AttentionWeights *weights);

/* tgt (B,T), memory (B,S,E) -> the last layer's output (B,T,E); the generator makes logits of it.
 * No place sees a later one; memory_masks for (B,T,S). weights may be NULL. caches: NULL, or of
 * decoder_caches.h, and then tgt holds only the tokens that are new since the last call. */
Tensor *transformer_decode(const Transformer *model, const int *tgt, int B, int T, Tensor *memory,
                           Masks memory_masks, DecoderCache *caches, AttentionWeights *weights);

/* encode, then decode: what the decoder says of each position, (B,T,E). weights may be NULL. */
Tensor *transformer_forward(const Transformer *model, const Batch *batch,
                            AttentionWeights *weights);

/* The generator: (B,T,E) -> logits (B,T,tgt_vocab). */
Tensor *transformer_logits(const Transformer *model, Tensor *decoded);

/* Teacher forcing: the summed cross-entropy of the labels, TOKEN_PAD ignored, as a scalar. Divide
 * by cross_entropy_count(labels, B T, TOKEN_PAD) for the mean. */
Tensor *transformer_loss(const Transformer *model, const Batch *batch, real label_smoothing);

/* Likewise of a batch whose second half is its first half again: dropout makes two predictions of
 * each label, and the loss asks them to agree, with the weight consistency > 0 (R-Drop, see
 * cross_entropy_twice.h). Divide by the number of labels of both halves. */
Tensor *transformer_loss_twice(const Transformer *model, const Batch *batch, real label_smoothing,
                               real consistency);

#endif
