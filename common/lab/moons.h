/* moons.h - two interleaving half circles, a net that tells them apart, and its training.
 *
 * The data are those of micrograd's demo notebook: scikit-learn's make_moons(100, noise=0.1) after
 * numpy.random.seed(1337), point for point.
 */
#ifndef MOONS_H
#define MOONS_H

#include "common/linear.h"

enum { MOONS_POINTS = 100, MOONS_HIDDEN = 16, MOONS_LAYERS = 3 };

typedef struct {
    real x[MOONS_POINTS * 2]; // (100,2)
    int label[MOONS_POINTS];  // 0 the upper moon, 1 the lower one
} Moons;

/* Draws the points as NumPy does after numpy.random.seed(seed). */
void moons_make(Moons *moons, uint64_t seed);

/* linear, relu, linear, relu, linear: 2 -> 16 -> 16 -> outputs. */
typedef struct {
    Parameters parameters;
    Linear layer[MOONS_LAYERS];
} MoonsNet;

/* Weights as nn.Linear draws them. Call moons_net_free. */
void moons_net_new(MoonsNet *net, int outputs, Random *random);
void moons_net_free(MoonsNet *net);

/* x (N,2) -> (N,outputs) */
Tensor *moons_net_forward(const MoonsNet *net, Tensor *x);

/* How many of the points a net with two outputs gives its larger logit to the right moon. */
int moons_correct(const Tensor *logits, const Moons *moons);

/* What one watches while a net is trained; each may be NULL. */
typedef struct {
    real *loss;                            // (steps) the mean loss before each step
    int *correct;                          // (steps) how many points were right then
    void (*look)(void *context, int step); // called before each step
    void *context;
} MoonsWatch;

/* Trains a net with two outputs on all points at once by training_run, with Adam at one rate. */
void moons_train(MoonsNet *net, const Moons *moons, double rate, int steps,
                 const MoonsWatch *watch);

/* The part of the plane that pictures show, on a grid whose row 0 is at y_min. */
typedef struct {
    double x_min, x_max, y_min, y_max;
    int rows, cols;
} MoonsGrid;

/* How sure a net with two outputs is of the lower moon, p(1) - p(0): field (rows,cols). */
void moons_field(const MoonsNet *net, const MoonsGrid *grid, real *field);

/* The same as characters, map (rows,cols), the uppermost row first: ':' where the net says the
 * lower moon, 'o' and 'x' the points of the upper and the lower one. */
void moons_map(const MoonsNet *net, const MoonsGrid *grid, const Moons *moons, char *map);

#endif
