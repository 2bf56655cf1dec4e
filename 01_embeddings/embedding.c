#include "01_embeddings/embedding.h"

/* Given. */
Embedding embedding_new(Parameters *parameters, const char *prefix, int num_embeddings,
                        int embedding_dim, Random *random) {
    Embedding embedding = {PARAMETER(parameters, prefix, "weight", num_embeddings, embedding_dim)};
    random_fill_normal(random, embedding.weight->data, embedding.weight->size, 0, 1);
    return embedding;
}

void embedding_lookup_forward(real *y, const real *weight, const int *ids, int N, int E,
                              real scale) {
    for (int n = 0; n < N; n++) {
        const real *row = weight + (size_t)ids[n] * (size_t)E; // (E)
        real *to = y + (size_t)n * (size_t)E;
        for (int e = 0; e < E; e++) to[e] = scale * row[e];
    }
}

void embedding_lookup_backward(real *dweight, const real *dy, const int *ids, int N, int E,
                               real scale) {
    // forward was y[n] = scale weight[ids[n]], so now dy[n] goes to the row that it was copied from
    for (int n = 0; n < N; n++) {
        real *row = dweight + (size_t)ids[n] * (size_t)E; // (E)
        const real *from = dy + (size_t)n * (size_t)E;
        for (int e = 0; e < E; e++) row[e] += scale * from[e];
    }
}

typedef struct {
    Tensor *weight, *y;
    const int *ids;
    int N; // ids
    real scale;
} EmbeddingNode;

/* Given. */
static void embedding_go_back(const void *saved) {
    const EmbeddingNode *s = saved;
    embedding_lookup_backward(tensor_grad(s->weight), s->y->grad, s->ids, s->N, s->weight->shape[1],
                              s->scale);
}

/* Given. Checks, allocates and records. */
static Tensor *lookup(const Embedding *embedding, const int *ids, int ndim, const int *shape,
                      real scale) {
    Tensor *weight = embedding->weight;
    REQUIRE(ndim < MAX_DIMS, "ids of %d dimensions; at most %d", ndim, MAX_DIMS - 1);
    const int V = weight->shape[0], E = weight->shape[1];
    int full[MAX_DIMS]; // shape with E after it
    for (int i = 0; i < ndim; i++) full[i] = shape[i];
    full[ndim] = E;
    Tensor *y = tensor_new(ndim + 1, full, weight->requires_grad); // (...,E)
    const int N = (int)(y->size / (size_t)E);
    // Before the lookup, which trusts its ids: a wrong one would read whatever lies there.
    for (int n = 0; n < N; n++)
        REQUIRE(ids[n] >= 0 && ids[n] < V, "id %d at place %d; the table has %d rows", ids[n], n,
                V);
    embedding_lookup_forward(y->data, weight->data, ids, N, E, scale);
    RECORD(y, embedding_go_back, EmbeddingNode, weight, y, ids, N, scale);
    return y;
}

/* Given. */
Tensor *embedding_forward(const Embedding *embedding, const int *ids, int ndim, const int *shape) {
    return lookup(embedding, ids, ndim, shape, 1);
}

/* Given. */
Tensor *embedding_forward_scaled(const Embedding *embedding, const int *ids, int ndim,
                                 const int *shape) {
    return lookup(embedding, ids, ndim, shape, (real)sqrt(embedding->weight->shape[1]));
}
