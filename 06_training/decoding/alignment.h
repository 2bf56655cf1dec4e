/* alignment.h - which source words a translation looked at, read from the cross-attention. */
#ifndef ALIGNMENT_H
#define ALIGNMENT_H

#include "06_training/translator/translator.h"

/* The cross-attention between a sentence and its translation, token by token. */
typedef struct {
    int rows, cols;           // target tokens, </s> included; source tokens, </s> included
    real *weights;            // (rows,cols): the attention that predicted each target token
    char **tgt, **src;        // the tokens as text, without the space before them
    int *tgt_word, *src_word; // which word, counted from 0 by white space, a token is part of;
                              // -1: none, as of </s> and of white space alone
} Alignment;

/* Runs src and tgt through the model and averages the heads of one decoder layer; layer -1 stands
 * for the last but one (the first if there is only one), where attention comes closest to word
 * alignments (Garg et al. 2019). Uses the current graph. False: a side is too long for the model.
 * The caller frees with alignment_free. */
bool alignment_of(const Translator *translator, const char *src, const char *tgt, int layer,
                  Alignment *alignment, Error *err);
void alignment_free(Alignment *alignment);

/* "0-0 1-2 2-1": for each target word the source word with the most attention, as source-target
 * pairs counted from 0 (the Pharaoh format). The caller frees. */
char *alignment_text(const Alignment *alignment);

#endif
