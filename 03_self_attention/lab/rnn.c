#include "03_self_attention/lab/rnn.h"

#include <stdio.h>

static Linear affine(Parameters *parameters, const char *prefix, const char *name, int in, int out,
                     double bound, Random *random) {
    char full[256];
    snprintf(full, sizeof full, "%s%s.weight", prefix, name);
    Linear linear = {PARAMETER(parameters, "", full, out, in), NULL};
    snprintf(full, sizeof full, "%s%s.bias", prefix, name);
    linear.bias = PARAMETER(parameters, "", full, out);
    random_fill_uniform(random, linear.weight->data, linear.weight->size, -bound, bound);
    random_fill_uniform(random, linear.bias->data, linear.bias->size, -bound, bound);
    return linear;
}

/* A state goes through this matrix once for every token. A random one shrinks or stretches it each
 * time, to nothing or without end over a long string; a rotation does neither.
 *
 * w (n,n) <- rows at right angles to each other, of length 1: Gram-Schmidt on normal draws. */
static void fill_orthogonal(real *w, int n, Random *random) {
    random_fill_normal(random, w, (size_t)n * (size_t)n, 0, 1);
    for (int i = 0; i < n; i++) {
        real *row = w + i * n;
        for (int j = 0; j <= i; j++) {
            const real *other = w + j * n;
            double dot = 0;
            for (int k = 0; k < n; k++) dot += (double)row[k] * (double)other[k];
            for (int k = 0; k < n; k++)
                row[k] = j < i ? (real)((double)row[k] - dot * (double)other[k])
                               : (real)((double)row[k] / sqrt(dot));
        }
    }
}

RnnCell rnn_cell_new(Parameters *parameters, const char *prefix, int input_size, int hidden_size,
                     bool orthogonal, Random *random) {
    const double bound = 1 / sqrt(hidden_size);
    RnnCell cell;
    cell.input = affine(parameters, prefix, "input", input_size, hidden_size, bound, random);
    cell.hidden = affine(parameters, prefix, "hidden", hidden_size, hidden_size, bound, random);
    if (orthogonal) fill_orthogonal(cell.hidden.weight->data, hidden_size, random);
    return cell;
}

Tensor *rnn_cell_forward(const RnnCell *cell, Tensor *x, Tensor *h) {
    return op_tanh(op_add(linear_forward(&cell->input, x), linear_forward(&cell->hidden, h)));
}

Tensor *rnn_cell_start(const RnnCell *cell, int B) {
    Tensor *h = TENSOR(B, cell->hidden.weight->shape[0]);
    memset(h->data, 0, h->size * sizeof(real));
    return h;
}
