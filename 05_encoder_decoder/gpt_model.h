/* gpt_model.h - the second half of Karpathy's "Let's build GPT": a decoder-only language model.
 *
 * Chapter 3's character model with the rest of the video in its middle: several heads and a
 * feed-forward layer behind them; then blocks of the two with a way around each; then layer norms.
 * What chapter 4 composes head by head (char_heads.h) is here one matrix and fused_attention, and
 * gives the same numbers: the weights are drawn as the video's constructors draw them.
 */
#ifndef GPT_MODEL_H
#define GPT_MODEL_H

#include "03_self_attention/char_model.h"
#include "04_multihead/attention_kind.h"
#include "05_encoder_decoder/layer_norm.h"

/* How far the video has come. */
typedef enum {
    GPT_FF,     // ffwd(sa(x)), ffwd = relu(linear), d_model wide
    GPT_BLOCKS, // layers times x + sa(x), x + ffwd(x); sa ends in a projection, ffwd is 4 d_model
                // wide inside and goes back by a second linear layer
    GPT_NORM,   // the same with a layer norm before sa, before ffwd, and at the end (pre-norm)
} GptKind;

typedef struct {
    GptKind kind;
    int vocab, block_size, d_model, heads, layers; // GPT_FF has one layer
    real dropout;        // of attention weights, after the projection, after ffwd; while training
    bool scale_of_video; // scores times d_model^-0.5, the slip that a later commit mended
    AttentionKind attention; // how all heads are computed
    PositionsKind positions; // learned in the video
} GptConfig;

typedef struct {
    Tensor *in_proj_weight; // (3E,E): the queries' rows, head after head, then keys, then values
    Linear proj;            // no weight: nothing behind the heads
} GptAttention;

/* Video names: net.0 and net.2. */
typedef struct {
    Linear in, out; // (F,E), (E,F); out has no weight in GPT_FF
} GptFeedForward;

typedef struct {
    GptAttention sa;
    GptFeedForward ffwd;
    LayerNorm ln1, ln2; // GPT_NORM only
} GptBlock;

typedef struct {
    GptConfig config;
    GptBlock *blocks; // (layers)
    LayerNorm ln_f;   // GPT_NORM only
    CharModel chars;  // embeddings, this model as the middle, lm_head
} GptModel;

/* Draws a model. heads must divide d_model. The caller frees with gpt_model_free, before
 * parameters. Parameters are called as in the video, "blocks.0.ffwd.net.2.bias", but for
 * "blocks.0.sa.in_proj_weight": see gpt_model_save. */
GptModel *gpt_model_new(Parameters *parameters, const GptConfig *config, Random *random);
void gpt_model_free(GptModel *model); // NULL is allowed

/* What stands between embeddings and lm_head: x (B,T,E) -> (B,T,E), T <= block_size. */
Tensor *gpt_model_middle(const GptModel *model, Tensor *x);

/* Adds the weights to a file being written under all of the video's names: in_proj_weight as
 * "...sa.heads.N.key.weight", query, value (D,E), so that its classes load the file. */
void gpt_model_save(const GptModel *model, const Parameters *parameters, SafetensorsWriter *writer);

/* Takes them back, and adds to *tensors how many the file was asked for. One that is absent or has
 * another shape is an error that names it. */
bool gpt_model_load(const GptModel *model, Parameters *parameters, const Safetensors *file,
                    size_t *tensors, Error *err);

#endif
