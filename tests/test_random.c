/* test_random.c - the generator against draws that PyTorch made, and the dropout hash's
 * statistics. Integers and uniform draws must be equal; normal ones to 1e-6. */
#include "common/kernels.h"
#include "common/random.h"
#include "tests/suite.h"

#include <check.h>
#include <stdlib.h>

#include "tests/fixtures/random_fixture.h"

enum { SEEDS = sizeof TORCH_DRAWS / sizeof *TORCH_DRAWS, VALUES = 142 };

/* Expected values are consumed from left to right; a message names seed and place. */
typedef struct {
    uint64_t seed;
    const double *values;
    size_t at;
} Expected;

static void expect(Expected *e, double ours, double tolerance) {
    ck_assert_msg(e->at < VALUES, "more draws than the fixture has");
    const double torch = e->values[e->at++];
    ck_assert_msg(fabs(ours - torch) <= tolerance, "seed %llu, value %zu: torch %.17g, ours %.17g",
                  (unsigned long long)e->seed, e->at - 1, torch, ours);
}

static void expect_reals(Expected *e, const real *x, size_t n, double tolerance) {
    for (size_t i = 0; i < n; i++) expect(e, (double)x[i], tolerance);
}

static void expect_doubles(Expected *e, const double *x, size_t n, double tolerance) {
    for (size_t i = 0; i < n; i++) expect(e, x[i], tolerance);
}

static void expect_indices(Expected *e, const size_t *x, size_t n) {
    for (size_t i = 0; i < n; i++) expect(e, (double)x[i], 0.0);
}

static void check_fills(Random *random, Expected *e) {
    real x[37];
    double d[19];
    random_fill_uniform(random, x, 5, 0, 1);
    expect_reals(e, x, 5, 0);
    random_fill_uniform_double(random, d, 3, 0, 1);
    expect_doubles(e, d, 3, 0);
    random_fill_normal(random, x, 3, 0, 1);
    expect_reals(e, x, 3, 1e-6);
    random_fill_normal_double(random, d, 2, 0, 1);
    expect_doubles(e, d, 2, 1e-14);
    random_fill_normal(random, x, 15, 1.5, 0.25);
    expect_reals(e, x, 15, 1e-6);
    random_fill_normal(random, x, 16, 0, 1);
    expect_reals(e, x, 16, 1e-6);
    random_fill_normal(random, x, 37, 0, 1);
    expect_reals(e, x, 37, 1e-6);
    random_fill_normal_double(random, d, 19, 0, 1);
    expect_doubles(e, d, 19, 1e-14);
    random_fill_uniform(random, x, 4, -0.3, 0.45);
    expect_reals(e, x, 4, 0);
    random_fill_uniform_double(random, d, 2, -0.3, 0.45);
    expect_doubles(e, d, 2, 0);
}

static void check_integers(Random *random, Expected *e) {
    const real p[5] = {(real)0.1, 0, 2.5, (real)0.7, 1};
    float scratch[5];
    size_t drawn[10];
    for (int i = 0; i < 6; i++) expect(e, (double)random_below(random, 65), 0);
    for (int i = 0; i < 2; i++) expect(e, (double)random_below(random, 1ull << 40), 0);
    random_permutation(random, drawn, 10);
    expect_indices(e, drawn, 10);
    for (int i = 0; i < 8; i++) expect(e, (double)random_multinomial(random, p, 5), 0);
    random_multinomial_many(random, p, 5, 6, true, scratch, drawn);
    expect_indices(e, drawn, 6);
    random_multinomial_many(random, p, 5, 3, false, scratch, drawn);
    expect_indices(e, drawn, 3);
}

START_TEST(test_torch_draws) {
    Expected e = {TORCH_DRAWS[_i].seed, TORCH_DRAWS[_i].values, 0};
    Random random;
    random_seed(&random, e.seed);
    check_fills(&random, &e);
    check_integers(&random, &e);
    for (int i = 0; i < 1000; i++) random_uniform_float(&random);
    expect(&e, (double)random_uniform_float(&random), 0);
    ck_assert_uint_eq(e.at, VALUES);
}
END_TEST

START_TEST(test_engine) {
    const uint32_t seed137[] = {4053805790u, 2173880614u, 380293709u, 1237255315u, 2986595568u};
    Random random;
    random_seed(&random, 137);
    for (int i = 0; i < 5; i++) ck_assert_uint_eq(random_u32(&random), seed137[i]);
    // The C++ standard fixes the 10,000th output of mt19937 with its default seed 5489.
    random_seed(&random, 5489);
    for (int i = 1; i < 10000; i++) random_u32(&random);
    ck_assert_uint_eq(random_u32(&random), 4123659995u);
    // Two 32-bit draws make one of 64 bits, the first on top.
    random_seed(&random, 137);
    ck_assert_uint_eq(random_u64(&random), (uint64_t)seed137[0] << 32 | seed137[1]);
    // A range takes 64 bits only from 2^32 on.
    random_seed(&random, 137);
    ck_assert_uint_eq(random_below(&random, UINT32_MAX), seed137[0]);
    ck_assert_uint_eq(random_below(&random, 1ull << 32), seed137[2]);
}
END_TEST

START_TEST(test_permutation_is_one) {
    enum { N = 1000 };
    size_t order[N];
    bool seen[N] = {false};
    Random random;
    random_seed(&random, 7);
    random_permutation(&random, order, N);
    for (int i = 0; i < N; i++) {
        ck_assert_uint_lt(order[i], N);
        ck_assert(!seen[order[i]]);
        seen[order[i]] = true;
    }
    random_permutation(&random, order, 0); // nothing to do, nothing written
}
END_TEST

/* Saving in the middle of everything: between two words of a generation, with a normal draw
 * waiting. The copy goes on exactly as the original does. */
START_TEST(test_save_and_load) {
    uint8_t bytes[RANDOM_STATE_BYTES];
    Error err = {""};
    Random random, copy;
    real ours[40], theirs[40];
    random_seed(&random, 0x0123456789abcdefu);
    for (int i = 0; i < 700; i++) random_u32(&random);
    random_fill_normal(&random, ours, 3, 0, 1);
    ck_assert(random.has_next_normal);
    random_save(&random, bytes);
    ck_assert_uint_eq(bytes[0], 0xef); // the layout is little-endian everywhere
    ck_assert_uint_eq(bytes[7], 0x01);
    ck_assert_uint_eq(bytes[8] | bytes[9] << 8, random.position);
    ck_assert_uint_eq(bytes[24], random.state[0] & 0xff);
    ck_assert_msg(random_load(&copy, bytes, &err), "%s", err.text);
    ck_assert_uint_eq(copy.seed, random.seed);
    random_fill_normal(&random, ours, 5, 0, 1);
    random_fill_normal(&copy, theirs, 5, 0, 1);
    ck_assert_mem_eq(ours, theirs, 5 * sizeof *ours);
    for (int i = 0; i < 700; i++) ck_assert_uint_eq(random_u32(&random), random_u32(&copy));
}
END_TEST

START_TEST(test_load_refuses_damage) {
    static const struct {
        size_t offset;
        uint8_t value;
    } DAMAGE[] = {{9, 0x03}, {11, 0x80}, {12, 2}, {15, 1}, {23, 0x7f}};
    for (size_t i = 0; i < sizeof DAMAGE / sizeof *DAMAGE; i++) {
        uint8_t bytes[RANDOM_STATE_BYTES];
        Error err = {""};
        Random random, untouched;
        random_seed(&random, 1);
        random.next_normal = 1.0; // with exponent bits, so that one byte can make it infinite
        random_save(&random, bytes);
        bytes[DAMAGE[i].offset] = DAMAGE[i].value;
        if (DAMAGE[i].offset == 23) bytes[22] = 0xf0;
        random_seed(&untouched, 2);
        ck_assert_msg(!random_load(&untouched, bytes, &err), "damage %zu was accepted", i);
        ck_assert(err.text[0] != '\0');
        ck_assert_uint_eq(untouched.seed, 2);
    }
}
END_TEST

/* A hash can only be tested for what a good one would do; the bounds below are five standard
 * deviations of what independent fair bits give, so a pass is no luck and a fail no accident. */
enum { DRAWS = 1 << 16 };

static const uint64_t KEYS[] = {0, 1, 2, 3, 1ull << 32, 1ull << 63, 0x9e3779b97f4a7c15u, ~0ull};
enum { KEY_COUNT = sizeof KEYS / sizeof *KEYS };

START_TEST(test_hash_moments_and_bits) {
    double sum = 0, square_sum = 0;
    unsigned bits[32] = {0}, bytes[4][256] = {{0}};
    for (uint32_t i = 0; i < DRAWS; i++) {
        const uint32_t h = random_hash(KEYS[_i], i);
        const double u = h * 0x1p-32 - 0.5;
        sum += u;
        square_sum += u * u;
        for (int b = 0; b < 32; b++) bits[b] += h >> b & 1;
        for (int b = 0; b < 4; b++) bytes[b][h >> 8 * b & 0xff]++;
    }
    ck_assert_double_lt(fabs(sum / DRAWS), 5 * sqrt(1.0 / 12 / DRAWS));
    ck_assert_double_lt(fabs(square_sum / DRAWS - 1.0 / 12), 5 * sqrt(1.0 / 180 / DRAWS));
    for (int b = 0; b < 32; b++)
        ck_assert_double_lt(fabs(bits[b] - DRAWS / 2.0), 5 * sqrt(DRAWS / 4.0));
    for (int b = 0; b < 4; b++) { // chi-square with 255 degrees of freedom: mean 255, variance 510
        double chi = 0;
        for (int v = 0; v < 256; v++) {
            const double off = bytes[b][v] - DRAWS / 256.0;
            chi += off * off / (DRAWS / 256.0);
        }
        ck_assert_double_lt(fabs(chi - 255), 5 * sqrt(510.0));
    }
}
END_TEST

/* Bits that agree between two streams of hashes: half of them, for independent ones. */
static void expect_unrelated(uint64_t key_a, uint32_t step_a, uint64_t key_b, uint32_t xor_b) {
    unsigned long agreeing = 0;
    for (uint32_t i = 0; i < DRAWS; i++) {
        const uint32_t a = random_hash(key_a, i), b = random_hash(key_b, (i + step_a) ^ xor_b);
        for (uint32_t same = ~(a ^ b); same; same &= same - 1) agreeing++;
    }
    const double bits = 32.0 * DRAWS;
    ck_assert_msg(fabs((double)agreeing - bits / 2) < 5 * sqrt(bits / 4),
                  "keys %llx and %llx, index +%u ^%u: %lu of %.0f bits agree",
                  (unsigned long long)key_a, (unsigned long long)key_b, step_a, xor_b, agreeing,
                  bits);
}

START_TEST(test_hash_neighbours) {
    const uint64_t key = KEYS[_i];
    const uint32_t steps[] = {1, 2, 3, 16, 64, 128, 512, 4096};
    for (size_t s = 0; s < sizeof steps / sizeof *steps; s++)
        expect_unrelated(key, steps[s], key, 0);
    for (int bit = 0; bit < 64; bit++) expect_unrelated(key, 0, key ^ 1ull << bit, 0);
    for (uint32_t d = 1; d < 8; d++) {
        expect_unrelated(key, 0, key + d, 0); // next keys, at the same index
        expect_unrelated(key, 0, key + d, d); // and where adding or xoring them would collide
        expect_unrelated(key, d, key + d, 0);
        expect_unrelated(key, (uint32_t) - (int32_t)d, key + d, 0);
    }
}
END_TEST

/* Dropout compares hashes with a threshold: at every rate the right share survives. */
START_TEST(test_hash_threshold) {
    for (int percent = 1; percent < 100; percent += 7) {
        const double rate = percent / 100.0;
        const uint32_t threshold = (uint32_t)(rate * 0x1p32);
        int dropped = 0;
        for (uint32_t i = 0; i < DRAWS; i++) dropped += random_hash(99, i) < threshold;
        ck_assert_double_lt(fabs(dropped - DRAWS * rate), 5 * sqrt(DRAWS * rate * (1 - rate)));
    }
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("random");
    TCase *tc = tcase_create("random");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, test_torch_draws, 0, SEEDS);
    tcase_add_test(tc, test_engine);
    tcase_add_test(tc, test_permutation_is_one);
    tcase_add_test(tc, test_save_and_load);
    tcase_add_test(tc, test_load_refuses_damage);
    tcase_add_loop_test(tc, test_hash_moments_and_bits, 0, KEY_COUNT);
    tcase_add_loop_test(tc, test_hash_neighbours, 0, KEY_COUNT);
    tcase_add_test(tc, test_hash_threshold);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
