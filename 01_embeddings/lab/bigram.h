/* bigram.h - the smallest language model.
 *
 * It predicts the next token from the current one alone: row i of a table (V,V) holds the scores of
 * what may follow token i. So it is an embedding whose vectors are read as logits (Karpathy, "Let's
 * build GPT", bigram.py).
 */
#ifndef BIGRAM_H
#define BIGRAM_H

#include "01_embeddings/embedding.h"
#include "01_embeddings/text_part.h"

typedef struct {
    Embedding table; // (V,V)
} Bigram;

/* Adds PREFIXweight (vocab,vocab), drawn from N(0,1) as nn.Embedding draws it. */
Bigram bigram_new(Parameters *parameters, const char *prefix, int vocab, Random *random);

/* A TextPartLoss: the cross-entropy of the rows of x against y. */
Tensor *bigram_loss(const void *bigram, const int *x, const int *y, int B, int T);

/* ids (count) <- tokens drawn one after the other, each from the softmax of the row of the token
 * before it as torch.multinomial draws; the first follows `before`. */
void bigram_generate(const Bigram *bigram, Random *random, int before, int *ids, size_t count);

#endif
