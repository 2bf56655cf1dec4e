/* char_heads.h - several heads in the middle of Karpathy's growing model: his MultiHeadAttention at
 * the stage `heads`, the results of single heads side by side and no projection behind.
 */
#ifndef CHAR_HEADS_H
#define CHAR_HEADS_H

#include "03_self_attention/char_model.h"

enum { CHAR_HEADS_MAX = 16 };

typedef struct {
    AttentionHead heads[CHAR_HEADS_MAX];
    int count;
    real scale; // what scores are multiplied by
} CharHeads;

/* count heads of n_embd / count each, drawn one after the other as PREFIXheads.N.key.weight, query,
 * value. The scale is 1 / sqrt(head size), or, as in the video until a later commit mended it,
 * 1 / sqrt(n_embd). */
CharHeads char_heads_new(Parameters *parameters, const char *prefix, int n_embd, int count,
                         bool scale_of_video, Random *random);

/* x (B,T,C) -> (B,T,C), each token looking at itself and those before. positions: rotary turns
 * queries and keys. */
Tensor *char_heads_forward(const CharHeads *heads, Tensor *x, PositionsKind positions);

/* As a middle of the model; heads must outlive it. */
CharMiddle char_middle_heads(const CharHeads *heads);

#endif
