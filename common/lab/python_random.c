#include "common/lab/python_random.h"

/* The engine's second way of being seeded, by an array of words (init_by_array in Matsumoto and
 * Nishimura's mt19937ar, 2002), here always of one word. */
void python_random_seed(Random *random, uint32_t seed) {
    enum { N = RANDOM_WORDS };
    random_seed(random, 19650218);
    uint32_t *s = random->state;
    size_t i = 1;
    // Two rounds over the state: the first mixes the seed in, the second what the first has made.
    for (size_t round = 0; round < 2; round++) {
        const uint32_t factor = round == 0 ? 1664525u : 1566083941u;
        for (size_t k = round; k < N; k++) {
            s[i] ^= (s[i - 1] ^ s[i - 1] >> 30) * factor;
            s[i] += round == 0 ? seed : (uint32_t)-i;
            if (++i < N) continue;
            s[0] = s[N - 1];
            i = 1;
        }
    }
    s[0] = 0x80000000u; // not all zeros, whatever the seed was
    random->seed = seed;
    random->position = N;
}

/* The upper 27 bits of one draw and the upper 26 of the next. */
double python_random_uniform(Random *random) {
    const double high = random_u32(random) >> 5, low = random_u32(random) >> 6;
    return (high * 67108864 + low) / 9007199254740992.0; // 2^26, 2^53
}

/* Marsaglia's polar method, which makes two numbers at a time; NumPy hands out the second first. */
void numpy_random_normal(Random *random, double *x, size_t n, double std) {
    for (size_t i = 0; i < n; i += 2) {
        double u, v, square;
        do {
            u = 2 * python_random_uniform(random) - 1;
            v = 2 * python_random_uniform(random) - 1;
            square = u * u + v * v;
        } while (square >= 1 || square == 0);
        const double factor = sqrt(-2 * log(square) / square);
        x[i] = std * (factor * v);
        if (i + 1 < n) x[i + 1] = std * (factor * u);
    }
}

/* Fisher and Yates from the end. An index is drawn by cutting 32 bits down to as many as it can
 * have, again until it is small enough. */
void numpy_random_shuffle(Random *random, size_t *order, size_t n) {
    for (size_t i = n; i-- > 1;) {
        uint32_t mask = 1, drawn;
        while (mask < i) mask = 2 * mask + 1;
        do drawn = random_u32(random) & mask;
        while (drawn > i);
        const size_t kept = order[i];
        order[i] = order[drawn];
        order[drawn] = kept;
    }
}
