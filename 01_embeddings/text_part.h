/* text_part.h - how one learns from a long text: windows of it, drawn anywhere.
 *
 * A language model is shown a window of T tokens and predicts, at each place, the token after it.
 */
#ifndef TEXT_PART_H
#define TEXT_PART_H

#include "common/random.h"
#include "common/tensor.h"

/* A part of a text's ids; they are not owned. */
typedef struct {
    const int *ids;
    size_t count;
} TextPart;

/* The first nine tenths to learn from, the rest to see how well that went. */
typedef struct {
    TextPart train, val;
} TextParts;

TextParts text_part_split(const int *ids, size_t count);

/* x (B,T) <- B windows of T consecutive ids that begin anywhere in the part, y (B,T) <- the same
 * windows one place later: what is to be predicted. Draws as
 * torch.randint(count - T, (B,)). The part must have more than T ids. */
void text_part_windows(Random *random, TextPart part, int B, int T, int *x, int *y);

/* The mean loss of predicting y from x, both (B,T), as a scalar of the current graph. */
typedef Tensor *(*TextPartLoss)(const void *model, const int *x, const int *y, int B, int T);

/* That loss of B windows drawn afresh: what a step of a training learns from. */
Tensor *text_part_draw_loss(TextPartLoss loss, const void *model, Random *random, TextPart part,
                            int B, int T);

/* That loss averaged over `batches` fresh draws of windows, without gradients and without dropout.
 * Resets the current graph. */
double text_part_estimate_loss(TextPartLoss loss, const void *model, Random *random, TextPart part,
                               int batches, int B, int T);

#endif
