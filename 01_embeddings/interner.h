/* interner.h - numbers distinct byte strings 0, 1, 2, ... in the order in which they first appear.
 *
 * What a hash table is usually wanted for: the number is an index into arrays that the caller keeps
 * beside it (counts, ranks, ids). Going through 0 .. count-1 visits the keys in a fixed order that
 * does not depend on hashing, so that results are the same on every machine.
 */
#ifndef EMBEDDINGS_INTERNER_H
#define EMBEDDINGS_INTERNER_H

#include "common/array.h"

#include <stdint.h>

typedef struct {
    uint32_t hash;
    uint32_t length;
    size_t offset; // of the key in `bytes`
} InternedKey;

/* Empty when all zeros. */
typedef struct {
    InternedKey *keys; // (count), in order of appearance
    size_t count, key_capacity;
    ByteArray bytes; // the keys, one after the other
    int *slots;      // (slot_count), a power of two; the number of a key, or -1
    size_t slot_count;
} Interner;

/* The number of the key, which is copied in if it is new. length may be 0. */
int interner_add(Interner *interner, const void *key, size_t length);

/* The number of the key, or -1 if it was never added. */
int interner_find(const Interner *interner, const void *key, size_t length);

/* The bytes of key `number`, valid until the next interner_add. */
const char *interner_key(const Interner *interner, int number, size_t *length);

void interner_free(Interner *interner);

#endif
