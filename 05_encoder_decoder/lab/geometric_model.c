#include "05_encoder_decoder/lab/geometric_model.h"

#include "03_self_attention/attention.h"
#include "04_multihead/lab/multivector.h"

#include <stdio.h>
#include <stdlib.h>

/* C channels of multivectors; E, H, F: the plain model's width, heads and feed-forward, chosen so
 * that it has more parameters than the geometric one. */
enum { C = 8, E = 64, H = 4, F = 128, INPUTS = 2, NEAR = 5 };

/* ---- Linear maps ----------------------------------------------------------------------------- */

static GeometricLinear geometric_linear_new(Parameters *parameters, const char *prefix, int in,
                                            int out, Random *random) {
    GeometricLinear linear = {.in = in, .out = out};
    linear.weight = PARAMETER(parameters, prefix, "weight", out, in, LINEAR_MAPS);
    linear.bias = PARAMETER(parameters, prefix, "bias", out);
    // The five maps that keep a grade as large as in nn.Linear, the four with e0 as well.
    random_fill_normal(random, linear.weight->data, linear.weight->size, 0, 1 / sqrt(in));
    return linear;
}

/* The nine maps as rows (9,256): row m is the matrix (16,16) of map m. */
static Tensor *nine_maps(void) {
    Tensor *maps = TENSOR(LINEAR_MAPS, BLADES * BLADES);
    for (int m = 0; m < LINEAR_MAPS; m++)
        for (int j = 0; j < BLADES; j++) {
            Multivector blade = {{0}};
            blade.x[j] = 1;
            const Multivector y = multivector_linear_map(m, blade);
            for (int i = 0; i < BLADES; i++)
                maps->data[(m * BLADES + i) * BLADES + j] = (real)y.x[i];
        }
    return maps;
}

/* x (B,T,I,16) -> (B,T,O,16). The weights and the nine maps make one matrix (O 16, I 16). */
static Tensor *geometric_linear(const GeometricLinear *l, Tensor *x) {
    const int B = x->shape[0], T = x->shape[1], I = l->in, O = l->out;
    Tensor *w = op_matmul(RESHAPE(l->weight, O * I, LINEAR_MAPS), nine_maps()); // (O I,256)
    w = op_transpose(RESHAPE(w, O, I, BLADES, BLADES), 1, 2);                   // (O,16,I,16)
    w = RESHAPE(w, O * BLADES, I * BLADES);
    Tensor *y = op_linear(RESHAPE(x, B * T, I * BLADES), w, NULL); // (B T,O 16)
    Tensor *one = TENSOR(1, BLADES); // only a number is the same everywhere
    memset(one->data, 0, one->size * sizeof(real));
    one->data[0] = 1;
    Tensor *bias = op_matmul(RESHAPE(l->bias, O, 1), one); // (O,16)
    return op_add(RESHAPE(y, B, T, O, BLADES), bias);
}

/* ---- Between linear maps --------------------------------------------------------------------- */

/* (16): 1 at the blades that no motion mixes with others' products, those without e0. */
static Tensor *without_e0(void) {
    Tensor *mask = TENSOR(BLADES);
    for (int i = 0; i < BLADES; i++) mask->data[i] = !multivector_blade_has_e0(i);
    return mask;
}

/* x (B,T,C,16) / sqrt(the mean over the channels of its inner product with itself). */
static Tensor *geometric_norm(Tensor *x) {
    Tensor *squares = op_mul(op_mul(x, x), without_e0());
    Tensor *mean = op_scale(op_sum_dim(op_sum_dim(squares, 3), 2), 1 / (real)C); // (B,T)
    mean = RESHAPE(mean, x->shape[0], x->shape[1], 1, 1);
    return op_mul(x, op_pow(op_add(mean, tensor_scalar((real)0.01)), (real)-0.5));
}

/* Products of the channels in the same place: a, b (B,T,C,16) -> (B,T,C,16). All 256 products of
 * two numbers, and each is added to the blade that its blades make, with its sign. */
static Tensor *geometric_product(Tensor *a, Tensor *b) {
    const int N = (int)(a->size / BLADES);
    Tensor *table = TENSOR(BLADES * BLADES, BLADES);
    memset(table->data, 0, table->size * sizeof(real));
    for (int i = 0; i < BLADES * BLADES; i++) {
        int blade;
        const int sign = multivector_blade_product(i / BLADES, i % BLADES, &blade);
        table->data[i * BLADES + blade] = (real)sign;
    }
    Tensor *all = op_mul(RESHAPE(a, N, BLADES, 1), RESHAPE(b, N, 1, BLADES)); // (N,16,16)
    Tensor *y = op_matmul(RESHAPE(all, N, BLADES * BLADES), table);           // (N,16)
    return op_reshape(y, a->ndim, a->shape);
}

/* Each channel times gelu of its own scalar part. */
static Tensor *geometric_gate(Tensor *x) {
    return op_mul(x, op_gelu(op_slice(x, 3, 0, 1)));
}

/* ---- Attention ------------------------------------------------------------------------------- */

/* Five numbers a channel whose products are minus the squared distance of the points that the
 * channels hold, (w, x) and (v, y) with points x/w and y/v:
 *     -(v x - w y)^2 = -v^2 x^2 - w^2 y^2 + 2 v w x y
 * x (B,T,C,16) -> (B,T,C 5), as a query or as a key (the paper's appendix on distances). */
static Tensor *distance_features(Tensor *x, bool query) {
    const int B = x->shape[0], T = x->shape[1];
    Tensor *p = op_slice(x, 3, 11, 3), *w = op_slice(x, 3, 14, 1); // (B,T,C,3), (B,T,C,1)
    Tensor *square = RESHAPE(op_sum_dim(op_mul(p, p), 3), B, T, C, 1);
    Tensor *weight = op_mul(w, w), *both = op_mul(p, w);
    Tensor *y = query ? op_concat(square, weight, 3)
                      : op_concat(op_scale(weight, -1), op_scale(square, -1), 3);
    y = op_concat(y, query ? both : op_scale(both, 2), 3);
    return RESHAPE(y, B, T, C * NEAR);
}

/* x (B,T,C,16) -> what is compared of it: (B,T,C 16 + C 5) */
static Tensor *compared(Tensor *x, bool query) {
    const int B = x->shape[0], T = x->shape[1];
    Tensor *inner = RESHAPE(op_mul(x, without_e0()), B, T, C * BLADES);
    return op_concat(inner, distance_features(x, query), 2);
}

static Tensor *geometric_layer(const GeometricLayer *l, Tensor *x) {
    const int B = x->shape[0], T = x->shape[1];
    Tensor *in = geometric_norm(x);
    Tensor *q = compared(geometric_linear(&l->q, in), true);
    Tensor *k = compared(geometric_linear(&l->k, in), false);
    Tensor *v = RESHAPE(geometric_linear(&l->v, in), B, T, C * BLADES);
    Tensor *found = scaled_dot_product_attention(q, k, v, (Masks){0}, 0, NULL); // (B,T,C 16)
    x = op_add(x, geometric_linear(&l->out, RESHAPE(found, B, T, C, BLADES)));

    in = geometric_norm(x);
    Tensor *product =
        geometric_product(geometric_linear(&l->left, in), geometric_linear(&l->right, in));
    return op_add(x, geometric_linear(&l->after, geometric_gate(product)));
}

/* ---- Models ---------------------------------------------------------------------------------- */

static void new_geometric(GeometricModel *m, Random *random) {
    Parameters *p = &m->parameters;
    m->enter = geometric_linear_new(p, "enter.", INPUTS, C, random);
    for (int i = 0; i < GEOMETRIC_LAYERS; i++) {
        static const char *const names[] = {"q", "k", "v", "out", "left", "right", "after"};
        GeometricLinear *const part[] = {
            &m->layers[i].q,    &m->layers[i].k,     &m->layers[i].v,    &m->layers[i].out,
            &m->layers[i].left, &m->layers[i].right, &m->layers[i].after};
        for (int k = 0; k < 7; k++) {
            char prefix[32];
            snprintf(prefix, sizeof prefix, "layers.%d.%s.", i, names[k]);
            *part[k] = geometric_linear_new(p, prefix, C, C, random);
            // Small, so that what is added to a token in the beginning is small.
            for (size_t n = 0; n < part[k]->weight->size; n++)
                part[k]->weight->data[n] *= (real)0.3;
        }
    }
    m->leave = geometric_linear_new(p, "leave.", C, 1, random);
    for (size_t n = 0; n < m->leave.weight->size; n++) m->leave.weight->data[n] *= (real)0.1;
}

static void new_plain(GeometricModel *m, Random *random) {
    const LayerConfig config = {.d_model = E, .nhead = H, .dim_feedforward = F, .norm_first = true};
    m->embed = linear_new(&m->parameters, "embed.", 7, E, true, random);
    for (int i = 0; i < GEOMETRIC_LAYERS; i++) {
        char prefix[32];
        snprintf(prefix, sizeof prefix, "layers.%d.", i);
        m->plain[i] = encoder_layer_new(&m->parameters, prefix, config, random);
    }
    m->readout = linear_new(&m->parameters, "readout.", E, 3, true, random);
}

GeometricModel *geometric_model_new(bool geometric, uint64_t seed) {
    GeometricModel *m = memory_calloc(sizeof *m);
    Random random;
    random_seed(&random, seed);
    m->geometric = geometric;
    if (geometric)
        new_geometric(m, &random);
    else
        new_plain(m, &random);
    return m;
}

void geometric_model_free(GeometricModel *model) {
    if (!model) return;
    parameters_free(&model->parameters);
    free(model);
}

/* Channel 0: the point, and the mass as its scalar. Channel 1: the velocity, a direction: a
 * point's blades without e123, so that it turns with the world and does not move. */
static Tensor *multivectors(const Planets *systems, int count) {
    Tensor *x = TENSOR(count, BODIES, INPUTS, BLADES);
    for (int n = 0; n < count * BODIES; n++) {
        const Planets *p = &systems[n / BODIES];
        const double *at = p->start[n % BODIES], *v = p->velocity[n % BODIES];
        Multivector in[INPUTS] = {multivector_point(at[0], at[1], at[2]),
                                  multivector_point(v[0], v[1], v[2])};
        in[0].x[0] = p->mass[n % BODIES];
        in[1].x[14] = 0;
        for (int i = 0; i < INPUTS * BLADES; i++)
            x->data[n * INPUTS * BLADES + i] = (real)in[i / BLADES].x[i % BLADES];
    }
    return x;
}

/* y (B,BODIES,1,16) and the bodies' own points -> y's point less the body's, both times y's e123:
 * a direction (B,BODIES,3). */
static Tensor *step_of(Tensor *y, const Planets *systems, int B) {
    Tensor *place = TENSOR(B, BODIES, 1, 3), *sign = TENSOR(3);
    // x is -e023, y e013, z -e012: e012 is the first of the three.
    for (int k = 0; k < 3; k++) sign->data[k] = k == 1 ? 1 : -1;
    for (int n = 0; n < B * BODIES; n++)
        for (int k = 0; k < 3; k++)
            place->data[n * 3 + k] =
                sign->data[k] * (real)systems[n / BODIES].start[n % BODIES][2 - k];
    Tensor *point = op_slice(y, 3, 11, 3), *weight = op_slice(y, 3, 14, 1);
    Tensor *step = op_mul(op_sub(point, op_mul(place, weight)), sign); // z, y, x
    step = RESHAPE(step, B, BODIES, 3);
    Tensor *z = op_slice(step, 2, 0, 1), *middle = op_slice(step, 2, 1, 1);
    return op_concat(op_concat(op_slice(step, 2, 2, 1), middle, 2), z, 2);
}

/* Mass, place, velocity as seven plain numbers. */
static Tensor *plain_numbers(const Planets *systems, int count) {
    Tensor *x = TENSOR(count, BODIES, 7);
    for (int n = 0; n < count * BODIES; n++) {
        const Planets *p = &systems[n / BODIES];
        real *row = x->data + (size_t)n * 7;
        row[0] = (real)p->mass[n % BODIES];
        for (int k = 0; k < 3; k++) {
            row[1 + k] = (real)p->start[n % BODIES][k];
            row[4 + k] = (real)p->velocity[n % BODIES][k];
        }
    }
    return x;
}

Tensor *geometric_model_forward(const GeometricModel *m, const Planets *systems, int count) {
    if (m->geometric) {
        Tensor *x = geometric_linear(&m->enter, multivectors(systems, count)); // (B,T,C,16)
        for (int i = 0; i < GEOMETRIC_LAYERS; i++) x = geometric_layer(&m->layers[i], x);
        return step_of(geometric_linear(&m->leave, x), systems, count);
    }
    Tensor *x = linear_forward(&m->embed, plain_numbers(systems, count)); // (B,T,E)
    for (int i = 0; i < GEOMETRIC_LAYERS; i++)
        x = encoder_layer_forward(&m->plain[i], x, (Masks){0}, NULL);
    return linear_forward(&m->readout, x);
}

Tensor *geometric_model_loss(const GeometricModel *model, const Planets *systems, int count) {
    Tensor *went = TENSOR(count, BODIES, 3);
    for (int n = 0; n < count * BODIES * 3; n++) {
        const Planets *p = &systems[n / (BODIES * 3)];
        went->data[n] = (real)(p->end[n / 3 % BODIES][n % 3] - p->start[n / 3 % BODIES][n % 3]);
    }
    Tensor *error = op_sub(geometric_model_forward(model, systems, count), went);
    return op_mean(op_mul(error, error));
}
