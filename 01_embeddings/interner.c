#include "01_embeddings/interner.h"

#include "common/error.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

/* FNV-1a, then a final mix: the low bits choose the slot and must depend on every byte. */
static uint32_t hash_bytes(const void *key, size_t length) {
    const unsigned char *bytes = key;
    uint64_t hash = 14695981039346656037u;
    for (size_t i = 0; i < length; i++) hash = (hash ^ bytes[i]) * 1099511628211u;
    return (uint32_t)(hash ^ (hash >> 32));
}

/* The slot that holds the key, or the empty one where it would go. */
static size_t find_slot(const Interner *in, const void *key, size_t length, uint32_t hash) {
    // Linear probing: neighbours share a cache line, so one step costs less than a second hash.
    // There is always an empty slot to stop at, since the table is at most half full.
    size_t slot = hash & (in->slot_count - 1);
    for (; in->slots[slot] >= 0; slot = (slot + 1) & (in->slot_count - 1)) {
        const InternedKey *k = &in->keys[in->slots[slot]];
        if (k->hash == hash && k->length == length &&
            (length == 0 || memcmp(in->bytes.data + k->offset, key, length) == 0))
            break;
    }
    return slot;
}

/* Doubles the slots and puts every key where the larger table wants it. */
static void grow_slots(Interner *in) {
    size_t count = in->slot_count ? 2 * in->slot_count : 64, capacity = 0;
    free(in->slots);
    // From NULL, since nothing of the old table is to be copied; keys keep their hash for this.
    in->slots = array_reserve(NULL, &capacity, count, sizeof *in->slots);
    in->slot_count = count;
    for (size_t i = 0; i < count; i++) in->slots[i] = -1;
    for (size_t i = 0; i < in->count; i++) {
        size_t slot = in->keys[i].hash & (count - 1);
        // Keys are distinct, so the first empty slot is the place: nothing needs comparing.
        while (in->slots[slot] >= 0) slot = (slot + 1) & (count - 1);
        in->slots[slot] = (int)i;
    }
}

int interner_add(Interner *in, const void *key, size_t length) {
    // At most half full, so that a search ends after a slot or two.
    if (2 * (in->count + 1) > in->slot_count) grow_slots(in);
    uint32_t hash = hash_bytes(key, length);
    size_t slot = find_slot(in, key, length, hash);
    if (in->slots[slot] >= 0) return in->slots[slot];
    // Numbers are int because they index vocabularies; 32 bits of length keep a key at 16 bytes.
    REQUIRE(in->count < INT_MAX && length <= UINT32_MAX,
            "interner: %zu keys, the last of %zu bytes", in->count, length);
    in->keys = array_reserve(in->keys, &in->key_capacity, in->count + 1, sizeof *in->keys);
    in->keys[in->count] = (InternedKey){hash, (uint32_t)length, in->bytes.count};
    byte_array_append(&in->bytes, key, length);
    in->slots[slot] = (int)in->count++;
    return in->slots[slot];
}

/* An interner that is all zeros has no slots to look into. */
int interner_find(const Interner *in, const void *key, size_t length) {
    if (in->count == 0) return -1;
    return in->slots[find_slot(in, key, length, hash_bytes(key, length))];
}

/* The bytes move when they grow, so the pointer is made anew from the offset at every call. */
const char *interner_key(const Interner *in, int number, size_t *length) {
    REQUIRE(number >= 0 && (size_t)number < in->count, "key %d of %zu", number, in->count);
    *length = in->keys[number].length;
    return in->bytes.data + in->keys[number].offset;
}

void interner_free(Interner *in) {
    free(in->keys);
    free(in->slots);
    free(in->bytes.data);
    *in = (Interner){0};
}
