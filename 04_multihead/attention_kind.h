/* attention_kind.h - the two ways to compute all heads, and the choice between them.
 *
 * They give the same numbers but for rounding. Every model that has several heads has the choice in
 * its config, so that one setting decides for the whole model.
 */
#ifndef ATTENTION_KIND_H
#define ATTENTION_KIND_H

#include "03_self_attention/masks.h"
#include "04_multihead/head_columns.h"

typedef enum {
    ATTENTION_FUSED,    // fused_attention.h: fast, and what a config of zeros means
    ATTENTION_COMPOSED, // composed_attention.h: chapter 3's attention, head by head
} AttentionKind;

/* fused_attention or composed_attention: (B,T,E); weights, if not NULL, (B,nhead,T,S). In a build
 * with a learner's 03/attention or 04/heads and our 04/fused_attention (make MINE=...), composed
 * attention takes the place of the fused one. */
Tensor *attention_of_kind(AttentionKind kind, HeadColumns heads, Masks masks, real dropout,
                          Tensor **weights);

/* "fused" or "composed"; and the kind of that name, false if there is none. */
const char *attention_kind_name(AttentionKind kind);
bool attention_kind_from_name(const char *name, AttentionKind *kind);

#endif
