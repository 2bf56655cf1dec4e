/* layer_gradients.h - how long the gradient is, layer by layer. */
#ifndef LAYER_GRADIENTS_H
#define LAYER_GRADIENTS_H

#include "common/parameters.h"

enum { LAYER_NAME_BYTES = 64 };

/* Begin with all zeros. */
typedef struct {
    char
        name[LAYER_NAME_BYTES]; // "encoder.layers.0"; of what is in no layer, all but the last word
    double norm;                // of the gradients of its parameters, together
    int next;                   // the first parameter of the next one
    size_t next_flat;           // its place among the flattened elements
} LayerGradient;

/* Steps to the next layer of a model whose gradients are there; false: there is none left. In the
 * order of construction, in which the parameters of a layer stand together. */
bool layer_gradients_next(const Parameters *parameters, LayerGradient *layer);

#endif
