/* bigram.h - the smallest language model, and how one learns from a long text.
 *
 * It predicts the next token from the current one alone: row i of a table (V,V) holds the scores of
 * what may follow token i. So it is an embedding whose vectors are read as logits (Karpathy, "Let's
 * build GPT", bigram.py). The windows and the estimate serve later models of one text as well.
 */
#ifndef BIGRAM_H
#define BIGRAM_H

#include "01_embeddings/embedding.h"

/* A part of a text's ids; they are not owned. */
typedef struct {
    const int *ids;
    size_t count;
} TextPart;

/* The first nine tenths to learn from, the rest to see how well that went. */
typedef struct {
    TextPart train, val;
} TextParts;

TextParts text_split(const int *ids, size_t count);

/* x (B,T) <- B windows of T consecutive ids that begin anywhere in the part, y (B,T) <- the same
 * windows one place later: what is to be predicted. Draws as
 * torch.randint(count - T, (B,)). The part must have more than T ids. */
void text_windows(Random *random, TextPart part, int B, int T, int *x, int *y);

/* The mean loss of predicting y from x, both (B,T), as a scalar of the current graph. */
typedef Tensor *(*WindowLoss)(const void *model, const int *x, const int *y, int B, int T);

/* That loss averaged over `batches` fresh draws of windows, without gradients and without dropout.
 * Resets the current graph. */
double text_estimate_loss(WindowLoss loss, const void *model, Random *random, TextPart part,
                          int batches, int B, int T);

typedef struct {
    Embedding table; // (V,V)
} Bigram;

/* Adds PREFIXweight (vocab,vocab), drawn from N(0,1) as nn.Embedding draws it. */
Bigram bigram_new(Parameters *parameters, const char *prefix, int vocab, Random *random);

/* A WindowLoss: the cross-entropy of the rows of x against y. */
Tensor *bigram_loss(const void *bigram, const int *x, const int *y, int B, int T);

/* ids (count) <- tokens drawn one after the other, each from the softmax of the row of the token
 * before it as torch.multinomial draws; the first follows `before`. */
void bigram_generate(const Bigram *bigram, Random *random, int before, int *ids, size_t count);

#endif
