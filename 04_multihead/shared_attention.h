/* shared_attention.h - attention of one new token to keys and values that several rows share.
 *
 * The hypotheses of a beam search have one source, and most of their beginnings, in common. Kept
 * once, and read where they lie, keys and values need not be copied when one hypothesis becomes
 * two and another is dropped: only the numbers that say where they lie are.
 */
#ifndef SHARED_ATTENTION_H
#define SHARED_ATTENTION_H

#include "04_multihead/key_value_cache.h"

/* query (rows,1,E) asks a cache with places -> (rows,1,E): the numbers of attention_of_kind, but
 * for rounding, after the keys of each row have been brought together, without masks and dropout.
 * For the way forward only. */
Tensor *shared_attention(Tensor *query, const KeyValueCache *cache, int nhead);

#endif
