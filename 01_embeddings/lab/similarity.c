#include "01_embeddings/lab/similarity.h"

#include "common/arena.h"

#include <stdlib.h>

/* In double: the sums are small, and the order of neighbours hangs on the third digit. */
double similarity_cosine(const real *a, const real *b, int E) {
    double ab = 0, aa = 0, bb = 0;
    for (int e = 0; e < E; e++) {
        ab += (double)(a[e] * b[e]);
        aa += (double)(a[e] * a[e]);
        bb += (double)(b[e] * b[e]);
    }
    // A vector of zeros points nowhere, so it is like nothing.
    return aa > 0 && bb > 0 ? ab / sqrt(aa * bb) : 0;
}

static bool contains(const int *ids, int id) {
    for (; *ids >= 0; ids++)
        if (*ids == id) return true;
    return false;
}

/* `count` times the largest of what is left: for a handful out of some hundred words that is as
 * fast as sorting, and shorter. A cosine is never below -1, which leaves room for two marks. */
void similarity_nearest(const real *vectors, int V, int E, const real *query, const int *without,
                        int *nearest, int count) {
    double *similarity = memory_alloc((size_t)V * sizeof *similarity);
    for (int v = 0; v < V; v++)
        similarity[v] = contains(without, v)
                            ? -2
                            : similarity_cosine(vectors + (size_t)v * (size_t)E, query, E);
    for (int i = 0; i < count; i++) {
        int best = 0;
        for (int v = 1; v < V; v++) best = similarity[v] > similarity[best] ? v : best;
        nearest[i] = best;
        similarity[best] = -3; // taken
    }
    free(similarity);
}

void similarity_analogy(const real *a, const real *b, const real *c, int E, real *result) {
    for (int e = 0; e < E; e++) result[e] = a[e] - b[e] + c[e];
}
