/* multivector.h - the projective geometric algebra G(3,0,1): points, planes and motions as things
 * that can be multiplied.
 *
 * Four vectors e0, e1, e2, e3 generate it: e1, e2, e3 square to 1, e0 to 0, and two different ones
 * change sign when they change places, e1 e2 = -e2 e1. That makes 16 products in which each occurs
 * at most once, the basis blades. A grade is how many vectors a blade has. Order and embeddings
 * are those of the Geometric Algebra Transformer's code (Brehmer et al., arXiv 2305.18415).
 */
#ifndef MULTIVECTOR_H
#define MULTIVECTOR_H

#include <stdbool.h>

enum { BLADES = 16, GRADES = 5, LINEAR_MAPS = 9 };

/* One number for each blade:
 *     0    1   2   3   4   5    6    7    8    9    10   11    12    13    14    15
 *     1    e0  e1  e2  e3  e01  e02  e03  e12  e13  e23  e012  e013  e023  e123  e0123  */
typedef struct {
    double x[BLADES];
} Multivector;

const char *multivector_blade_name(int blade);
int multivector_grade_of(int blade);

/* blade a times blade b is the returned sign (-1, 0, 1) times *blade. */
int multivector_blade_product(int a, int b, int *blade);

Multivector multivector_product(Multivector a, Multivector b);
Multivector multivector_grade(Multivector a, int grade); // the blades of that grade alone

/* The factors of every blade in the opposite order: ~(ab) = ~b ~a. */
Multivector multivector_reverse(Multivector a);

/* The part of ~a b that is a number: the sum over the 8 blades without e0, with which e0 = 0
 * leaves nothing. No motion changes it. */
double multivector_inner(Multivector a, Multivector b);
bool multivector_blade_has_e0(int blade);

/* ---- Things ---------------------------------------------------------------------------------- */

Multivector multivector_point(double x, double y, double z);

/* The plane of the points p with n p = distance, n of length 1: n - distance e0. */
Multivector multivector_plane(const double n[3], double distance);

/* The point's coordinates; its e123 must not be 0. */
void multivector_coordinates(Multivector point, double p[3]);

/* ---- Motions --------------------------------------------------------------------------------- */

/* 1 - e0 (x e1 + y e2 + z e3) / 2 */
Multivector multivector_translation(double x, double y, double z);

/* cos(angle/2) - sin(angle/2) B about an axis (length 1) through the origin, B the plane at right
 * angles to it: a rotor. Products of the two are all motions, "motors". */
Multivector multivector_rotation(const double axis[3], double angle);

/* How a motor acts: M x ~M. */
Multivector multivector_move(Multivector motor, Multivector x);

/* How a plane acts, as a mirror: blades of odd grade change sign, and then P x ~P. */
Multivector multivector_mirror(Multivector plane, Multivector x);

/* ---- Maps ------------------------------------------------------------------------------------ */

/* Map 0 to 4: the grade of that number; 5 to 8: e0 times grade 0 to 3. They are all linear maps
 * that do not care whether the world is moved or mirrored before or after them (the paper's
 * proposition 2): sums of these nine with any weights. */
Multivector multivector_linear_map(int map, Multivector x);

#endif
