/* placement.h - the same encoder layers wired in other ways: what residuals and norms are for.
 *
 * A layer has two sub-layers f, attention and feed-forward. The paper computes norm(x + f(x)). Here
 * the sum and the norm can be left out or moved, to see what happens.
 */
#ifndef PLACEMENT_H
#define PLACEMENT_H

#include "01_embeddings/embedding.h"
#include "05_encoder_decoder/encoder_layer.h"

typedef enum {
    PLACED_BARE,     // f(x)
    PLACED_NORM,     // norm(f(x))
    PLACED_RESIDUAL, // x + f(x)
    PLACED_POST,     // norm(x + f(x)), "post-norm": the paper
    PLACED_PRE,      // x + f(norm(x)), "pre-norm": most models since
    PLACED_STREAM,   // y + f(y) with y = norm(x): Lazzaro's, which normalises the stream itself
    PLACEMENT_COUNT
} Placement;

/* x (B,S,E) -> (B,S,E), without masks and dropout. The layer's norm_first is not looked at. */
Tensor *placed_layer(const EncoderLayer *layer, Placement placement, Tensor *x);

/* An encoder alone, which names a token at every place of its input. */
typedef struct {
    Parameters parameters;
    Placement placement;
    int num_layers;
    Embedding embedding;  // (vocab,E)
    EncoderLayer *layers; // matrices drawn by Xavier, biases zero
    LayerNorm last;       // at the end of a pre-norm or stream stack
    Linear readout;       // (vocab,E)
} PlacedStack;

/* Caller frees with placed_stack_free. The same random gives the same weights in any placement. */
PlacedStack *placed_stack_new(Placement placement, LayerConfig config, int num_layers, int vocab,
                              Random *random);
void placed_stack_free(PlacedStack *stack); // NULL is allowed

/* ids (B,S) -> logits (B,S,vocab). */
Tensor *placed_stack_forward(const PlacedStack *stack, const int *ids, int B, int S);

/* The size of n numbers, as pictures and tables of depth show it. */
double root_mean_square(const real *x, size_t n);

#endif
