/* masks.h - which keys a query ignores: one form for every attention from here on.
 *
 * True, or nonzero, means ignored, as in torch.nn.MultiheadAttention. (torch's
 * F.scaled_dot_product_attention means the opposite.)
 */
#ifndef MASKS_H
#define MASKS_H

#include "common/ops.h"

/* A key is ignored if any of the three says so; (Masks){0} ignores nothing. The arrays are not
 * copied and must outlive the way back. */
typedef struct {
    const unsigned char *key_padding_mask; // (B,S): keys that nobody of the sentence looks at
    const unsigned char *attn_mask;        // (T,S): keys that query t of no sentence looks at
    bool causal; // no query looks ahead: the last one stands at the last key, so query t ignores
                 // the keys s > S - T + t. T = S in training; in decoding T = 1 new token looks
                 // back at S - 1 earlier ones and itself
} Masks;

/* ignored (T,S) <- 1 where key s lies after query t, as Masks.causal says. */
void masks_causal(unsigned char *ignored, int T, int S);

/* ignored (B,S) <- 1 where ids (B,S) is pad. */
void masks_key_padding(unsigned char *ignored, const int *ids, int B, int S, int pad);

/* ignored (B,T,S) <- 1 where any of masks says so. */
void masks_merge(unsigned char *ignored, Masks masks, int B, int T, int S);

/* scores (T,S) of one sentence <- -infinity where a key is ignored: e^-infinity is a weight of 0.
 * masks are the sentence's own: key_padding_mask (S). */
void masks_fill(real *scores, Masks masks, int T, int S);

/* scores (T,S) of one sentence, (B,T,S) or (B,H,T,S) -> the same with -infinity where a key is
 * ignored; scores itself if masks ignore nothing. */
Tensor *masks_apply(Tensor *scores, Masks masks);

#endif
