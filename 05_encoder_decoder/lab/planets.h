/* planets.h - a star and three planets, drawn at random and followed for a while: what the
 * Geometric Algebra Transformer's first experiment predicts (Brehmer et al., section 5.1).
 */
#ifndef PLANETS_H
#define PLANETS_H

#include "common/random.h"

enum { BODIES = 4 };

typedef struct {
    double mass[BODIES];
    double start[BODIES][3], velocity[BODIES][3]; // at time 0
    double end[BODIES][3];                        // at time 1
} Planets;

/* A heavy star and light planets on nearly circular orbits about it in one plane; the whole turned
 * at random and moved by numbers from N(0, spread^2), so that no direction and no place is special.
 * Newton's law, by the leapfrog method in 200 steps. */
void planets_draw(Planets *systems, int count, double spread, Random *random);

#endif
