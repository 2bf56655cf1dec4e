#include "05_encoder_decoder/layer_norm.h"

#include "05_encoder_decoder/trace.h"
#include "common/init.h"

static const real EPSILON = (real)1e-5; // PyTorch's default

/* The variance is summed from the differences: E[x^2] - E[x]^2 would cancel. */
void layer_norm_forward(real *y, real *mean, real *rstd, const real *x, const real *w,
                        const real *b, size_t N, size_t E) {
    for (size_t n = 0; n < N; n++) {
        const real *row = x + n * E; // (E): every token is normalised on its own
        real sum = 0, squares = 0;
#pragma omp simd reduction(+ : sum)
        for (size_t e = 0; e < E; e++) sum += row[e];
        const real m = sum / (real)E;
#pragma omp simd reduction(+ : squares)
        for (size_t e = 0; e < E; e++) squares += (row[e] - m) * (row[e] - m);
        const real r = 1 / (real)sqrt(squares / (real)E + EPSILON);
        for (size_t e = 0; e < E; e++) y[n * E + e] = (row[e] - m) * r * w[e] + b[e];
        mean[n] = m;
        rstd[n] = r;
    }
}

/* With z = (x - mean) rstd, y was w z + b, so now dw += dy z, db += dy and dz = w dy; and since
 * every x of a row moves the row's mean and variance too,
 *     dx += rstd (dz - mean(dz) - z mean(dz z)).
 * A row of one number has z = 0 and passes nothing back; one of two has z near +-1, the terms
 * cancel but for the share epsilon / (var + epsilon), and in float little but rounding is left,
 * here as in PyTorch. In double it is right. From three numbers on nothing cancels by itself. */
void layer_norm_backward(real *dx, real *dw, real *db, const real *dy, const real *x, const real *w,
                         const real *mean, const real *rstd, size_t N, size_t E) {
    for (size_t n = 0; n < N; n++) {
        const real *row = x + n * E, *dyr = dy + n * E, m = mean[n], r = rstd[n];
        // Weight and bias served all rows: they collect from each of them.
        for (size_t e = 0; e < E && dw; e++) dw[e] += dyr[e] * (row[e] - m) * r;
        for (size_t e = 0; e < E && db; e++) db[e] += dyr[e];
        real sum = 0, dot = 0; // of dz, and of dz z, over the row
#pragma omp simd reduction(+ : sum, dot)
        for (size_t e = 0; e < E; e++) {
            const real dz = dyr[e] * w[e];
            sum += dz;
            dot += dz * (row[e] - m) * r;
        }
        const real mean_dz = sum / (real)E, mean_dzz = dot / (real)E;
        for (size_t e = 0; e < E && dx; e++)
            dx[n * E + e] += r * (dyr[e] * w[e] - mean_dz - (row[e] - m) * r * mean_dzz);
    }
}

/* ---- On the tape ----------------------------------------------------------------------------- */

/* Given. */
LayerNorm layer_norm_new(Parameters *parameters, const char *prefix, int E) {
    LayerNorm norm = {PARAMETER(parameters, prefix, "weight", E),
                      PARAMETER(parameters, prefix, "bias", E)};
    init_constant(norm.weight->data, (size_t)E, 1);
    return norm;
}

typedef struct {
    Tensor *x, *weight, *bias, *y;
    const real *mean, *rstd; // (N)
} LayerNormNode;

/* Given. */
static void layer_norm_go_back(const void *saved) {
    const LayerNormNode *s = saved;
    const size_t E = s->weight->size, N = s->x->size / E;
    const ProfilePlace before = profile_enter(PROFILE_NORMS);
    layer_norm_backward(tensor_grad(s->x), tensor_grad(s->weight), tensor_grad(s->bias), s->y->grad,
                        s->x->data, s->weight->data, s->mean, s->rstd, N, E);
    profile_leave(before);
}

/* Given. Checks, allocates and records. */
Tensor *layer_norm(const LayerNorm *norm, Tensor *x) {
    const size_t E = norm->weight->size, N = x->size / E;
    REQUIRE(x->ndim >= 1 && (size_t)x->shape[x->ndim - 1] == E, "last dimension %d, weight (%zu)",
            x->ndim ? x->shape[x->ndim - 1] : 0, E);
    const bool track = x->requires_grad || norm->weight->requires_grad || norm->bias->requires_grad;
    Tensor *y = tensor_new(x->ndim, x->shape, track);
    real *mean = graph_alloc(N * sizeof(real)), *rstd = graph_alloc(N * sizeof(real));
    const ProfilePlace before = profile_enter(PROFILE_NORMS);
    layer_norm_forward(y->data, mean, rstd, x->data, norm->weight->data, norm->bias->data, N, E);
    profile_leave(before);
    RECORD(y, layer_norm_go_back, LayerNormNode, x, norm->weight, norm->bias, y, mean, rstd);
    return traced(norm->weight->name, 1, y);
}
