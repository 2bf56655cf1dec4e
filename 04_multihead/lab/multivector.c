#include "04_multihead/lab/multivector.h"

#include <math.h>

static const char *const names[BLADES] = {"1",    "e0",   "e1",   "e2",   "e3",  "e01",
                                          "e02",  "e03",  "e12",  "e13",  "e23", "e012",
                                          "e013", "e023", "e123", "e0123"};
/* Which vectors a blade is made of, as bits: e0 1, e1 2, e2 4, e3 8. */
static const int vectors[BLADES] = {0, 1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15};

static int count_bits(int bits) {
    int count = 0;
    for (; bits; bits &= bits - 1) count++;
    return count;
}

const char *multivector_blade_name(int blade) {
    return names[blade];
}

int multivector_grade_of(int blade) {
    return count_bits(vectors[blade]);
}

bool multivector_blade_has_e0(int blade) {
    return vectors[blade] & 1;
}

int multivector_blade_product(int a, int b, int *blade) {
    int swaps = 0;
    // Each of a's vectors has to pass those of b that come before it; e_i e_j = -e_j e_i.
    for (int rest = vectors[a] >> 1; rest; rest >>= 1) swaps += count_bits(rest & vectors[b]);
    // A vector that both have cancels (e_i e_i = 1), which is what exclusive or does.
    const int left = vectors[a] ^ vectors[b];
    for (*blade = 0; vectors[*blade] != left;) ++*blade;
    if (vectors[a] & vectors[b] & 1) return 0; // e0 met itself
    return swaps % 2 ? -1 : 1;
}

Multivector multivector_product(Multivector a, Multivector b) {
    Multivector c = {{0}};
    for (int i = 0; i < BLADES; i++)
        for (int j = 0; j < BLADES; j++) {
            int blade;
            const int sign = multivector_blade_product(i, j, &blade);
            c.x[blade] += sign * a.x[i] * b.x[j];
        }
    return c;
}

Multivector multivector_grade(Multivector a, int grade) {
    for (int i = 0; i < BLADES; i++)
        if (multivector_grade_of(i) != grade) a.x[i] = 0;
    return a;
}

/* k factors turned round are k (k - 1) / 2 swaps: an odd number for grades 2 and 3. */
Multivector multivector_reverse(Multivector a) {
    for (int i = 0; i < BLADES; i++)
        if (multivector_grade_of(i) / 2 == 1) a.x[i] = -a.x[i];
    return a;
}

double multivector_inner(Multivector a, Multivector b) {
    return multivector_product(multivector_reverse(a), b).x[0];
}

Multivector multivector_point(double x, double y, double z) {
    Multivector p = {{0}};
    p.x[14] = 1, p.x[13] = -x, p.x[12] = y, p.x[11] = -z;
    return p;
}

void multivector_coordinates(Multivector point, double p[3]) {
    p[0] = -point.x[13] / point.x[14];
    p[1] = point.x[12] / point.x[14];
    p[2] = -point.x[11] / point.x[14];
}

Multivector multivector_plane(const double n[3], double distance) {
    Multivector plane = {{0}};
    plane.x[1] = -distance;
    for (int i = 0; i < 3; i++) plane.x[2 + i] = n[i];
    return plane;
}

Multivector multivector_translation(double x, double y, double z) {
    Multivector t = {{1}};
    t.x[5] = -x / 2, t.x[6] = -y / 2, t.x[7] = -z / 2;
    return t;
}

/* At right angles to e1 lies e2 e3, to e2 e3 e1 = -e13, to e3 e1 e2. */
Multivector multivector_rotation(const double axis[3], double angle) {
    Multivector r = {{cos(angle / 2)}};
    const double sine = sin(angle / 2);
    r.x[10] = -sine * axis[0], r.x[9] = sine * axis[1], r.x[8] = -sine * axis[2];
    return r;
}

Multivector multivector_move(Multivector motor, Multivector x) {
    return multivector_product(multivector_product(motor, x), multivector_reverse(motor));
}

Multivector multivector_mirror(Multivector plane, Multivector x) {
    for (int i = 0; i < BLADES; i++)
        if (multivector_grade_of(i) % 2) x.x[i] = -x.x[i];
    return multivector_move(plane, x);
}

Multivector multivector_linear_map(int map, Multivector x) {
    if (map < GRADES) return multivector_grade(x, map);
    Multivector e0 = {{0}};
    e0.x[1] = 1;
    return multivector_product(e0, multivector_grade(x, map - GRADES));
}
