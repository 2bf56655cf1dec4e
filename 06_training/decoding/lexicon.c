#include "06_training/decoding/lexicon.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/arena.h"
#include "common/random.h"

typedef struct {
    uint64_t key; // source and target token, plus 1; 0: nothing is here
    double chance;
    double count; // how often they came together, in this round
} Cell;

struct Lexicon {
    Cell *cells;
    size_t places, count; // places: a power of two
    double *total;        // (V): over all targets, of a source token
    double *frequency;    // (V): of a target token, and one more
    double tokens;        // the sum of those
    int V, rounds;        // rounds: that have ended
};

static Cell *find(const Lexicon *lexicon, int s, int t) {
    const uint64_t key = ((uint64_t)(uint32_t)s << 32 | (uint32_t)t) + 1;
    size_t at = (size_t)random_mix64(key) & (lexicon->places - 1);
    while (lexicon->cells[at].key && lexicon->cells[at].key != key)
        at = (at + 1) & (lexicon->places - 1);
    return &lexicon->cells[at];
}

static int src_of(const Cell *cell) {
    return (int)((cell->key - 1) >> 32);
}

static int tgt_of(const Cell *cell) {
    return (int)((cell->key - 1) & 0xffffffff);
}

/* Twice the room; at most half of it is ever taken. */
static void grow(Lexicon *lexicon) {
    Cell *old = lexicon->cells;
    const size_t places = lexicon->places;
    lexicon->places = places * 2;
    lexicon->cells = memory_calloc(lexicon->places * sizeof(Cell));
    for (size_t i = 0; i < places; i++)
        if (old[i].key) *find(lexicon, src_of(&old[i]), tgt_of(&old[i])) = old[i];
    free(old);
}

/* All that come together in a pair are equally likely at first. */
static void add(Lexicon *lexicon, int s, int t) {
    if (2 * lexicon->count >= lexicon->places) grow(lexicon);
    Cell *cell = find(lexicon, s, t);
    if (cell->key) return;
    lexicon->count++;
    *cell = (Cell){.key = ((uint64_t)(uint32_t)s << 32 | (uint32_t)t) + 1, .chance = 1};
}

Lexicon *lexicon_new(int V) {
    Lexicon *lexicon = memory_alloc(sizeof *lexicon);
    *lexicon = (Lexicon){.places = 1 << 12,
                         .V = V,
                         .tokens = V,
                         .total = memory_calloc((size_t)V * sizeof(double)),
                         .frequency = memory_alloc((size_t)V * sizeof(double))};
    lexicon->cells = memory_calloc(lexicon->places * sizeof(Cell));
    for (int v = 0; v < V; v++) lexicon->frequency[v] = 1; // so that none is impossible
    return lexicon;
}

void lexicon_free(Lexicon *lexicon) {
    if (lexicon) {
        free(lexicon->cells);
        free(lexicon->total);
        free(lexicon->frequency);
    }
    free(lexicon);
}

/* New cells first, for all of this source: what find returns moves when there are more. */
static void share_out(Lexicon *lexicon, const int *src, int S, int t) {
    Cell *cells[LEXICON_SIDE];
    double sum = 0;
    for (int s = 0; s < S && lexicon->rounds == 0; s++) add(lexicon, src[s], t);
    for (int s = 0; s < S; s++) {
        cells[s] = find(lexicon, src[s], t);
        sum += cells[s]->chance;
    }
    for (int s = 0; s < S && sum > 0; s++) {
        const double share = cells[s]->chance / sum;
        cells[s]->count += share;
        lexicon->total[src[s]] += share;
    }
}

void lexicon_take(Lexicon *lexicon, const int *src, int S, const int *tgt, int T) {
    if (S > LEXICON_SIDE) S = LEXICON_SIDE;
    if (T > LEXICON_SIDE) T = LEXICON_SIDE;
    for (int t = 0; t < T; t++) share_out(lexicon, src, S, tgt[t]);
    if (lexicon->rounds > 0) return;
    for (int t = 0; t < T; t++) lexicon->frequency[tgt[t]]++;
    lexicon->tokens += T;
}

/* The counts become chances, and are 0 again. */
void lexicon_end_round(Lexicon *lexicon) {
    for (size_t i = 0; i < lexicon->places; i++) {
        Cell *cell = &lexicon->cells[i];
        if (!cell->key) continue;
        cell->chance = cell->count / lexicon->total[src_of(cell)];
        cell->count = 0;
    }
    memset(lexicon->total, 0, (size_t)lexicon->V * sizeof *lexicon->total);
    lexicon->rounds++;
}

double lexicon_chance(const Lexicon *lexicon, int s, int t) {
    return find(lexicon, s, t)->chance;
}

double lexicon_frequency(const Lexicon *lexicon, int t) {
    return lexicon->frequency[t] / lexicon->tokens;
}

static int order(const void *a, const void *b) {
    const LexiconEntry *x = a, *y = b;
    if (x->src != y->src) return x->src < y->src ? -1 : 1;
    if (x->chance != y->chance) return x->chance > y->chance ? -1 : 1;
    return (x->tgt > y->tgt) - (x->tgt < y->tgt);
}

LexiconEntry *lexicon_entries(const Lexicon *lexicon, size_t *count) {
    LexiconEntry *entry = memory_alloc((lexicon->count + 1) * sizeof *entry);
    *count = 0;
    for (size_t i = 0; i < lexicon->places; i++) {
        const Cell *cell = &lexicon->cells[i];
        if (cell->key) entry[(*count)++] = (LexiconEntry){src_of(cell), tgt_of(cell), cell->chance};
    }
    qsort(entry, *count, sizeof *entry, order);
    return entry;
}
