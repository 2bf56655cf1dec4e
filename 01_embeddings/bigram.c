#include "01_embeddings/bigram.h"

#include <stdlib.h>

#include "common/softmax.h"

TextParts text_split(const int *ids, size_t count) {
    const size_t train = count / 10 * 9 + count % 10 * 9 / 10;
    return (TextParts){{ids, train}, {ids + train, count - train}};
}

void text_windows(Random *random, TextPart part, int B, int T, int *x, int *y) {
    const size_t length = (size_t)T;
    REQUIRE(part.count > length, "windows of %d in a text of %zu", T, part.count);
    for (size_t b = 0; b < (size_t)B; b++) {
        const int *start = part.ids + random_below(random, part.count - length);
        memcpy(x + b * length, start, length * sizeof(int));
        memcpy(y + b * length, start + 1, length * sizeof(int));
    }
}

double text_estimate_loss(WindowLoss loss, const void *model, Random *random, TextPart part,
                          int batches, int B, int T) {
    const size_t bytes = (size_t)B * (size_t)T * sizeof(int);
    int *x = memory_alloc(bytes), *y = memory_alloc(bytes);
    Graph *graph = graph_current();
    const bool recording = graph->recording, training = graph->training;
    graph->recording = graph->training = false;
    double total = 0;
    for (int i = 0; i < batches; i++) {
        graph_reset(graph);
        text_windows(random, part, B, T, x, y);
        total += (double)tensor_item(loss(model, x, y, B, T));
    }
    graph_reset(graph);
    graph->recording = recording;
    graph->training = training;
    free(x);
    free(y);
    return total / batches;
}

Bigram bigram_new(Parameters *parameters, const char *prefix, int vocab, Random *random) {
    return (Bigram){embedding_new(parameters, prefix, vocab, vocab, random)};
}

Tensor *bigram_loss(const void *bigram, const int *x, const int *y, int B, int T) {
    const Bigram *model = bigram;
    const int N = B * T;
    Tensor *logits = EMBEDDING_FORWARD(&model->table, x, N); // (N,V)
    return op_scale(op_cross_entropy(logits, y, -1, 0), 1 / (real)N);
}

void bigram_generate(const Bigram *bigram, Random *random, int before, int *ids, size_t count) {
    const size_t V = (size_t)bigram->table.weight->shape[0];
    real *p = memory_alloc(V * sizeof(real));
    for (size_t i = 0; i < count; i++) {
        memcpy(p, bigram->table.weight->data + (size_t)before * V, V * sizeof(real));
        softmax_row(p, V);
        before = ids[i] = (int)random_multinomial(random, p, V);
    }
    free(p);
}
