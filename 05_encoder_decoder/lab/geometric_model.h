/* geometric_model.h - a small Geometric Algebra Transformer, and a plain one beside it: both are
 * told where a star and its planets are and how they move, and predict where they will be.
 *
 * The geometric one's tokens are channels of multivectors (04_multihead/lab/multivector.h). All
 * that it is made of lets a motion of the world through: linear maps that mix channels by the nine
 * maps, attention that compares what no motion changes, products of multivectors, and scaling by
 * numbers that no motion changes. So what it predicts moves along, trained or not.
 */
#ifndef GEOMETRIC_MODEL_H
#define GEOMETRIC_MODEL_H

#include "05_encoder_decoder/encoder_layer.h"
#include "05_encoder_decoder/lab/planets.h"

enum { GEOMETRIC_LAYERS = 2 };

/* A linear map of channels: output channel o is the sum over the inputs i and the nine maps m of
 * weight[o,i,m] map_m(x_i), and a number is added to its scalar part. */
typedef struct {
    Tensor *weight, *bias; // (O,I,9), (O)
    int in, out;
} GeometricLinear;

typedef struct {
    GeometricLinear q, k, v, out;       // attention
    GeometricLinear left, right, after; // a product of two maps, and what is made of it
} GeometricLayer;

typedef struct {
    Parameters parameters;
    bool geometric; // which of the two it is
    GeometricLinear enter, leave;
    GeometricLayer layers[GEOMETRIC_LAYERS];
    Linear embed, readout; // the plain one: (E,7), (3,E)
    EncoderLayer plain[GEOMETRIC_LAYERS];
} GeometricModel;

/* Caller frees with geometric_model_free. */
GeometricModel *geometric_model_new(bool geometric, uint64_t seed);
void geometric_model_free(GeometricModel *model); // NULL is allowed

/* How far each body will have gone at time 1: (count,BODIES,3), in the current graph. */
Tensor *geometric_model_forward(const GeometricModel *model, const Planets *systems, int count);

/* The mean over the systems, bodies and directions of the squared error, a scalar. */
Tensor *geometric_model_loss(const GeometricModel *model, const Planets *systems, int count);

#endif
