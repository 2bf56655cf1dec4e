/* composed_attention.h - attention over all heads made of what came before: chapter 3's attention
 * between this chapter's split and merge. Slow and obvious; fused_attention computes the same in
 * one operation, and the tests hold them together.
 */
#ifndef COMPOSED_ATTENTION_H
#define COMPOSED_ATTENTION_H

#include "03_self_attention/masks.h"
#include "04_multihead/head_columns.h"

/* As fused_attention: (B,T,E), and weights, if not NULL, (B,nhead,T,S). */
Tensor *composed_attention(HeadColumns heads, Masks masks, real dropout, Tensor **weights);

#endif
