#include "06_training/run/layer_gradients.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* "encoder.layers.0" of "transformer.encoder.layers.0.linear1.weight". */
static void layer_of(const char *name, char layer[LAYER_NAME_BYTES]) {
    if (strncmp(name, "transformer.", 12) == 0) name += 12;
    const char *layers = strstr(name, "layers.");
    const char *end = layers ? strchr(layers + 7, '.') : strrchr(name, '.');
    const size_t length = end ? (size_t)(end - name) : strlen(name);
    snprintf(layer, LAYER_NAME_BYTES, "%.*s", (int)length, name);
}

bool layer_gradients_next(const Parameters *parameters, LayerGradient *layer) {
    if (layer->next >= parameters->count) return false;
    const size_t first = layer->next_flat;
    layer_of(parameters->items[layer->next]->name, layer->name);
    for (; layer->next < parameters->count; layer->next++) {
        const Tensor *tensor = parameters->items[layer->next];
        char name[LAYER_NAME_BYTES];
        layer_of(tensor->name, name);
        if (strcmp(name, layer->name) != 0) break;
        layer->next_flat += tensor->size;
    }
    layer->norm = sqrt(parameters_grad_squares(parameters, first, layer->next_flat - first));
    return true;
}
