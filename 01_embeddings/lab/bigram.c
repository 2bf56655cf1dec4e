#include "01_embeddings/lab/bigram.h"

#include <stdlib.h>

#include "common/softmax.h"

Bigram bigram_new(Parameters *parameters, const char *prefix, int vocab, Random *random) {
    return (Bigram){embedding_new(parameters, prefix, vocab, vocab, random)};
}

Tensor *bigram_loss(const void *bigram, const int *x, const int *y, int B, int T) {
    const Bigram *model = bigram;
    const int N = B * T;
    Tensor *logits = EMBEDDING_FORWARD(&model->table, x, N); // (N,V)
    return op_scale(op_cross_entropy(logits, y, -1, 0), 1 / (real)N);
}

/* No graph is needed: the scores are a row of the table, as it stands. */
void bigram_generate(const Bigram *bigram, Random *random, int before, int *ids, size_t count) {
    const size_t V = (size_t)bigram->table.weight->shape[0];
    real *p = memory_alloc(V * sizeof(real));
    for (size_t i = 0; i < count; i++) {
        // A copy, which the softmax turns into probabilities in place.
        memcpy(p, bigram->table.weight->data + (size_t)before * V, V * sizeof(real));
        softmax_row(p, V);
        before = ids[i] = (int)random_multinomial(random, p, V);
    }
    free(p);
}
