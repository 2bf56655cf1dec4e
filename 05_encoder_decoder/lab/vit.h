/* vit.h - a vision transformer: an image as a sentence of patches, read by chapter 5's encoder.
 *
 * Dosovitskiy et al. 2021, "An Image is Worth 16x16 Words": patches are flattened and embedded by
 * one matrix, a token of its own, [class], goes before them, a learned vector is added for each
 * place, and after pre-norm encoder layers and a last norm a matrix makes the scores of the class
 * token. Names are those of timm's model, which mildlyoverfitted's follow, where the parts are the
 * same.
 */
#ifndef VIT_H
#define VIT_H

#include "05_encoder_decoder/encoder_layer.h"

typedef struct {
    int side, patch; // pixels of an image's side, of a patch's; patch divides side
    int d_model, nhead, dim_feedforward, layers, classes;
} VitConfig;

typedef struct {
    VitConfig config;
    Parameters parameters;
    Linear patch_embed;   // (E,patch^2)
    Tensor *cls_token;    // (1,1,E)
    Positions pos_embed;  // learned: (tokens,E)
    EncoderLayer *blocks; // torch.nn.TransformerEncoderLayer's names: blocks.0.self_attn. ...
    LayerNorm norm;
    Linear head; // (classes,E)
} Vit;

/* Patches and the class token. */
int vit_tokens(const VitConfig *config);

/* Caller frees with vit_free. */
Vit *vit_new(VitConfig config, uint64_t seed);
void vit_free(Vit *vit); // NULL is allowed

/* images: B arrays of (side,side) -> logits (B,classes), in the current graph. weights, if not
 * NULL, has room for `layers` tensors and receives each layer's attention (B,nhead,tokens,tokens).
 * */
Tensor *vit_forward(const Vit *vit, const real *const *images, int B, Tensor **weights);

/* rollout (tokens - 1) <- how much of each patch has come to the class token through all layers,
 * of one image's weights (1,nhead,tokens,tokens). A layer gives a token half of itself, by the way
 * around the attention, and half of what its heads look at on average; the layers' matrices are
 * multiplied (Abnar and Zuidema 2020, "Quantifying Attention Flow in Transformers"). */
void vit_rollout(const Vit *vit, Tensor *const *weights, real *rollout);

#endif
