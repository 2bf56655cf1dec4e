/* random.c - MT19937 and the ways PyTorch turns its 32-bit words into other draws.
 *
 * PyTorch's CPU kernels are compiled with fused multiply-add, so scaling a draw rounds once:
 * fma and fmaf stand here where the last bit depends on it, and nowhere does an expression rely
 * on what the compiler fuses by itself.
 */
#include "common/random.h"

#include <math.h>
#include <string.h>

enum { MIDDLE = 397, BLOCK = 16 };

static const double TWO_PI = 6.283185307179586;

/* Knuth's multiplier, as in init_genrand of Matsumoto and Nishimura's mt19937ar.c (2002). The
 * words are untwisted yet: the first draw makes the first generation. Like PyTorch, only the low
 * 32 bits of a seed count. */
void random_seed(Random *random, uint64_t seed) {
    *random = (Random){.seed = seed, .position = RANDOM_WORDS};
    random->state[0] = (uint32_t)seed;
    for (uint32_t i = 1; i < RANDOM_WORDS; i++) {
        const uint32_t before = random->state[i - 1];
        random->state[i] = 1812433253u * (before ^ (before >> 30)) + i;
    }
}

/* Word i of the next generation: the top bit of word i and the 31 others of word i+1, times the
 * twist matrix, on word i+397. Indices are modulo 624, so late words build on new early ones. */
static uint32_t twist(uint32_t word, uint32_t next, uint32_t middle) {
    const uint32_t joined = (word & 0x80000000u) | (next & 0x7fffffffu);
    return middle ^ (joined >> 1) ^ (joined & 1u ? 0x9908b0dfu : 0u);
}

/* In place, 624 words at a time; the three parts keep the indices below 624 without a modulo. */
static void next_generation(Random *random) {
    uint32_t *s = random->state;
    for (int i = 0; i < RANDOM_WORDS - MIDDLE; i++) s[i] = twist(s[i], s[i + 1], s[i + MIDDLE]);
    for (int i = RANDOM_WORDS - MIDDLE; i < RANDOM_WORDS - 1; i++)
        s[i] = twist(s[i], s[i + 1], s[i + MIDDLE - RANDOM_WORDS]);
    s[RANDOM_WORDS - 1] = twist(s[RANDOM_WORDS - 1], s[0], s[MIDDLE - 1]);
    random->position = 0;
}

uint32_t random_u32(Random *random) {
    if (random->position == RANDOM_WORDS) next_generation(random);
    uint32_t y = random->state[random->position++];
    // Tempering: the state alone is too regular in its low dimensions.
    y ^= y >> 11;
    y ^= (y << 7) & 0x9d2c5680u;
    y ^= (y << 15) & 0xefc60000u;
    return y ^ (y >> 18);
}

/* The word drawn first is the upper half (PyTorch's random64). */
uint64_t random_u64(Random *random) {
    const uint64_t high = random_u32(random);
    return high << 32 | random_u32(random);
}

/* 24 bits, which is what a float holds: every result in [0, 1) is exact and equally spaced. */
float random_uniform_float(Random *random) {
    return (float)(random_u32(random) & 0xffffffu) * 0x1p-24f;
}

/* 53 bits for the same reason; costs two words of the generator. */
double random_uniform_double(Random *random) {
    return (double)(random_u64(random) & 0x1fffffffffffffu) * 0x1p-53;
}

/* PyTorch takes the remainder, although that favours small numbers by a share of range / 2^32;
 * rejecting draws would leave its sequence. */
uint64_t random_below(Random *random, uint64_t range) {
    REQUIRE(range >= 1, "the range is empty");
    return range >> 32 ? random_u64(random) % range : random_u32(random) % range;
}

/* In float also where real is double, so that both modes see the same numbers. */
void random_fill_uniform(Random *random, real *x, size_t n, double from, double to) {
    REQUIRE(from <= to, "from %g is above to %g", from, to);
    const float low = (float)from, width = (float)to - (float)from;
    if (!random) return;
    for (size_t i = 0; i < n; i++) x[i] = fmaf(random_uniform_float(random), width, low);
}

void random_fill_uniform_double(Random *random, double *x, size_t n, double from, double to) {
    REQUIRE(from <= to, "from %g is above to %g", from, to);
    for (size_t i = 0; i < n; i++) x[i] = fma(random_uniform_double(random), to - from, from);
}

/* One draw of the small fills. Box and Muller's transform gives two: the cosine now, the sine
 * kept for the next call. */
static double normal_draw(Random *random, double mean, double std) {
    double draw = random->next_normal;
    if (!random->has_next_normal) {
        const double angle = TWO_PI * random_uniform_double(random);
        const double radius = sqrt(-2.0 * log1p(-random_uniform_double(random)));
        random->next_normal = radius * sin(angle);
        draw = radius * cos(angle);
    }
    random->has_next_normal = !random->has_next_normal;
    return fma(draw, std, mean);
}

/* x (16) <- normal. The first eight uniform draws become radii (1 - u keeps 0 out of the
 * logarithm), the last eight angles; eight cosines and eight sines come out. */
static void normal_block(Random *random, real *x, float mean, float std) {
    float u[BLOCK];
    for (int i = 0; i < BLOCK; i++) u[i] = random_uniform_float(random);
    for (int i = 0; i < BLOCK / 2; i++) {
        const float radius = sqrtf(-2.0f * logf(1.0f - u[i]));
        const float angle = (float)TWO_PI * u[i + BLOCK / 2];
        const float first = radius * cosf(angle), second = radius * sinf(angle);
        x[i] = fmaf(first, std, mean);
        x[i + BLOCK / 2] = fmaf(second, std, mean);
    }
}

/* The same with PyTorch's double kernel, which spends two words on each uniform draw. */
static void normal_block_double(Random *random, double *x, double mean, double std) {
    double u[BLOCK];
    for (int i = 0; i < BLOCK; i++) u[i] = random_uniform_double(random);
    for (int i = 0; i < BLOCK / 2; i++) {
        const double radius = sqrt(-2.0 * log(1.0 - u[i]));
        const double angle = TWO_PI * u[i + BLOCK / 2];
        const double first = radius * cos(angle), second = radius * sin(angle);
        x[i] = fma(first, std, mean);
        x[i + BLOCK / 2] = fma(second, std, mean);
    }
}

/* PyTorch has two ways, and which one is taken shows in the numbers: below 16 elements one by one,
 * from 16 on in vectors. */
void random_fill_normal(Random *random, real *x, size_t n, double mean, double std) {
    REQUIRE(std >= 0.0, "the standard deviation %g is negative", std);
    if (!random) return;
    if (n < BLOCK) {
        for (size_t i = 0; i < n; i++) x[i] = (float)normal_draw(random, mean, std);
        return;
    }
    for (size_t i = 0; i + BLOCK <= n; i += BLOCK)
        normal_block(random, x + i, (float)mean, (float)std);
    // PyTorch draws a number for every element of an incomplete last block before it draws the
    // last 16 elements anew; those numbers are spent, not used.
    for (size_t i = 0; i < n % BLOCK; i++) random_u32(random);
    if (n % BLOCK) normal_block(random, x + n - BLOCK, (float)mean, (float)std);
}

void random_fill_normal_double(Random *random, double *x, size_t n, double mean, double std) {
    REQUIRE(std >= 0.0, "the standard deviation %g is negative", std);
    if (n < BLOCK) {
        for (size_t i = 0; i < n; i++) x[i] = normal_draw(random, mean, std);
        return;
    }
    for (size_t i = 0; i + BLOCK <= n; i += BLOCK) normal_block_double(random, x + i, mean, std);
    for (size_t i = 0; i < n % BLOCK; i++) random_u64(random);
    if (n % BLOCK) normal_block_double(random, x + n - BLOCK, mean, std);
}

/* Fisher and Yates' shuffle from the front, as torch.randperm does it. */
void random_permutation(Random *random, size_t *order, size_t n) {
    REQUIRE(n <= UINT32_MAX, "%zu elements need more than 32-bit draws", n);
    for (size_t i = 0; i < n; i++) order[i] = i;
    for (size_t i = 0; i + 1 < n; i++) {
        const size_t other = i + random_u32(random) % (uint32_t)(n - i);
        const size_t kept = order[i];
        order[i] = order[other];
        order[other] = kept;
    }
}

/* Of exponential variables with rates p_i, variable i is the smallest with probability
 * p_i / sum p. One with rate p is one with rate 1 divided by p, so the largest of these ratios
 * marks the sample (and the k largest k samples without replacement). */
static float exponential_ratio(Random *random, real p) {
    const float q = (float)-log1p(-random_uniform_double(random));
    return (float)p / q;
}

/* The first of equal ones, as argmax has it. */
static size_t index_of_largest(const float *x, size_t n) {
    size_t largest = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[largest]) largest = i;
    return largest;
}

/* One draw needs no array of ratios: the largest so far is enough. */
size_t random_multinomial(Random *random, const real *p, size_t n) {
    REQUIRE(n >= 1, "no categories to draw from");
    size_t largest = 0;
    float largest_ratio = -1.0f;
    for (size_t i = 0; i < n; i++) {
        const float ratio = exponential_ratio(random, p[i]);
        if (ratio > largest_ratio) {
            largest = i;
            largest_ratio = ratio;
        }
    }
    return largest;
}

/* A ratio of -1 is below all others: drawn once, an index cannot come again. */
static void draw_without_replacement(Random *random, const real *p, size_t n, size_t count,
                                     float *ratios, size_t *drawn) {
    REQUIRE(count <= n, "%zu different draws from %zu categories", count, n);
    for (size_t i = 0; i < n; i++) ratios[i] = exponential_ratio(random, p[i]);
    for (size_t k = 0; k < count; k++) {
        drawn[k] = index_of_largest(ratios, n);
        ratios[drawn[k]] = -1.0f;
    }
}

/* The inverse of the cumulative distribution, summed in float as PyTorch sums it: in double, a
 * draw that falls next to a border would land on its other side. */
static void draw_with_replacement(Random *random, const real *p, size_t n, size_t count,
                                  float *cumulative, size_t *drawn) {
    float sum = 0.0f;
    for (size_t i = 0; i < n; i++) cumulative[i] = sum += (float)p[i];
    for (size_t i = 0; i < n; i++) cumulative[i] /= sum;
    for (size_t k = 0; k < count; k++) {
        const double u = random_uniform_double(random);
        size_t low = 0, high = n - 1; // the answer is the first index whose sum reaches u
        while (low < high) {
            const size_t middle = low + (high - low) / 2;
            if ((double)cumulative[middle] < u)
                low = middle + 1;
            else
                high = middle;
        }
        drawn[k] = low;
    }
}

/* scratch (n) is the caller's, so that drawing a sample in a training loop allocates nothing. */
void random_multinomial_many(Random *random, const real *p, size_t n, size_t count,
                             bool replacement, float *scratch, size_t *drawn) {
    REQUIRE(n >= 1 && count >= 2, "%zu draws from %zu categories", count, n);
    if (replacement)
        draw_with_replacement(random, p, n, count, scratch, drawn);
    else
        draw_without_replacement(random, p, n, count, scratch, drawn);
}

/* Byte by byte, little endian: the state reads the same on any machine. */
static uint8_t *put(uint8_t *bytes, uint64_t value, int size) {
    for (int i = 0; i < size; i++) bytes[i] = (uint8_t)(value >> (8 * i));
    return bytes + size;
}

static const uint8_t *get(const uint8_t *bytes, uint64_t *value, int size) {
    *value = 0;
    for (int i = 0; i < size; i++) *value |= (uint64_t)bytes[i] << (8 * i);
    return bytes + size;
}

void random_save(const Random *random, uint8_t bytes[RANDOM_STATE_BYTES]) {
    uint64_t normal_bits;
    memcpy(&normal_bits, &random->next_normal, sizeof normal_bits);
    bytes = put(bytes, random->seed, 8);
    bytes = put(bytes, random->position, 4);
    bytes = put(bytes, random->has_next_normal, 4);
    bytes = put(bytes, normal_bits, 8);
    for (int i = 0; i < RANDOM_WORDS; i++) bytes = put(bytes, random->state[i], 4);
}

/* A position beyond the state would read past it; what a file says is checked before it is
 * believed. */
bool random_load(Random *random, const uint8_t bytes[RANDOM_STATE_BYTES], Error *err) {
    uint64_t seed, position, has_next_normal, normal_bits, word;
    Random loaded = {0};
    bytes = get(bytes, &seed, 8);
    bytes = get(bytes, &position, 4);
    bytes = get(bytes, &has_next_normal, 4);
    bytes = get(bytes, &normal_bits, 8);
    for (int i = 0; i < RANDOM_WORDS; i++) {
        bytes = get(bytes, &word, 4);
        loaded.state[i] = (uint32_t)word;
    }
    memcpy(&loaded.next_normal, &normal_bits, sizeof normal_bits);
    if (position > RANDOM_WORDS || has_next_normal > 1 || !isfinite(loaded.next_normal))
        return error_set(err,
                         "not a random generator's state: position %u of at most %d, normal "
                         "flag %u, normal %g",
                         (unsigned)position, RANDOM_WORDS, (unsigned)has_next_normal,
                         loaded.next_normal);
    loaded.seed = seed;
    loaded.position = (uint32_t)position;
    loaded.has_next_normal = has_next_normal;
    *random = loaded;
    return true;
}
