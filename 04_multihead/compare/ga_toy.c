/* ga_toy.c - Appendix: geometric algebra, far enough to see what a Geometric Algebra Transformer
 * (Brehmer et al., arXiv 2305.18415) changes. First a product from Alan Macdonald's plane and the
 * table of all products, then points, planes and motions, then the linear maps that do not care
 * where the room is, then attention that does not.
 *
 * Beside: gatr - the algebra: all 256 products of blades, the nine linear maps that no motion
 *     disturbs, and attention that moves along when the room is turned or moved
 * Beside: macdonald - his product of vectors, (2e1 + 3e2)(4e1 - e2) = 5 - 14 e12; turns, shifts
 *     and mirrors as products
 */
#include "03_self_attention/attention.h"
#include "04_multihead/lab/multivector.h"
#include "common/kernels.h"
#include "common/random.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"

#include <stdio.h>
#include <stdlib.h>

enum { TOKENS = 6, INVARIANT = 8 };

static double difference(const Multivector *a, const Multivector *b, int count) {
    double largest = 0;
    for (int n = 0; n < count; n++)
        for (int i = 0; i < BLADES; i++) largest = fmax(largest, fabs(a[n].x[i] - b[n].x[i]));
    return largest;
}

static Multivector draw_multivector(Random *random) {
    double x[BLADES];
    Multivector m;
    random_fill_normal_double(random, x, BLADES, 0, 1);
    for (int i = 0; i < BLADES; i++) m.x[i] = x[i];
    return m;
}

/* ---- Products -------------------------------------------------------------------------------- */

static void macdonald(Comparison *comparison) {
    Multivector a = {{0}}, b = {{0}}, e12 = {{0}};
    a.x[2] = 2, a.x[3] = 3, b.x[2] = 4, b.x[3] = -1, e12.x[8] = 1;
    const Multivector c = multivector_product(a, b);
    puts("The product of two vectors is a number and a piece of plane, ab = a.b + a^b:\n");
    compare_value(comparison, "(2e1+3e2)(4e1-e2), 1", 5, c.x[0], 0, 1e-9);
    compare_value(comparison, "                  e12", -14, c.x[8], 0, 1e-9);
    compare_value(comparison, "5^2 + 14^2 = 13 x 17", 221, c.x[0] * c.x[0] + c.x[8] * c.x[8], 0,
                  1e-9);
    compare_value(comparison, "e12 e12", -1, multivector_product(e12, e12).x[0], 0, 1e-9);
}

/* One half of the table's columns, as 80 columns of a terminal allow. */
static void print_products(int first) {
    printf("\n  row times column");
    printf("\n       ");
    for (int b = first; b < first + BLADES / 2; b++) printf(" %7s", multivector_blade_name(b));
    putchar('\n');
    for (int a = 0; a < BLADES; a++) {
        printf("  %5s", multivector_blade_name(a));
        for (int b = first; b < first + BLADES / 2; b++) {
            int blade;
            const int sign = multivector_blade_product(a, b, &blade);
            printf(" %*s%s", sign ? 7 - (int)strlen(multivector_blade_name(blade)) : 7,
                   sign ? (sign < 0 ? "-" : " ") : "0", sign ? multivector_blade_name(blade) : "");
        }
        putchar('\n');
    }
}

static void draw_products(const char *out) {
    real signs[BLADES * BLADES];
    const char *labels[BLADES];
    for (int i = 0; i < BLADES * BLADES; i++) {
        int blade;
        signs[i] = (real)multivector_blade_product(i / BLADES, i % BLADES, &blade);
        labels[i / BLADES] = multivector_blade_name(i / BLADES);
    }
    const PlotMap map = {
        .data = signs, .rows = BLADES, .cols = BLADES, .row_labels = labels, .col_labels = labels};
    plot_heatmap(&(Picture){.name = "ga_products",
                            .directory = out,
                            .title = "The sign of row times column",
                            .caption = "orange plus, blue minus, white 0: wherever both have e0, "
                                       "which squares to 0",
                            .value_min = -1,
                            .value_max = 1,
                            .no_scale = true},
                 &map, -1);
}

static void products(Lesson *lesson, Comparison *comparison, Random *random) {
    int zeros = 0;
    for (int i = 0; i < BLADES * BLADES; i++) {
        int blade;
        zeros += multivector_blade_product(i / BLADES, i % BLADES, &blade) == 0;
    }
    print_products(0);
    print_products(BLADES / 2);
    draw_products(lesson->common.out);
    const Multivector a = draw_multivector(random), b = draw_multivector(random);
    const Multivector c = draw_multivector(random);
    const Multivector left = multivector_product(multivector_product(a, b), c);
    const Multivector right = multivector_product(a, multivector_product(b, c));
    puts("");
    compare_claim(comparison, "64 of the 256 are 0: those of two blades with e0", zeros == 64);
    compare_claim(comparison, "(ab)c = a(bc)", difference(&left, &right, 1) < 1e-9);
}

/* ---- Things and motions ---------------------------------------------------------------------- */

static void show(const char *name, Multivector m) {
    printf("  %-30s", name);
    for (int i = 0; i < BLADES; i++)
        if (fabs(m.x[i]) > 1e-9) printf(" %+.2f %s", m.x[i], multivector_blade_name(i));
    puts("");
}

static const double UP[3] = {0, 0, 1}, EAST[3] = {1, 0, 0};

static void motions(Comparison *comparison) {
    const Multivector p = multivector_point(1, 2, 3), t = multivector_translation(10, 0, 0);
    const Multivector quarter = multivector_rotation(UP, acos(0));
    const Multivector plane = multivector_plane(EAST, 4);
    show("the point (1,2,3)", p);
    show("moved by (10,0,0)", multivector_move(t, p));
    show("turned by a quarter about z", multivector_move(quarter, p));
    show("the plane x = 4", plane);
    show("moved by (10,0,0)", multivector_move(t, plane));
    show("turned", multivector_move(quarter, plane));
    show("the point in that mirror", multivector_mirror(plane, p));
    const Multivector there = multivector_move(t, p);
    const Multivector back = multivector_move(multivector_reverse(t), there);
    const Multivector wanted[] = {multivector_point(11, 2, 3), multivector_point(-2, 1, 3),
                                  multivector_plane(EAST, 14)};
    const Multivector got[] = {there, multivector_move(quarter, p), multivector_move(t, plane)};
    double mirrored[3];
    multivector_coordinates(multivector_mirror(plane, p), mirrored);
    puts("");
    compare_claim(comparison, "T x ~T moves, R x ~R turns, points and planes alike",
                  difference(wanted, got, 3) < 1e-9);
    compare_claim(comparison, "and ~T moves back", difference(&back, &p, 1) < 1e-9);
    // A motor: first one, then the other. A point lies on a plane if their outer product, the part
    // of the highest grade, is 0.
    const Multivector motor = multivector_product(t, quarter);
    const Multivector both = multivector_move(t, multivector_move(quarter, p));
    const Multivector once = multivector_move(motor, p);
    compare_claim(comparison, "TR is a motion again, a motor: first R, then T",
                  difference(&both, &once, 1) < 1e-9);
    const double on = multivector_product(multivector_point(4, 9, -7), plane).x[15];
    const double off = multivector_product(p, plane).x[15];
    compare_claim(comparison, "a plane mirrors: (1,2,3) in x = 4 is (7,2,3)",
                  fabs(mirrored[0] - 7) + fabs(mirrored[1] - 2) + fabs(mirrored[2] - 3) < 1e-9);
    compare_claim(comparison, "point times plane has their distance as its e0123: 0 and 3",
                  fabs(on) < 1e-9 && fabs(off - 3) < 1e-9);
}

/* ---- Linear maps ----------------------------------------------------------------------------- */

enum { UNKNOWNS = BLADES * BLADES };

/* A motion as a matrix (16,16): its column j is what becomes of blade j. */
static void matrix_of(double m[UNKNOWNS], Multivector motor, bool mirror) {
    for (int j = 0; j < BLADES; j++) {
        Multivector blade = {{0}};
        blade.x[j] = 1;
        const Multivector moved =
            mirror ? multivector_mirror(motor, blade) : multivector_move(motor, blade);
        for (int i = 0; i < BLADES; i++) m[i * BLADES + j] = moved.x[i];
    }
}

/* How many of the 256 equations M L - L M = 0 in the numbers of L, of which one comes to be row
 * after row, do not follow from those in rows (256,256): they are added, each with a 1 at the
 * place where the others have 0 (Gauss and Jordan). used says which places are taken. */
static void add_equations(double (*rows)[UNKNOWNS], bool used[UNKNOWNS], const double m[UNKNOWNS]) {
    for (int e = 0; e < UNKNOWNS; e++) {
        const int i = e / BLADES, j = e % BLADES;
        double row[UNKNOWNS] = {0};
        for (int k = 0; k < BLADES; k++) {
            row[k * BLADES + j] += m[i * BLADES + k];
            row[i * BLADES + k] -= m[k * BLADES + j];
        }
        for (int p = 0; p < UNKNOWNS; p++) {
            const double factor = row[p];
            if (!used[p] || factor == 0) continue;
            for (int q = p; q < UNKNOWNS; q++) row[q] -= factor * rows[p][q];
        }
        int pivot = 0;
        for (int p = 1; p < UNKNOWNS; p++)
            if (fabs(row[p]) > fabs(row[pivot])) pivot = p;
        if (fabs(row[pivot]) < 1e-7) continue; // it followed from the others
        for (int first = 0; first < UNKNOWNS; first++)
            if (fabs(row[first]) > 1e-7) {
                pivot = first;
                break;
            }
        const double scale = 1 / row[pivot];
        for (int q = 0; q < UNKNOWNS; q++) rows[pivot][q] = q < pivot ? 0 : row[q] * scale;
        used[pivot] = true;
    }
}

/* The dimension of the space of matrices that commute with motions drawn at random, and with
 * mirrors too if asked. */
static int commuting_maps(bool mirrors, Random *random) {
    double(*rows)[UNKNOWNS] = malloc(sizeof(double[UNKNOWNS][UNKNOWNS]));
    REQUIRE(rows, "no memory");
    bool used[UNKNOWNS] = {false};
    for (int n = 0; n < 3; n++) {
        double m[UNKNOWNS], d[4];
        random_fill_uniform_double(random, d, 4, -1, 1);
        const Multivector motor =
            multivector_product(multivector_translation(d[0], d[1], d[2]),
                                multivector_rotation(n % 2 ? UP : EAST, d[3]));
        matrix_of(m, motor, false);
        add_equations(rows, used, m);
        matrix_of(m, multivector_plane(n % 2 ? UP : EAST, d[3]), true);
        if (mirrors) add_equations(rows, used, m);
    }
    int left = UNKNOWNS;
    for (int p = 0; p < UNKNOWNS; p++) left -= used[p];
    free(rows);
    return left;
}

static void linear_maps(Comparison *comparison, Random *random) {
    static const char *const what[LINEAR_MAPS] = {
        "grade 0",          "grade 1",          "grade 2",          "grade 3",         "grade 4",
        "e0 times grade 0", "e0 times grade 1", "e0 times grade 2", "e0 times grade 3"};
    const double axis[3] = {0.6, 0, 0.8};
    const Multivector motor =
        multivector_product(multivector_translation(3, -1, 2), multivector_rotation(axis, 1));
    const Multivector plane = multivector_plane(axis, 2);
    double worst = 0;
    puts("f(M x) against M f(x) for a random x, M a motor and a mirror:\n");
    for (int map = 0; map < LINEAR_MAPS; map++) {
        const Multivector x = draw_multivector(random), y = multivector_linear_map(map, x);
        const Multivector before[2] = {multivector_linear_map(map, multivector_move(motor, x)),
                                       multivector_linear_map(map, multivector_mirror(plane, x))};
        const Multivector after[2] = {multivector_move(motor, y), multivector_mirror(plane, y)};
        printf("  %-18s %.1e  %.1e\n", what[map], difference(before, after, 1),
               difference(before + 1, after + 1, 1));
        worst = fmax(worst, difference(before, after, 2));
    }
    const int all = commuting_maps(true, random), motions_alone = commuting_maps(false, random);
    printf("\nAre there others? A matrix L (16,16) has 256 numbers, M L = L M are equations for\n"
           "them, and what is left free is counted. Motions alone leave %d, with mirrors %d.\n\n",
           motions_alone, all);
    compare_claim(comparison, "no motion and no mirror disturbs the nine", worst < 1e-9);
    compare_value(comparison, "such maps, with mirrors", LINEAR_MAPS, all, 0, 0);
}

/* ---- Attention ------------------------------------------------------------------------------- */

/* Of the 16 numbers, the 8 without e0: a motion turns them among themselves, as a rotation does,
 * and leaves the product of two such rows alone (multivector_inner). */
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
    for (int n = 0; n < TOKENS; n++) shifted[n] = multivector_move(motion, tokens[n]);
    attend(before, shifted, invariant);
    attend(after, tokens, invariant);
    for (int n = 0; n < TOKENS; n++) after[n] = multivector_move(motion, after[n]);
    return difference(before, after, TOKENS);
}

static void attention_in_a_room(Comparison *comparison, Random *random) {
    Multivector tokens[TOKENS];
    for (int n = 0; n < TOKENS; n++) tokens[n] = draw_multivector(random);
    const Multivector turn = multivector_rotation(UP, 1), shift = multivector_translation(3, -1, 2);
    const Multivector motion[3] = {turn, shift, multivector_product(shift, turn)};
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
         "not learn that physics is the same in the next room: `make 05/nbody` trains one.");
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
    lesson_step(&lesson, "All products of two blades");
    products(&lesson, &comparison, &random);
    lesson_step(&lesson, "Points, planes and motions are multivectors, too");
    motions(&comparison);
    lesson_step(&lesson, "Linear maps that no motion disturbs");
    linear_maps(&comparison, &random);
    lesson_step(&lesson, "Attention in a room");
    attention_in_a_room(&comparison, &random);
    return lesson_end(&lesson, compare_end(&comparison));
}
