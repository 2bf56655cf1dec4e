#include "01_embeddings/lab/skipgram.h"

#include "01_embeddings/embedding.h"
#include "common/linear.h"
#include "common/optimizer.h"

#include <stdlib.h>

/* Every (centre, context) pair, centre at even places, context behind it. */
static IntArray all_pairs(const WordText *text, int window) {
    IntArray pairs = {0};
    int start = 0;
    for (size_t s = 0; s < text->ends.count; s++) {
        const int end = text->ends.data[s];
        for (int i = start; i < end; i++)
            for (int j = i - window; j <= i + window; j++) {
                if (j < start || j >= end || j == i) continue;
                int_array_push(&pairs, text->ids.data[i]);
                int_array_push(&pairs, text->ids.data[j]);
            }
        start = end;
    }
    return pairs;
}

static void subtract_mean(real *vectors, size_t V, size_t E) {
    for (size_t e = 0; e < E; e++) {
        real mean = 0;
        for (size_t v = 0; v < V; v++) mean += vectors[v * E + e] / (real)V;
        for (size_t v = 0; v < V; v++) vectors[v * E + e] -= mean;
    }
}

double skipgram_train(const SkipGram *config, const WordText *text, Random *random, real *vectors) {
    const int V = (int)text->words.count, N = config->batch;
    IntArray pairs = all_pairs(text, config->window);
    REQUIRE(pairs.count > 0, "no sentence has two words");
    Parameters parameters = {0};
    const Embedding in = embedding_new(&parameters, "in.", V, config->dim, random);
    const Linear out = linear_new(&parameters, "out.", config->dim, V, false, random);
    for (size_t i = 0; i < in.weight->size; i++) in.weight->data[i] *= (real)0.1;
    Optimizer *optimizer = optimizer_new(&parameters, (AdamConfig){0.9, 0.999, 1e-8, 0, false});
    int *centre = memory_alloc(2 * (size_t)N * sizeof *centre), *context = centre + N;
    Graph *graph = graph_new();
    graph_use(graph);
    double last = 0;
    for (int step = 0; step < config->steps; step++) {
        for (int n = 0; n < N; n++) {
            const size_t pair = (size_t)random_below(random, pairs.count / 2);
            centre[n] = pairs.data[2 * pair];
            context[n] = pairs.data[2 * pair + 1];
        }
        Tensor *logits = linear_forward(&out, EMBEDDING_FORWARD(&in, centre, N)); // (N,V)
        Tensor *loss = op_cross_entropy(logits, context, -1, 0);
        backward(loss);
        if (step >= config->steps - 100) last += (double)tensor_item(loss) / N / 100;
        optimizer_step(optimizer, config->lr * (1 - (double)step / config->steps), 1.0 / N);
        graph_reset(graph);
    }
    memcpy(vectors, in.weight->data, in.weight->size * sizeof *vectors);
    subtract_mean(vectors, (size_t)V, (size_t)config->dim);
    graph_use(NULL);
    graph_free(graph);
    optimizer_free(optimizer);
    parameters_free(&parameters);
    free(centre);
    free(pairs.data);
    return last;
}
