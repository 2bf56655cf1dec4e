#include "06_training/check/correspondence.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "06_training/decoding/lexicon.h"
#include "common/arena.h"
#include "common/random.h"

enum { SAMPLE = 6000 }; // pairs

/* The share of a token's probability that does not depend on the source: what was never seen with
 * it is not impossible. */
static const double ANYWAY = 0.1;

/* Nats by which one language is likelier than another before it is believed: about 20,000 to 1. */
static const double CLEARLY = 10;

/* ---- A sample -------------------------------------------------------------------------------- */

/* The tokens of one side, without marks. */
typedef struct {
    const int *ids;
    int count;
} Side;

static Side side_of(const int *ids, int length) {
    return (Side){ids, length < LEXICON_SIDE ? length : LEXICON_SIDE};
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

/* ---- Does the own target fit better? --------------------------------------------------------- */

/* Which half a pair is in: by a hash, since pairs of two kinds may take turns. */
static bool is_in(size_t i, int half) {
    return half == 2 || (int)(random_mix64(i + 1) & 1) == half;
}

/* half: 0 or 1; 2: all. */
static Lexicon *learn(const Sample *sample, int half, int V) {
    Lexicon *lexicon = lexicon_new(V);
    for (int round = 0; round < LEXICON_ROUNDS; round++) {
        for (size_t i = 0; i < sample->count; i++) {
            if (!is_in(i, half)) continue;
            const Side src = source(sample, i), tgt = target(sample, i);
            lexicon_take(lexicon, src.ids, src.count, tgt.ids, tgt.count);
        }
        lexicon_end_round(lexicon);
    }
    return lexicon;
}

/* How much likelier a token of the target is if the source is known: the mean of the logarithms. So
 * neither a short target nor one of frequent tokens has an advantage. */
static double fit(const Lexicon *lexicon, Side src, Side tgt) {
    double sum = 0;
    for (int t = 0; t < tgt.count; t++) {
        const int v = tgt.ids[t];
        double p = 0;
        for (int s = 0; s < src.count; s++) p += lexicon_chance(lexicon, src.ids[s], v);
        p /= src.count ? src.count : 1;
        sum += log(ANYWAY + (1 - ANYWAY) * p / lexicon_frequency(lexicon, v));
    }
    return tgt.count ? sum / tgt.count : 0;
}

static bool same(Side a, Side b) {
    return a.count == b.count &&
           (a.count == 0 || memcmp(a.ids, b.ids, (size_t)a.count * sizeof(int)) == 0);
}

/* Where both fit as well, as two equal targets do, nothing is said. */
static void judge(const Lexicon *lexicon, const Sample *sample, int half, Correspondence *c) {
    if (sample->count < 2) return; // there is no other target
    for (size_t i = 0; i < sample->count; i++) {
        if (!is_in(i, half)) continue;
        const Side src = source(sample, i), own = target(sample, i);
        // Any other one, by a hash: a text may repeat itself at regular distances.
        const size_t away = (size_t)random_mix64(i) % (sample->count - 1);
        const Side other = target(sample, (i + 1 + away) % sample->count);
        if (same(own, other)) continue;
        const double difference = fit(lexicon, src, own) - fit(lexicon, src, other);
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
        Lexicon *lexicon = learn(&from, halves == 2 ? 1 - half : 2, V);
        judge(lexicon, &on, halves == 2 ? half : 2, &c);
        lexicon_free(lexicon);
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

static Exchanged count_exchanged(const Sample *train, const Sample *valid, const double *lean) {
    Exchanged exchanged = {0, 0};
    for (size_t i = 0; i < train->count; i++) exchanged.train += lean_of(train, i, lean) < -CLEARLY;
    for (size_t i = 0; i < valid->count; i++) exchanged.valid += lean_of(valid, i, lean) < -CLEARLY;
    return exchanged;
}

/* Whether neither way round has six pairs of ten: then which one sort_out took is an accident. */
static bool is_tie(size_t exchanged, size_t count) {
    return exchanged * 10 > count * 4 && exchanged * 10 < count * 6;
}

Exchanged correspondence_exchanged(const EncodedPairs *train, const EncodedPairs *valid) {
    const Sample from = {train, train->count, 0}, on = {valid, valid->count, 0};
    const int V = larger(vocabulary(train), vocabulary(valid));
    double *lean = memory_alloc((size_t)V * sizeof *lean);
    bool *turned = memory_calloc(from.count * sizeof *turned);
    sort_out(&from, turned, lean, V);
    find_lean(&from, turned, lean, V);
    Exchanged exchanged = count_exchanged(&from, &on, lean);
    if (is_tie(exchanged.train, from.count) && exchanged.valid * 2 > on.count) {
        for (int v = 0; v < V; v++) lean[v] = -lean[v];
        exchanged = count_exchanged(&from, &on, lean);
    }
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
