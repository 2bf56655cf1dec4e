#include "05_encoder_decoder/lab/planets.h"

#include <math.h>
#include <string.h>

enum { STEPS = 200 };
static const double SOFTENING = 0.01; // of distances squared, so that no force is infinite

static double uniform(Random *random, double from, double to) {
    return from + (to - from) * random_uniform_double(random);
}

/* turn (3,3) <- a rotation, uniform over all of them: from a quaternion of normal numbers. */
static void draw_rotation(double turn[3][3], Random *random) {
    double q[4], norm = 0;
    random_fill_normal_double(random, q, 4, 0, 1);
    for (int i = 0; i < 4; i++) norm += q[i] * q[i];
    for (int i = 0; i < 4; i++) q[i] /= sqrt(norm);
    const double w = q[0], x = q[1], y = q[2], z = q[3];
    const double m[3][3] = {
        {1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)},
        {2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)},
        {2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)},
    };
    memcpy(turn, m, sizeof m);
}

static void multiply(double y[3], double turn[3][3], const double x[3]) {
    for (int i = 0; i < 3; i++) y[i] = turn[i][0] * x[0] + turn[i][1] * x[1] + turn[i][2] * x[2];
}

/* The speed of a circle of radius r about a mass m is sqrt(m / r). */
static void draw_orbits(Planets *p, Random *random) {
    *p = (Planets){.mass = {uniform(random, 1, 3)}};
    for (int i = 1; i < BODIES; i++) {
        const double radius = uniform(random, 0.5, 2), angle = uniform(random, 0, 2 * acos(-1));
        const double speed = sqrt(p->mass[0] / radius) * uniform(random, 0.9, 1.1);
        p->mass[i] = uniform(random, 0.01, 0.1);
        p->start[i][0] = radius * cos(angle), p->start[i][1] = radius * sin(angle);
        p->velocity[i][0] = -speed * sin(angle), p->velocity[i][1] = speed * cos(angle);
    }
}

static void place(Planets *p, double spread, Random *random) {
    double turn[3][3], shift[3];
    draw_rotation(turn, random);
    random_fill_normal_double(random, shift, 3, 0, spread);
    for (int i = 0; i < BODIES; i++) {
        double start[3], velocity[3];
        multiply(start, turn, p->start[i]);
        multiply(velocity, turn, p->velocity[i]);
        for (int k = 0; k < 3; k++)
            p->start[i][k] = start[k] + shift[k], p->velocity[i][k] = velocity[k];
    }
}

/* velocity += dt times the sum over the others of mass (their place - ours) / distance^3. */
static void kick(double velocity[BODIES][3], double x[BODIES][3], const double *mass, double dt) {
    for (int i = 0; i < BODIES; i++)
        for (int j = 0; j < BODIES; j++) {
            double square = SOFTENING;
            for (int k = 0; k < 3; k++) square += (x[j][k] - x[i][k]) * (x[j][k] - x[i][k]);
            for (int k = 0; k < 3; k++)
                velocity[i][k] += dt * mass[j] * (x[j][k] - x[i][k]) / (square * sqrt(square));
        }
}

static void follow(Planets *p) {
    double velocity[BODIES][3];
    const double dt = 1.0 / STEPS;
    memcpy(velocity, p->velocity, sizeof velocity);
    memcpy(p->end, p->start, sizeof p->end);
    for (int step = 0; step < STEPS; step++) {
        kick(velocity, p->end, p->mass, dt / 2);
        for (int i = 0; i < BODIES; i++)
            for (int k = 0; k < 3; k++) p->end[i][k] += dt * velocity[i][k];
        kick(velocity, p->end, p->mass, dt / 2);
    }
}

void planets_draw(Planets *systems, int count, double spread, Random *random) {
    for (int n = 0; n < count; n++) {
        draw_orbits(&systems[n], random);
        place(&systems[n], spread, random);
        follow(&systems[n]);
    }
}
