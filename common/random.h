/* random.h - PyTorch's default CPU generator, and a hash for dropout.
 *
 * Seeded alike, this generator and torch.manual_seed give the same draws, so that a program here
 * prints the numbers a PyTorch lesson prints. Integers, uniform draws, permutations and samples
 * are equal to the last bit; normal draws agree to about 1e-6, because PyTorch computes the
 * logarithm and the sine inside them with approximations of its own.
 *
 * The engine is MT19937: M. Matsumoto, T. Nishimura, "Mersenne Twister: a 623-dimensionally
 * equidistributed uniform pseudo-random number generator", ACM TOMACS 8 (1998) 3-30.
 *
 * A Random is a value: copy it to fork the stream, save it to go on later. There is no hidden
 * global one. Functions that fill `real` arrays draw float numbers, as PyTorch's default dtype
 * does, and widen them where real is double: both builds start from the same weights.
 */
#ifndef COMMON_RANDOM_H
#define COMMON_RANDOM_H

#include "common/error.h"
#include "common/real.h"

#include <stddef.h>
#include <stdint.h>

enum { RANDOM_WORDS = 624, RANDOM_STATE_BYTES = 8 + 4 + 4 + 8 + 4 * RANDOM_WORDS };

typedef struct {
    uint64_t seed;                // what random_seed was given, for reporting
    uint32_t state[RANDOM_WORDS]; // the engine's words, before tempering
    uint32_t position;            // the next word to hand out; RANDOM_WORDS: make new ones first
    bool has_next_normal;         // small normal fills make two numbers at a time; the second
    double next_normal;           // waits here for the next small fill, as it does in PyTorch
} Random;

/* Starts the stream, as torch.manual_seed(seed): the engine takes the low 32 bits of the seed.
 * A negative Python seed -k is 2^64 - k here, what the cast (uint64_t)-k gives. */
void random_seed(Random *random, uint64_t seed);

/* The next 32 bits; and the next 64, of which the first draw is the upper half. */
uint32_t random_u32(Random *random);
uint64_t random_u64(Random *random);

/* Uniform in [0,1): a multiple of 2^-24 from one 32-bit draw (torch.rand's element), or a
 * multiple of 2^-53 from one 64-bit draw (the same with dtype=torch.float64). */
float random_uniform_float(Random *random);
double random_uniform_double(Random *random);

/* Uniform over the integers 0 .. range-1, range >= 1: an element of torch.randint(range, ...).
 * Ranges below 2^32 take one 32-bit draw modulo the range, others one 64-bit draw. That is
 * PyTorch 1.13; PyTorch 2.15 goes over to 64 bits at 2^28, and below that both agree. */
uint64_t random_below(Random *random, uint64_t range);

/* x (n) <- uniform in [from,to), as x.uniform_(from, to); from <= to. Rounding can give `to`
 * itself where |from| is large against the width, as in PyTorch 1.13 (2.15 gives `from` then);
 * it cannot when from = -to. The double version is that of a float64 tensor, and draws twice as
 * many bits. random NULL, here and in random_fill_normal: x stays as it is, for a model whose
 * numbers are about to be read from a file. */
void random_fill_uniform(Random *random, real *x, size_t n, double from, double to);
void random_fill_uniform_double(Random *random, double *x, size_t n, double from, double to);

/* x (n) <- normal, as x.normal_(mean, std); std >= 0. n is part of the result: from 16 elements
 * on PyTorch draws in blocks of 16 (the last 16 anew when n is no multiple of 16), below that
 * one by one in double precision. The double version is that of a float64 tensor. */
void random_fill_normal(Random *random, real *x, size_t n, double mean, double std);
void random_fill_normal_double(Random *random, double *x, size_t n, double mean, double std);

/* order (n) <- a permutation of 0 .. n-1, as torch.randperm(n). n < 2^32. */
void random_permutation(Random *random, size_t *order, size_t n);

/* An index drawn with probability proportional to p (n), which need not sum to 1: what
 * torch.multinomial(p, 1) gives. No entry may be negative, and one must be positive. */
size_t random_multinomial(Random *random, const real *p, size_t n);

/* drawn (count) <- indices, as torch.multinomial(p, count, replacement) for p (n), count >= 2.
 * Without replacement the indices differ, and count <= the number of positive entries.
 * scratch (n) is overwritten. */
void random_multinomial_many(Random *random, const real *p, size_t n, size_t count,
                             bool replacement, float *scratch, size_t *drawn);

/* The generator as bytes for a checkpoint, the same on every machine: seed (8 bytes), position
 * (4), has_next_normal (4), next_normal's bits (8), the state words (4 each), little-endian.
 * Loading returns false, with the reason in err, for bytes that saving cannot have written. */
void random_save(const Random *random, uint8_t bytes[RANDOM_STATE_BYTES]);
bool random_load(Random *random, const uint8_t bytes[RANDOM_STATE_BYTES], Error *err);

/* A one-to-one scrambling of 64 bits in which every input bit moves about half of the output
 * bits: the finaliser of SplitMix64 (G. Steele, D. Lea, C. Flood, OOPSLA 2014; constants by
 * D. Stafford). Chain it to make a key out of several numbers:
 * random_mix64(random_mix64(seed + step) + layer). */
static inline uint64_t random_mix64(uint64_t x) {
    x += 0x9e3779b97f4a7c15u;
    x = (x ^ (x >> 30)) * 0xbf58476d1ce4e5b9u;
    x = (x ^ (x >> 27)) * 0x94d049bb133111ebu;
    return x ^ (x >> 31);
}

/* The same for 32 bits: C. Wellons' lowbias32 (nullprogram.com, "Prospecting for Hash
 * Functions", 2018), found by searching for the least bias between input and output bits. */
static inline uint32_t random_mix32(uint32_t x) {
    x = (x ^ (x >> 16)) * 0x7feb352du;
    x = (x ^ (x >> 15)) * 0x846ca68bu;
    return x ^ (x >> 16);
}

/* 32 random bits that depend on nothing but (key, index). Dropout decides element i's fate by
 * random_hash(key, i) alone: the backward pass recomputes the mask instead of storing it, and
 * cutting the work differently over threads changes nothing. The key's part does not depend on
 * the index, so a compiler takes it out of a loop over indices and vectorises the rest. The two
 * halves of the key enter before and after a scrambling; with one alone, two keys that differ
 * in a few bits would give the same numbers in another order. */
static inline uint32_t random_hash(uint64_t key, uint32_t index) {
    const uint64_t mixed = random_mix64(key);
    const uint32_t scrambled = random_mix32(index ^ (uint32_t)mixed);
    return random_mix32(scrambled + (uint32_t)(mixed >> 32));
}

#endif
