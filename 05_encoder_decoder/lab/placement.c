#include "05_encoder_decoder/lab/placement.h"

#include "02_positional_encoding/sinusoid.h"
#include "common/init.h"

#include <stdio.h>
#include <stdlib.h>

static Tensor *attention(const EncoderLayer *l, Tensor *x) {
    return multihead_forward(&l->self_attn, x, x, (Masks){0}, NULL, NULL);
}

static Tensor *feed_forward(const EncoderLayer *l, Tensor *x) {
    return linear_forward(&l->linear2, op_relu(linear_forward(&l->linear1, x)));
}

static Tensor *sub_layer(const EncoderLayer *l, Placement placement, const LayerNorm *norm,
                         Tensor *(*f)(const EncoderLayer *, Tensor *), Tensor *x) {
    switch (placement) {
    case PLACED_BARE:
        return f(l, x);
    case PLACED_NORM:
        return layer_norm(norm, f(l, x));
    case PLACED_RESIDUAL:
        return op_add(x, f(l, x));
    case PLACED_POST:
        return layer_norm(norm, op_add(x, f(l, x)));
    case PLACED_PRE:
        return op_add(x, f(l, layer_norm(norm, x)));
    case PLACED_STREAM:
        x = layer_norm(norm, x);
        return op_add(x, f(l, x));
    case PLACEMENT_COUNT:
        break;
    }
    REQUIRE(false, "placement %d", (int)placement);
    return x;
}

Tensor *placed_layer(const EncoderLayer *layer, Placement placement, Tensor *x) {
    x = sub_layer(layer, placement, &layer->norm1, attention, x);
    return sub_layer(layer, placement, &layer->norm2, feed_forward, x);
}

/* Every matrix by Xavier, so that a layer neither blows up nor shrinks what it is given by much,
 * and every bias zero: what is measured is the wiring. */
static void draw_matrices(Parameters *parameters, Random *random) {
    for (int i = 0; i < parameters->count; i++) {
        Tensor *t = parameters->items[i];
        const size_t length = strlen(t->name);
        if (t->ndim == 2)
            init_xavier_uniform(random, t->data, (size_t)t->shape[0], (size_t)t->shape[1], 1);
        else if (strcmp(t->name + length - 4, "bias") == 0)
            init_constant(t->data, t->size, 0);
    }
}

PlacedStack *placed_stack_new(Placement placement, LayerConfig config, int num_layers, int vocab,
                              Random *random) {
    PlacedStack *s = memory_calloc(sizeof *s);
    Parameters *p = &s->parameters;
    s->placement = placement;
    s->num_layers = num_layers;
    s->layers = memory_calloc((size_t)num_layers * sizeof *s->layers);
    for (int i = 0; i < num_layers; i++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "layers.%d.", i);
        s->layers[i] = encoder_layer_new(p, prefix, config, random);
    }
    s->last = layer_norm_new(p, "norm.", config.d_model);
    s->readout = linear_new(p, "readout.", config.d_model, vocab, true, random);
    draw_matrices(p, random);
    s->embedding = embedding_new(p, "embedding.", vocab, config.d_model, random);
    return s;
}

void placed_stack_free(PlacedStack *stack) {
    if (!stack) return;
    parameters_free(&stack->parameters);
    free(stack->layers);
    free(stack);
}

Tensor *placed_stack_forward(const PlacedStack *stack, const int *ids, int B, int S) {
    Tensor *x = sinusoid_add(EMBEDDING_FORWARD(&stack->embedding, ids, B, S), 0);
    for (int i = 0; i < stack->num_layers; i++)
        x = placed_layer(&stack->layers[i], stack->placement, x);
    if (stack->placement == PLACED_PRE || stack->placement == PLACED_STREAM)
        x = layer_norm(&stack->last, x);
    return linear_forward(&stack->readout, x);
}

double root_mean_square(const real *x, size_t n) {
    double sum = 0;
    for (size_t i = 0; i < n; i++) sum += (double)x[i] * (double)x[i];
    return sqrt(sum / (double)n);
}
