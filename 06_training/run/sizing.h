/* sizing.h - how large a vocabulary and a batch are to be for so much text. */
#ifndef SIZING_H
#define SIZING_H

#include "06_training/translator/census.h"

/* Tokens of the vocabulary, at most `most`. It grows with the root of the text: a piece is learned
 * where it is seen, and a vocabulary of 10,000 pieces for 200 pairs would be whole words that occur
 * once. */
long sizing_vocab(CensusText text, long most);

/* Tokens of a batch, at most `most`: an epoch over so many tokens of one side is to have some tens
 * of batches, and the whole training, where its epochs are limited, two thousand steps; but a batch
 * never has less than a few sentences. epochs 0: no limit. */
long sizing_batch_tokens(size_t tokens, long epochs, long most);

/* The peak of the learning rate for batches of so many tokens, where `lr` is right for `preset` of
 * them: the gradient of a small batch is less certain, and a post-norm model that walks too far on
 * it never recovers. Not more than lr. */
double sizing_lr(double lr, long batch_tokens, long preset);

#endif
