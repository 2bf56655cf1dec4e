#include "04_multihead/shared_attention.h"

#include "common/softmax.h"

/* keys (S) <- where each key of a row lies, and E numbers behind it its value; returns S. */
static int find_keys(const real **keys, const KeyValueCache *cache, int row) {
    const CachePlaces *places = cache->places;
    const size_t token = (size_t)cache->kv->shape[2];
    const size_t sentence = (size_t)cache->kv->shape[1] * token; // from one to the next
    const int *at = places->at + row * places->row_step;
    const int S = places->lengths ? places->lengths[*at] : cache->length;
    for (int s = 0; s < S; s++)
        keys[s] = cache->kv->data + (size_t)at[s * places->key_step] * sentence + (size_t)s * token;
    return S;
}

/* Registers' worth of numbers, the larger ones in halves. */
typedef real Sixteen __attribute__((vector_size(16)));
typedef real ThirtyTwo __attribute__((vector_size(32)));
typedef real SixtyFour __attribute__((vector_size(64)));
typedef real SixtyFourAnywhere __attribute__((vector_size(64), aligned(sizeof(real))));
typedef union {
    SixtyFour whole;
    ThirtyTwo half[2];
} Halves;
typedef union {
    ThirtyTwo whole;
    Sixteen half[2];
} Quarters;
enum { LANES = sizeof(SixtyFour) / sizeof(real) };

/* Left to itself a compiler that may not reorder sums adds the lanes one by one, which takes longer
 * than all the rest of a short product. */
static real dot(const real *a, const real *b, int n) {
    Halves sums = {0};
    int i = 0;
    for (; i + LANES <= n; i += LANES)
        sums.whole += *(const SixtyFourAnywhere *)(a + i) * *(const SixtyFourAnywhere *)(b + i);
    const Quarters quarters = {sums.half[0] + sums.half[1]};
    const Sixteen last = quarters.half[0] + quarters.half[1];
    real sum = last[0] + last[1];
    for (size_t l = 2; l < sizeof last / sizeof(real); l++) sum += last[l];
    for (; i < n; i++) sum += a[i] * b[i];
    return sum;
}

/* y (D) <- sum_s p_s value_s. The sums stay in registers while s runs. */
static void add_values(real *y, const real *p, const real *const *values, int first, int S, int D) {
    int d = 0;
    for (; d + 2 * LANES <= D; d += 2 * LANES) {
        SixtyFour left = {0}, right = {0};
        for (int s = 0; s < S; s++) {
            const SixtyFourAnywhere *value = (const SixtyFourAnywhere *)(values[s] + first + d);
            left += p[s] * value[0];
            right += p[s] * value[1];
        }
        memcpy(y + d, &left, sizeof left);
        memcpy(y + d + LANES, &right, sizeof right);
    }
    for (int s = 0; s < S; s++)
        for (int i = d; i < D; i++) y[i] = (s ? y[i] : 0) + p[s] * values[s][first + i];
}

/* As many numbers as a loop over whole registers takes. */
static int round_up(int S) {
    enum { REGISTER = 16 };
    return (S + REGISTER - 1) / REGISTER * REGISTER;
}

/* One head of one row, softmax(q k^T / sqrt(D)) v: y, q (D); keys (S), of this head; p becomes the
 * weights, (S) and as many zeros as fill its last register: the few left over would cost more than
 * all the others. */
static void attend(real *y, real *p, const real *q, const real *const *keys, int first, int S,
                   int D, int E) {
    const real scale = 1 / (real)sqrt(D);
    for (int s = 0; s < S; s++) p[s] = scale * dot(q, keys[s] + first, D);
    const int padded = round_up(S);
    for (int s = S; s < padded; s++) p[s] = -INFINITY;
    softmax_row(p, (size_t)padded);
    add_values(y, p, keys, E + first, S, D);
}

/* Each row on its own: what it finds does not depend on which rows are beside it. */
Tensor *shared_attention(Tensor *query, const KeyValueCache *cache, int nhead) {
    const int rows = query->shape[0], E = query->shape[2], D = E / nhead;
    EXPECT_SHAPE(query, rows, 1, E);
    REQUIRE(cache->kv->shape[2] == 2 * E && E % nhead == 0, "%d heads of %d columns, a cache of %d",
            nhead, E, cache->kv->shape[2]);
    Tensor *y = TENSOR(rows, 1, E);
    Arena *arena = &graph_current()->arena;
    const ArenaMark mark = arena_mark(arena);
    const size_t most = (size_t)cache->kv->shape[1];
    const real **keys = arena_alloc(arena, most * sizeof *keys);
    real *p = arena_alloc(arena, (size_t)round_up((int)most) * sizeof *p);
    for (int r = 0; r < rows; r++) {
        const int S = find_keys(keys, cache, r);
        const size_t row = (size_t)r * (size_t)E;
        for (int h = 0; h < nhead; h++)
            attend(y->data + row + h * D, p, query->data + row + h * D, keys, h * D, S, D, E);
    }
    arena_release(arena, mark);
    return y;
}
