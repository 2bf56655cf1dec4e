#include "06_training/translator/correspondence.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "common/random.h"

/* Of long sentences the beginning is enough: the work grows with the product of both lengths. */
enum { SAMPLE = 6000, PIECES = 40, ROUNDS = 3 };

/* The share of a token's probability that does not depend on the source: what was never seen with
 * it is not impossible. */
static const double ANYWAY = 0.1;

/* Nats by which one language is likelier than another before it is believed: about 20,000 to 1. */
static const double CLEARLY = 10;

/* ---- A table of pairs of tokens -------------------------------------------------------------- */

typedef struct {
    uint64_t key; // source and target token, plus 1; 0: nothing is here
    double p;     // of the target token, given the source token
    double count; // how often they came together, in this round
} Cell;

typedef struct {
    Cell *cells;
    size_t places, count; // places: a power of two
    double *total;        // (V): over all targets, of a source token
    double *frequency;    // (V): of a target token, whatever the source
    int V;
} Table;

static Cell *find(const Table *table, int s, int t) {
    const uint64_t key = ((uint64_t)(uint32_t)s << 32 | (uint32_t)t) + 1;
    size_t at = (size_t)random_mix64(key) & (table->places - 1);
    while (table->cells[at].key && table->cells[at].key != key) at = (at + 1) & (table->places - 1);
    return &table->cells[at];
}

/* Twice the room; at most half of it is ever taken. */
static void grow(Table *table) {
    const Table old = *table;
    table->places = old.places * 2;
    table->cells = memory_calloc(table->places * sizeof(Cell));
    for (size_t i = 0; i < old.places; i++) {
        const uint64_t key = old.cells[i].key - 1;
        if (old.cells[i].key)
            *find(table, (int)(key >> 32), (int)(key & 0xffffffff)) = old.cells[i];
    }
    free(old.cells);
}

/* All that come together in a pair are equally likely at first. */
static Cell *add(Table *table, int s, int t) {
    if (2 * table->count >= table->places) grow(table);
    Cell *cell = find(table, s, t);
    if (cell->key) return cell;
    table->count++;
    *cell = (Cell){.key = ((uint64_t)(uint32_t)s << 32 | (uint32_t)t) + 1, .p = 1};
    return cell;
}

/* ---- A sample -------------------------------------------------------------------------------- */

/* The tokens of one side, without marks. */
typedef struct {
    const int *ids;
    int count;
} Side;

static Side side_of(const int *ids, int length) {
    return (Side){ids, length < PIECES ? length : PIECES};
}

/* Some pairs of a text, evenly spaced, all in order. */
typedef struct {
    const EncodedPairs *pairs;
    size_t count;
    int offset;
} Sample;

static size_t place_of(const Sample *sample, size_t i) {
    return (size_t)((double)i * (double)sample->pairs->count / (double)sample->count);
}

static Side source(const Sample *sample, size_t i) {
    const EncodedPair *pair = &sample->pairs->pair[place_of(sample, i)];
    return side_of(sample->pairs->ids + pair->src, pair->src_length - 1);
}

/* Behind the last comes the first. */
static Side target(const Sample *sample, size_t i) {
    const size_t count = sample->pairs->count;
    const size_t at = (place_of(sample, i) + count + (size_t)(long)sample->offset) % count;
    const EncodedPair *pair = &sample->pairs->pair[at];
    return side_of(sample->pairs->ids + pair->tgt + 1, pair->tgt_length - 2);
}

static Sample sample_of(const EncodedPairs *pairs, int offset) {
    return (Sample){pairs, pairs->count < SAMPLE ? pairs->count : SAMPLE, offset};
}

static int vocabulary(const EncodedPairs *pairs) {
    const EncodedPair *last = &pairs->pair[pairs->count - 1];
    int largest = 0;
    for (size_t i = 0; i < last->tgt + (size_t)last->tgt_length; i++)
        if (pairs->ids[i] > largest) largest = pairs->ids[i];
    return largest + 1;
}

/* ---- Model 1 --------------------------------------------------------------------------------- */

/* Each target token comes from one of the source's, from which is not known: it is shared out
 * among them as the chances of the round before say. */
static void learn_pair(Table *table, Side src, Side tgt) {
    Cell *cells[PIECES];
    for (int t = 0; t < tgt.count; t++) {
        double sum = 0;
        for (int s = 0; s < src.count; s++) add(table, src.ids[s], tgt.ids[t]);
        for (int s = 0; s < src.count; s++) {
            cells[s] = find(table, src.ids[s], tgt.ids[t]); // they have moved if it has grown
            sum += cells[s]->p;
        }
        for (int s = 0; s < src.count && sum > 0; s++) {
            const double share = cells[s]->p / sum;
            cells[s]->count += share;
            table->total[src.ids[s]] += share;
        }
    }
}

/* The counts become chances, and are 0 again. */
static void end_round(Table *table) {
    for (size_t i = 0; i < table->places; i++) {
        Cell *cell = &table->cells[i];
        if (!cell->key) continue;
        cell->p = cell->count / table->total[(cell->key - 1) >> 32];
        cell->count = 0;
    }
    memset(table->total, 0, (size_t)table->V * sizeof *table->total);
}

/* Which half a pair is in: by a hash, since pairs of two kinds may take turns. */
static bool is_in(size_t i, int half) {
    return half == 2 || (int)(random_mix64(i + 1) & 1) == half;
}

/* half: 0 or 1; 2: all. */
static Table learn(const Sample *sample, int half, int V) {
    Table table = {.places = 1 << 12,
                   .V = V,
                   .total = memory_calloc((size_t)V * sizeof(double)),
                   .frequency = memory_alloc((size_t)V * sizeof(double))};
    table.cells = memory_calloc(table.places * sizeof(Cell));
    double tokens = V; // one of each, so that none is impossible
    for (int v = 0; v < V; v++) table.frequency[v] = 1;
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < sample->count; i++) {
            if (!is_in(i, half)) continue;
            const Side tgt = target(sample, i);
            learn_pair(&table, source(sample, i), tgt);
            for (int t = 0; t < tgt.count && round == 0; t++) table.frequency[tgt.ids[t]]++;
            tokens += round == 0 ? tgt.count : 0;
        }
        end_round(&table);
    }
    for (int v = 0; v < V; v++) table.frequency[v] /= tokens;
    return table;
}

static void table_free(Table *table) {
    free(table->cells);
    free(table->total);
    free(table->frequency);
}

/* How much likelier a token of the target is if the source is known: the mean of the logarithms. So
 * neither a short target nor one of frequent tokens has an advantage. */
static double fit(const Table *table, Side src, Side tgt) {
    double sum = 0;
    for (int t = 0; t < tgt.count; t++) {
        const int v = tgt.ids[t];
        double p = 0;
        for (int s = 0; s < src.count; s++) p += find(table, src.ids[s], v)->p;
        p /= src.count ? src.count : 1;
        sum += log(ANYWAY + (1 - ANYWAY) * p / table->frequency[v]);
    }
    return tgt.count ? sum / tgt.count : 0;
}

static bool same(Side a, Side b) {
    return a.count == b.count &&
           (a.count == 0 || memcmp(a.ids, b.ids, (size_t)a.count * sizeof(int)) == 0);
}

/* Where both fit as well, as two equal targets do, nothing is said. */
static void judge(const Table *table, const Sample *sample, int half, Correspondence *c) {
    if (sample->count < 2) return; // there is no other target
    for (size_t i = 0; i < sample->count; i++) {
        if (!is_in(i, half)) continue;
        const Side src = source(sample, i), own = target(sample, i);
        // Any other one, by a hash: a text may repeat itself at regular distances.
        const size_t away = (size_t)random_mix64(i) % (sample->count - 1);
        const Side other = target(sample, (i + 1 + away) % sample->count);
        if (same(own, other)) continue;
        const double difference = fit(table, src, own) - fit(table, src, other);
        if (difference == 0) continue;
        const size_t part = i * CORRESPONDENCE_PARTS / sample->count;
        c->judged[part]++;
        c->fits[part] += difference > 0;
    }
}

static int larger(int a, int b) {
    return a > b ? a : b;
}

Correspondence correspondence_of(const EncodedPairs *learned, const EncodedPairs *judged,
                                 int offset) {
    Correspondence c = {{0}, {0}};
    const Sample from = sample_of(learned, offset), on = sample_of(judged, offset);
    const int V = larger(vocabulary(learned), vocabulary(judged));
    const int halves = learned == judged ? 2 : 1;
    for (int half = 0; half < halves; half++) {
        Table table = learn(&from, halves == 2 ? 1 - half : 2, V);
        judge(&table, &on, halves == 2 ? half : 2, &c);
        table_free(&table);
    }
    return c;
}

/* ---- The other way round --------------------------------------------------------------------- */

/* How much the tokens look like the source's language rather than the target's, in nats. */
static double looks_like_source(Side side, const double *lean) {
    double sum = 0;
    for (int i = 0; i < side.count; i++) sum += lean[side.ids[i]];
    return sum;
}

/* lean (V) <- which side each token leans to, as the pairs have them: those in `turned` the other
 * way round. */
static void find_lean(const Sample *from, const bool *turned, double *lean, int V) {
    double *tgt = memory_alloc((size_t)V * sizeof *tgt);
    for (int v = 0; v < V; v++) lean[v] = tgt[v] = 1;
    for (size_t i = 0; i < from->count; i++) {
        const Side s = source(from, i), t = target(from, i);
        for (int k = 0; k < s.count; k++) (turned[i] ? tgt : lean)[s.ids[k]]++;
        for (int k = 0; k < t.count; k++) (turned[i] ? lean : tgt)[t.ids[k]]++;
    }
    for (int v = 0; v < V; v++) lean[v] = log(lean[v] / tgt[v]);
    free(tgt);
}

static double lean_of(const Sample *on, size_t i, const double *lean) {
    return looks_like_source(source(on, i), lean) - looks_like_source(target(on, i), lean);
}

/* Many exchanged pairs blur what tells them apart, so they are put right and asked again, until
 * nothing changes. That makes two groups of any text; only of two languages are they so far apart
 * that hardly a pair is between them, and only then are they believed; else none is turned. */
static void sort_out(const Sample *from, bool *turned, double *lean, int V) {
    enum { MOST_ROUNDS = 20 };
    size_t clear = 0, changed = 1, number = 0;
    for (int round = 0; changed && round < MOST_ROUNDS; round++) {
        find_lean(from, turned, lean, V);
        clear = changed = number = 0;
        for (size_t i = 0; i < from->count; i++) {
            const double by = lean_of(from, i, lean);
            changed += turned[i] != (by < 0);
            turned[i] = by < 0;
            number += turned[i];
            clear += fabs(by) > CLEARLY;
        }
    }
    // Most are the right way round.
    for (size_t i = 0; i < from->count && 2 * number > from->count; i++) turned[i] = !turned[i];
    if (clear * 10 < from->count * 9) memset(turned, 0, from->count * sizeof *turned);
}

size_t correspondence_exchanged(const EncodedPairs *learned, const EncodedPairs *judged) {
    const Sample from = {learned, learned->count, 0}, on = {judged, judged->count, 0};
    const int V = larger(vocabulary(learned), vocabulary(judged));
    double *lean = memory_alloc((size_t)V * sizeof *lean);
    bool *turned = memory_calloc(from.count * sizeof *turned);
    sort_out(&from, turned, lean, V);
    find_lean(&from, turned, lean, V);
    size_t exchanged = 0;
    for (size_t i = 0; i < on.count; i++) exchanged += lean_of(&on, i, lean) < -CLEARLY;
    free(turned);
    free(lean);
    return exchanged;
}

/* ---- What was found -------------------------------------------------------------------------- */

int correspondence_judged(const Correspondence *c) {
    int judged = 0;
    for (int p = 0; p < CORRESPONDENCE_PARTS; p++) judged += c->judged[p];
    return judged;
}

double correspondence_share(const Correspondence *c) {
    int fits = 0;
    const int judged = correspondence_judged(c);
    for (int p = 0; p < CORRESPONDENCE_PARTS; p++) fits += c->fits[p];
    return judged ? (double)fits / judged : 1;
}

double correspondence_part(const Correspondence *c, int p) {
    return c->judged[p] ? (double)c->fits[p] / c->judged[p] : 1;
}
