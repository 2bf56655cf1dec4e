#include "01_embeddings/embedding.h"

Embedding embedding_new(Parameters *parameters, const char *prefix, int num_embeddings,
                        int embedding_dim, Random *random) {
    Embedding embedding = {PARAMETER(parameters, prefix, "weight", num_embeddings, embedding_dim)};
    random_fill_normal(random, embedding.weight->data, embedding.weight->size, 0, 1);
    return embedding;
}

typedef struct {
    Tensor *weight, *y;
    const int *ids;
    size_t count;
    real scale;
} EmbeddingNode;

/* y (N,E): row n is scale times row ids[n] of weight (V,E). */
static void lookup_forward(real *y, const real *weight, const int *ids, size_t N, size_t E,
                           real scale) {
    for (size_t n = 0; n < N; n++) {
        const real *row = weight + (size_t)ids[n] * E;
        for (size_t e = 0; e < E; e++) y[n * E + e] = scale * row[e];
    }
}

/* Only the rows that were looked up receive anything, a row used twice from both places. */
static void lookup_backward(real *dweight, const real *dy, const int *ids, size_t N, size_t E,
                            real scale) {
    for (size_t n = 0; n < N; n++) {
        real *row = dweight + (size_t)ids[n] * E;
        for (size_t e = 0; e < E; e++) row[e] += scale * dy[n * E + e];
    }
}

static void embedding_go_back(const void *saved) {
    const EmbeddingNode *s = saved;
    lookup_backward(tensor_grad(s->weight), s->y->grad, s->ids, s->count,
                    (size_t)s->weight->shape[1], s->scale);
}

static Tensor *lookup(const Embedding *embedding, const int *ids, int ndim, const int *shape,
                      real scale) {
    Tensor *weight = embedding->weight;
    REQUIRE(ndim < MAX_DIMS, "ids of %d dimensions; at most %d", ndim, MAX_DIMS - 1);
    int full[MAX_DIMS];
    for (int i = 0; i < ndim; i++) full[i] = shape[i];
    full[ndim] = weight->shape[1];
    Tensor *y = tensor_new(ndim + 1, full, weight->requires_grad);
    const size_t count = y->size / (size_t)weight->shape[1];
    for (size_t n = 0; n < count; n++)
        REQUIRE(ids[n] >= 0 && ids[n] < weight->shape[0],
                "id %d at place %zu; the table has %d rows", ids[n], n, weight->shape[0]);
    lookup_forward(y->data, weight->data, ids, count, (size_t)weight->shape[1], scale);
    RECORD(y, embedding_go_back, EmbeddingNode, weight, y, ids, count, scale);
    return y;
}

Tensor *embedding_forward(const Embedding *embedding, const int *ids, int ndim, const int *shape) {
    return lookup(embedding, ids, ndim, shape, 1);
}

Tensor *embedding_forward_scaled(const Embedding *embedding, const int *ids, int ndim,
                                 const int *shape) {
    return lookup(embedding, ids, ndim, shape, (real)sqrt(embedding->weight->shape[1]));
}
