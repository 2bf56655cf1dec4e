/* key_value_cache.h - keys and values already computed, for decoding one token at a time.
 *
 * A token's keys and values never change once it is said, since no earlier place sees a later one.
 * Kept, each new token costs one row of every matrix product instead of the whole prefix.
 */
#ifndef KEY_VALUE_CACHE_H
#define KEY_VALUE_CACHE_H

#include "common/tensor.h"

/* For rows that share keys and values (shared_attention.h): key s of row r is row s of the cache's
 * sentence at[r row_step + s key_step]. */
typedef struct {
    const int *at;
    int row_step, key_step;
    const int *lengths; // of the cache's sentences; NULL: all have the cache's
} CachePlaces;

typedef struct {
    Tensor *kv; // (B,capacity,2E): a row's keys, then its values; rows [0,length) are filled
    int length;
    bool complete;             // cross-attention: the memory's keys and values never change
    const CachePlaces *places; // NULL: row b of a batch has sentence b of the cache
} KeyValueCache;

/* Room for `capacity` tokens of B sentences: constants of the current graph, which must not be
 * reset while decoding goes on. */
KeyValueCache key_value_cache_new(int B, int capacity, int E);

/* Puts the new rows kv (B,T,2E) behind the filled ones of each sentence, and counts them. More than
 * capacity is a programmer's error. */
void key_value_cache_append(KeyValueCache *cache, const Tensor *kv);

/* Gives sentence b the filled rows that were sentence from[b]'s: beam search keeps some sentences,
 * one of them perhaps several times, and drops others. B: sentences afterwards, at most those
 * before; kv->shape[0] and kv->size are then theirs. */
void key_value_cache_reorder(KeyValueCache *cache, const int *from, int B);

#endif
