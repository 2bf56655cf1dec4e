#include "04_multihead/key_value_cache.h"

/* Given. */
KeyValueCache key_value_cache_new(int B, int capacity, int E) {
    return (KeyValueCache){.kv = TENSOR(B, capacity, 2 * E)};
}

/* (B,capacity,2E) has gaps: behind each sentence's filled rows there is room for its next ones. So
 * every sentence is appended to on its own. */
void key_value_cache_append(KeyValueCache *cache, const Tensor *kv) {
    const size_t row = (size_t)kv->shape[2], T = (size_t)kv->shape[1];
    const size_t capacity = (size_t)cache->kv->shape[1], length = (size_t)cache->length;
    REQUIRE(length + T <= capacity, "a cache of %zu rows is full", capacity);
    for (size_t b = 0; b < (size_t)kv->shape[0]; b++) // (T,2E) behind the sentence's (length,2E)
        memcpy(cache->kv->data + (b * capacity + length) * row, kv->data + b * T * row,
               T * row * sizeof(real));
    cache->length += kv->shape[1];
}

/* Only filled rows are moved; what lies behind them was never read. */
void key_value_cache_reorder(KeyValueCache *cache, const int *from, int B) {
    Tensor *kv = cache->kv; // (B,capacity,2E)
    const size_t sentence = (size_t)kv->shape[1] * (size_t)kv->shape[2];
    const size_t filled = (size_t)cache->length * (size_t)kv->shape[2];
    bool moved = false;
    for (int b = 0; b < B; b++) moved = moved || from[b] != b;
    kv->shape[0] = B;
    kv->size = (size_t)B * sentence;
    if (!moved) return;
    // Out and back in: a former row may be wanted twice, or after its place has been taken.
    Arena *arena = &graph_current()->arena;
    const ArenaMark mark = arena_mark(arena);
    real *copy = arena_alloc(arena, (size_t)B * filled * sizeof(real));
    for (size_t b = 0; b < (size_t)B; b++)
        memcpy(copy + b * filled, kv->data + (size_t)from[b] * sentence, filled * sizeof(real));
    for (size_t b = 0; b < (size_t)B; b++)
        memcpy(kv->data + b * sentence, copy + b * filled, filled * sizeof(real));
    arena_release(arena, mark);
}
