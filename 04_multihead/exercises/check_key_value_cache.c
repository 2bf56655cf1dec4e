#include "04_multihead/key_value_cache.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { CAPACITY = 4, E = 2, ROW = 2 * E, B = 3 };

static void show_cache(const KeyValueCache *cache) {
    exercise_show_number("length", cache->length);
    exercise_show_number("size", (double)cache->kv->size);
    exercise_show_tensor("kv", cache->kv);
}

/* Room for CAPACITY tokens of each sentence, `length` of them there; every number tells its place:
 * sentence, then row, then column. */
static KeyValueCache counted(int sentences, int length) {
    Tensor *kv = TENSOR(sentences, CAPACITY, ROW);
    for (int i = 0; i < sentences * CAPACITY * ROW; i++)
        kv->data[i] =
            (real)(100 * (i / (CAPACITY * ROW) + 1) + 10 * (i / ROW % CAPACITY) + i % ROW);
    return (KeyValueCache){.kv = kv, .length = length};
}

/* ---- Appending ------------------------------------------------------------------------------- */

static Tensor *new_rows(int sentences, int tokens) {
    Tensor *kv = TENSOR(sentences, tokens, ROW);
    for (size_t i = 0; i < kv->size; i++) kv->data[i] = -(real)(i + 1);
    return kv;
}

static void append(int sentences, int length, int tokens) {
    KeyValueCache cache = counted(sentences, length);
    key_value_cache_append(&cache, new_rows(sentences, tokens));
    show_cache(&cache);
}

static void append_first(void) {
    append(1, 0, 1);
}

static void append_second(void) {
    append(1, 1, 1);
}

static void append_batch(void) {
    append(B, 1, 1);
}

static void append_two(void) {
    append(B, 2, 2);
}

static void append_twice(void) {
    KeyValueCache cache = counted(2, 0);
    key_value_cache_append(&cache, new_rows(2, 1));
    key_value_cache_append(&cache, new_rows(2, 2));
    show_cache(&cache);
}

/* ---- Choosing sentences ---------------------------------------------------------------------- */

/* What lies behind the filled rows is nobody's affair, so it is not shown. */
static void reorder(int length, const int *from, int after) {
    KeyValueCache cache = counted(B, length);
    key_value_cache_reorder(&cache, from, after);
    exercise_show_number("length", cache.length);
    exercise_show_number("size", (double)cache.kv->size);
    exercise_show_number("sentences", cache.kv->shape[0]);
    for (int b = 0; b < after; b++) SHOW("kv", cache.kv->data + b * CAPACITY * ROW, length, ROW);
}

static void reorder_none(void) {
    reorder(2, (const int[]){0, 1, 2}, 3);
}

static void reorder_first_two(void) {
    reorder(2, (const int[]){0, 1}, 2);
}

static void reorder_swap(void) {
    reorder(2, (const int[]){1, 0, 2}, 3);
}

static void reorder_round(void) {
    reorder(3, (const int[]){1, 2, 0}, 3);
}

static void reorder_one_twice(void) {
    reorder(CAPACITY, (const int[]){2, 2}, 2);
}

static void reorder_upwards(void) {
    reorder(2, (const int[]){0, 0, 1}, 3);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"key_value_cache_append", "the first token", append_first, VALUES},
        {"key_value_cache_append", "the second token", append_second, VALUES},
        {"key_value_cache_append", "the second token of three sentences", append_batch, VALUES},
        {"key_value_cache_append", "two tokens more, until it is full", append_two, VALUES},
        {"key_value_cache_append", "twice", append_twice, VALUES},
        {"key_value_cache_reorder", "everybody stays", reorder_none, VALUES},
        {"key_value_cache_reorder", "the last is dropped", reorder_first_two, VALUES},
        {"key_value_cache_reorder", "two change places", reorder_swap, VALUES},
        {"key_value_cache_reorder", "three change places in a round", reorder_round, VALUES},
        {"key_value_cache_reorder", "one twice", reorder_one_twice, VALUES},
        {"key_value_cache_reorder", "one twice, and all move up", reorder_upwards, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
