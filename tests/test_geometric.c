// Geometric algebra: products by hand, motions, the nine maps; and the model whose answers move
// along.
#include "04_multihead/lab/multivector.h"
#include "05_encoder_decoder/lab/geometric_model.h"
#include "common/kernels.h"
#include "tests/suite.h"

#include <check.h>
#include <math.h>
#include <string.h>

static Graph *graph;

static void setup(void) {
    graph = graph_new();
    graph_use(graph);
}

static void teardown(void) {
    graph_free(graph);
}

/* ---- The algebra ----------------------------------------------------------------------------- */

/* Products as one writes them down; sign 0 where e0 meets itself. */
START_TEST(products_by_hand) {
    static const struct {
        int a, b, sign;
        const char *result;
    } cases[] = {{2, 2, 1, "1"},    {1, 1, 0, ""},    {3, 2, -1, "e12"},  {8, 8, -1, "1"},
                 {14, 14, -1, "1"}, {2, 3, 1, "e12"}, {8, 3, 1, "e1"},    {14, 1, -1, "e0123"},
                 {5, 1, 0, ""},     {10, 4, 1, "e2"}, {15, 14, -1, "e0"}, {0, 13, 1, "e023"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        int blade;
        ck_assert_int_eq(multivector_blade_product(cases[i].a, cases[i].b, &blade), cases[i].sign);
        if (cases[i].sign) ck_assert_str_eq(multivector_blade_name(blade), cases[i].result);
    }
}
END_TEST

static Multivector motor(void) {
    static const double axis[3] = {0.48, -0.6, 0.64};
    return multivector_product(multivector_translation(3, -1, 2), multivector_rotation(axis, 0.7));
}

static double furthest(Multivector a, Multivector b) {
    double largest = 0;
    for (int i = 0; i < BLADES; i++) largest = fmax(largest, fabs(a.x[i] - b.x[i]));
    return largest;
}

/* Rodrigues' formula says where a rotated point goes. */
START_TEST(rotation_is_rodrigues) {
    static const double n[3] = {0.48, -0.6, 0.64}, p[3] = {1, 2, 3};
    const double c = cos(0.7), s = sin(0.7);
    const double along = n[0] * p[0] + n[1] * p[1] + n[2] * p[2];
    double got[3];
    multivector_coordinates(
        multivector_move(multivector_rotation(n, 0.7), multivector_point(1, 2, 3)), got);
    for (int i = 0; i < 3; i++) {
        const double cross = n[(i + 1) % 3] * p[(i + 2) % 3] - n[(i + 2) % 3] * p[(i + 1) % 3];
        ck_assert_double_eq_tol(got[i], p[i] * c + cross * s + n[i] * along * (1 - c), 1e-12);
    }
}
END_TEST

/* Of a product of two motors, of the inner product, and of each of the nine maps; a tenth map, a
 * single blade taken out, does not have the property. */
START_TEST(motions_disturb_nothing) {
    Multivector a, b;
    for (int i = 0; i < BLADES; i++) a.x[i] = sin(i + 1.0), b.x[i] = cos(3.0 * i);
    const Multivector m = motor();
    const Multivector moved = multivector_product(multivector_move(m, a), multivector_move(m, b));
    ck_assert_double_lt(furthest(moved, multivector_move(m, multivector_product(a, b))), 1e-9);
    ck_assert_double_eq_tol(multivector_inner(multivector_move(m, a), multivector_move(m, b)),
                            multivector_inner(a, b), 1e-9);
    for (int map = 0; map < LINEAR_MAPS; map++)
        ck_assert_double_lt(furthest(multivector_linear_map(map, multivector_move(m, a)),
                                     multivector_move(m, multivector_linear_map(map, a))),
                            1e-9);
    Multivector alone = a, after = multivector_move(m, a);
    for (int i = 0; i < BLADES; i++) alone.x[i] *= i == 2, after.x[i] *= i == 2;
    ck_assert_double_gt(furthest(after, multivector_move(m, alone)), 0.1);
}
END_TEST

/* ---- The model ------------------------------------------------------------------------------- */

/* system turned by a quarter about z and moved by (5,-2,1): (x,y,z) -> (5-y,x-2,z+1). */
static Planets elsewhere(Planets system) {
    Planets to = system;
    for (int i = 0; i < BODIES; i++) {
        const double *x = system.start[i], *v = system.velocity[i], *end = system.end[i];
        const double at[3] = {5 - x[1], x[0] - 2, x[2] + 1}, goes[3] = {-v[1], v[0], v[2]};
        const double is[3] = {5 - end[1], end[0] - 2, end[2] + 1};
        memcpy(to.start[i], at, sizeof at);
        memcpy(to.velocity[i], goes, sizeof goes);
        memcpy(to.end[i], is, sizeof is);
    }
    return to;
}

/* The largest difference between predicting in the moved world and moving the prediction. */
static double broken(bool geometric) {
    Planets systems[2];
    Random random;
    random_seed(&random, 4);
    planets_draw(systems, 1, 1, &random);
    systems[1] = elsewhere(systems[0]);
    GeometricModel *model = geometric_model_new(geometric, 1);
    const real *went = geometric_model_forward(model, systems, 2)->data;
    double largest = 0;
    for (int i = 0; i < BODIES; i++) {
        const real *here = went + 3 * i, *there = went + 3 * (BODIES + i);
        const double wanted[3] = {-(double)here[1], (double)here[0], (double)here[2]};
        for (int k = 0; k < 3; k++) largest = fmax(largest, fabs((double)there[k] - wanted[k]));
    }
    double size = 0;
    for (int i = 0; i < 3 * BODIES; i++) size = fmax(size, fabs((double)went[i]));
    geometric_model_free(model);
    return largest / size;
}

START_TEST(the_model_moves_along) {
    ck_assert_double_lt(broken(true), 1e-3);
    ck_assert_double_gt(broken(false), 1e-2);
}
END_TEST

/* Nature does not care either: the moved system ends where the end is moved to. */
START_TEST(planets_obey) {
    Planets p, later;
    Random random;
    random_seed(&random, 9);
    planets_draw(&p, 1, 1, &random);
    // The sum of all impulses stays: the centre of mass goes straight on.
    for (int k = 0; k < 3; k++) {
        double start = 0, end = 0, impulse = 0;
        for (int i = 0; i < BODIES; i++) {
            start += p.mass[i] * p.start[i][k];
            end += p.mass[i] * p.end[i][k];
            impulse += p.mass[i] * p.velocity[i][k];
        }
        ck_assert_double_eq_tol(end, start + impulse, 1e-9);
    }
    random_seed(&random, 9);
    planets_draw(&later, 1, 0, &random);
    ck_assert_double_eq(p.mass[2], later.mass[2]); // spread changes no draw but the shift
}
END_TEST

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    Suite *suite = suite_create("geometric");
    TCase *tc = tcase_create("geometric");
    tcase_add_checked_fixture(tc, setup, teardown);
    tcase_add_test(tc, products_by_hand);
    tcase_add_test(tc, rotation_is_rodrigues);
    tcase_add_test(tc, motions_disturb_nothing);
    tcase_add_test(tc, the_model_moves_along);
    tcase_add_test(tc, planets_obey);
    suite_add_tcase(suite, tc);
    return suite_run(suite);
}
