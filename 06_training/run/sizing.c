#include "06_training/run/sizing.h"

#include <math.h>

#include "01_embeddings/bpe.h"

enum { BATCHES = 40, STEPS = 2000, LEAST_BATCH = 128, LEAST_MERGES = 100 };

static long smaller(long a, long b) {
    return a < b ? a : b;
}

/* A hundred thousand words come to the presets' 4,000, and no more than that are asked for. In a
 * script without spaces five characters count as a word. Each mark, each byte and each character
 * that is not ASCII has a token before the first piece, and a vocabulary that cannot hold them
 * would leave out characters: in a short text of a large script they are most of the tokens. */
long sizing_vocab(CensusText text, long most) {
    const size_t by_characters = text.characters / 5;
    const double words = (double)(text.words > by_characters ? text.words : by_characters);
    const double vocab = 12.5 * sqrt(words) + (double)text.distinct;
    const double least = BPE_FIRST_CHARACTER + (double)text.distinct + fmin(words, LEAST_MERGES);
    return smaller(100 * lround(fmax(vocab / 100, ceil(least / 100))), most);
}

/* A power of two, since nobody could tell 700 from 600. */
long sizing_batch_tokens(size_t tokens, long epochs, long most) {
    double wanted = (double)tokens / BATCHES;
    const double by_steps = (double)tokens * (double)epochs / STEPS;
    if (epochs && by_steps < wanted) wanted = by_steps;
    long batch = LEAST_BATCH;
    while (2 * (double)batch <= wanted) batch *= 2;
    return smaller(batch, most);
}

/* With the root of the size: so does the noise of a mean. 200 pairs in batches of 128 tokens at the
 * full rate learn nothing but how frequent each token is. */
double sizing_lr(double lr, long batch_tokens, long preset) {
    return batch_tokens < preset ? lr * sqrt((double)batch_tokens / (double)preset) : lr;
}
