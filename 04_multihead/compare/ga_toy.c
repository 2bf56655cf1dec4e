/* ga_toy.c - Appendix: geometric algebra, far enough to see what a Geometric Algebra Transformer
 * (Brehmer et al., arXiv 2305.18415) changes in attention. First a product from Alan Macdonald's
 * plane, then rotors, then attention that does not care where the room is.
 *
 * Beside: gatr - nearest: attention on points in space that moves along when the room is turned or
 *     moved
 * Beside: macdonald - his product of vectors, (2e1 + 3e2)(4e1 - e2) = 5 - 14 e12; turns and shifts
 *     as products
 */
#include "03_self_attention/attention.h"
#include "common/kernels.h"
#include "common/random.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

/* A multivector of the projective algebra: a number for each product of e0, e1, e2, e3, in the
 * order of the paper's code. e1, e2, e3 square to 1, e0 to 0. */
enum { BLADES = 16, TOKENS = 6, INVARIANT = 8 };
typedef struct {
    double x[BLADES];
} Multivector;

static const char *const NAMES[BLADES] = {"1",    "e0",   "e1",   "e2",   "e3",  "e01",
                                          "e02",  "e03",  "e12",  "e13",  "e23", "e012",
                                          "e013", "e023", "e123", "e0123"};
/* Which vectors a blade is made of, as bits: e0 1, e1 2, e2 4, e3 8. */
static const int BITS[BLADES] = {0, 1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15};

static int place_of(int bits) {
    int i = 0;
    while (BITS[i] != bits) i++;
    return i;
}

/* The sign of e_a e_b once sorted: -1 for every pair that has to change places; 0 if e0 meets
 * itself. */
static int sign_of_product(int a, int b) {
    if (a & b & 1) return 0;
    int swaps = 0;
    // Each of a's vectors has to pass those of b that come before it; e_i e_j = -e_j e_i.
    for (int rest = a >> 1; rest; rest >>= 1) swaps += __builtin_popcount((unsigned)(rest & b));
    return swaps % 2 ? -1 : 1;
}

static Multivector product(Multivector a, Multivector b) {
    Multivector c = {{0}};
    for (int i = 0; i < BLADES; i++)
        for (int j = 0; j < BLADES; j++)
            // A vector that both have cancels (e_i e_i = 1), which is what exclusive or does.
            c.x[place_of(BITS[i] ^ BITS[j])] += sign_of_product(BITS[i], BITS[j]) * a.x[i] * b.x[j];
    return c;
}

/* The factors of every blade in the opposite order: -1 on places 5 to 14. */
static Multivector reversed(Multivector a) {
    for (int i = 5; i <= 14; i++) a.x[i] = -a.x[i];
    return a;
}

/* How a motion acts: M x M~. */
static Multivector moved(Multivector motion, Multivector x) {
    return product(product(motion, x), reversed(motion));
}

static Multivector point(double x, double y, double z) {
    Multivector p = {{0}};
    p.x[14] = 1, p.x[13] = -x, p.x[12] = y, p.x[11] = -z;
    return p;
}

static Multivector translation(double x, double y, double z) {
    Multivector t = {{1}};
    t.x[5] = -x / 2, t.x[6] = -y / 2, t.x[7] = -z / 2; // 1 - e0 (x e1 + y e2 + z e3) / 2
    return t;
}

/* By an angle in the plane of e1 and e2. */
static Multivector rotation(double angle) {
    Multivector r = {{0}};
    r.x[0] = cos(angle / 2), r.x[8] = -sin(angle / 2);
    return r;
}

static void macdonald(Comparison *comparison) {
    Multivector a = {{0}}, b = {{0}}, e12 = {{0}};
    a.x[2] = 2, a.x[3] = 3, b.x[2] = 4, b.x[3] = -1, e12.x[8] = 1;
    const Multivector c = product(a, b);
    puts("The product of two vectors is a number and a piece of plane, ab = a.b + a^b:\n");
    compare_value(comparison, "(2e1+3e2)(4e1-e2), 1", 5, c.x[0], 0, 1e-9);
    compare_value(comparison, "                  e12", -14, c.x[8], 0, 1e-9);
    compare_value(comparison, "5^2 + 14^2 = 13 x 17", 221, c.x[0] * c.x[0] + c.x[8] * c.x[8], 0,
                  1e-9);
    compare_value(comparison, "e12 e12", -1, product(e12, e12).x[0], 0, 1e-9);
}

static void show(const char *name, Multivector m) {
    printf("  %-30s", name);
    for (int i = 0; i < BLADES; i++)
        if (fabs(m.x[i]) > 1e-9) printf(" %+.2f %s", m.x[i], NAMES[i]);
    puts("");
}

static double difference(const Multivector *a, const Multivector *b, int count) {
    double largest = 0;
    for (int n = 0; n < count; n++)
        for (int i = 0; i < BLADES; i++) largest = fmax(largest, fabs(a[n].x[i] - b[n].x[i]));
    return largest;
}

static void motions(Comparison *comparison) {
    const Multivector p = point(1, 2, 3), t = translation(10, 0, 0), quarter = rotation(acos(0));
    show("the point (1,2,3)", p);
    show("moved by (10,0,0)", moved(t, p));
    show("turned by a quarter in e12", moved(quarter, p));
    const Multivector there = moved(t, p), back = moved(reversed(t), there);
    const Multivector wanted[2] = {point(11, 2, 3), point(-2, 1, 3)};
    const Multivector got[2] = {there, moved(quarter, p)};
    puts("");
    compare_claim(comparison, "T x T~ moves, R x R~ turns", difference(wanted, got, 2) < 1e-9);
    compare_claim(comparison, "and T~ moves back", difference(&back, &p, 1) < 1e-9);
}

/* ---- Attention ------------------------------------------------------------------------------- */

/* Of the 16 numbers, the 8 without e0: a motion turns them among themselves, as a rotation does,
 * and leaves the product of two such rows alone. */
static const int WITHOUT_E0[INVARIANT] = {0, 2, 3, 4, 8, 9, 10, 14};

/* Self-attention of the tokens, each its own query, key and value. invariant: only the 8 numbers
 * without e0 are compared. */
static void attend(Multivector *to, const Multivector *tokens, bool invariant) {
    const int D = invariant ? INVARIANT : BLADES;
    Tensor *q = TENSOR(TOKENS, D), *v = TENSOR(TOKENS, BLADES);
    for (int n = 0; n < TOKENS; n++) {
        for (int d = 0; d < D; d++)
            q->data[n * D + d] = (real)tokens[n].x[invariant ? WITHOUT_E0[d] : d];
        for (int i = 0; i < BLADES; i++) v->data[n * BLADES + i] = (real)tokens[n].x[i];
    }
    const Tensor *y = scaled_dot_product_attention(q, q, v, (Masks){0}, 0, NULL); // (TOKENS,16)
    for (int i = 0; i < TOKENS * BLADES; i++) to[i / BLADES].x[i % BLADES] = (double)y->data[i];
}

/* |f(M x) - M f(x)|: whether it matters if the room is moved before or after the attention. */
static double broken_by(Multivector motion, const Multivector *tokens, bool invariant) {
    Multivector before[TOKENS], after[TOKENS], shifted[TOKENS];
    for (int n = 0; n < TOKENS; n++) shifted[n] = moved(motion, tokens[n]);
    attend(before, shifted, invariant);
    attend(after, tokens, invariant);
    for (int n = 0; n < TOKENS; n++) after[n] = moved(motion, after[n]);
    return difference(before, after, TOKENS);
}

static void attention_in_a_room(Comparison *comparison, Random *random) {
    Multivector tokens[TOKENS];
    real draw[TOKENS * BLADES];
    random_fill_normal(random, draw, TOKENS * BLADES, 0, 1);
    for (int i = 0; i < TOKENS * BLADES; i++) tokens[i / BLADES].x[i % BLADES] = (double)draw[i];
    const Multivector motion[3] = {rotation(1), translation(3, -1, 2),
                                   product(translation(3, -1, 2), rotation(1))};
    static const char *const WHICH[3] = {"turned", "moved", "turned and moved"};
    double worst_plain = 0, worst_invariant = 0;
    puts("Six random multivectors, chapter 3's attention. |f(M x) - M f(x)|, the room is\n\n"
         "                     all 16 compared   the 8 without e0");
    for (int i = 0; i < 3; i++) {
        const double plain = broken_by(motion[i], tokens, false);
        const double invariant = broken_by(motion[i], tokens, true);
        printf("  %-17s  %15.4f  %17.4f\n", WHICH[i], plain, invariant);
        worst_plain = fmax(worst_plain, plain);
        worst_invariant = fmax(worst_invariant, invariant);
    }
    puts("");
    compare_claim(comparison, "comparing the 8: attention moves along with the room",
                  worst_invariant < 1e-3);
    compare_claim(comparison, "comparing all 16: it does not", worst_plain > 0.1);
    puts("\nOnly q k has changed: it sees what no motion can change. Values are summed, and\n"
         "a sum of moved things is the moved sum. So a model of molecules or planets need\n"
         "not learn that physics is the same in the next room.");
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Appendix: geometric algebra and the attention of the Geometric Algebra "
                         "Transformer.",
                         "build/04_multihead/ga_toy"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    lesson_step(&lesson, "Multiplying vectors");
    macdonald(&comparison);
    lesson_step(&lesson, "Motions are multivectors, too");
    motions(&comparison);
    lesson_step(&lesson, "Attention in a room");
    attention_in_a_room(&comparison, &random);
    return lesson_end(&lesson, compare_end(&comparison));
}
