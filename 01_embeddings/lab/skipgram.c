#include "01_embeddings/lab/skipgram.h"

#include "01_embeddings/embedding.h"
#include "common/linear.h"
#include "common/training.h"

#include <stdlib.h>

/* Every (centre, context) pair, centre at even places, context behind it. */
static IntArray all_pairs(const WordText *text, int window) {
    IntArray pairs = {0};
    int start = 0; // of the sentence
    for (size_t s = 0; s < text->ends.count; s++) {
        const int end = text->ends.data[s];
        for (int i = start; i < end; i++)
            for (int j = i - window; j <= i + window; j++) {
                // The window ends where the sentence does, and a word is not its own neighbour.
                if (j < start || j >= end || j == i) continue;
                int_array_push(&pairs, text->ids.data[i]);
                int_array_push(&pairs, text->ids.data[j]);
            }
        start = end;
    }
    return pairs;
}

/* vectors (V,E) <- vectors - the mean of its rows. */
static void subtract_mean(real *vectors, size_t V, size_t E) {
    for (size_t e = 0; e < E; e++) {
        real mean = 0;
        for (size_t v = 0; v < V; v++) mean += vectors[v * E + e] / (real)V;
        for (size_t v = 0; v < V; v++) vectors[v * E + e] -= mean;
    }
}

/* What a step needs. */
typedef struct {
    const SkipGram *config;
    const IntArray *pairs;
    Random *random;
    Embedding in; // (V,E)
    Linear out;   // (V,E)
} SkipGramTask;

/* The summed cross-entropy of N pairs drawn anywhere in the text. */
static Tensor *batch_loss(void *context, int *count) {
    const SkipGramTask *task = context;
    const int N = *count = task->config->batch;
    int *centre = graph_alloc(2 * (size_t)N * sizeof *centre), *around = centre + N;
    for (int n = 0; n < N; n++) {
        const size_t pair = (size_t)random_below(task->random, task->pairs->count / 2);
        centre[n] = task->pairs->data[2 * pair];
        around[n] = task->pairs->data[2 * pair + 1];
    }
    Tensor *vectors = EMBEDDING_FORWARD(&task->in, centre, N); // (N,E)
    Tensor *logits = linear_forward(&task->out, vectors);      // (N,V)
    return op_cross_entropy(logits, around, -1, 0);
}

double skipgram_train(const SkipGram *config, const WordText *text, Random *random, real *vectors) {
    const int V = (int)text->words.count;
    IntArray pairs = all_pairs(text, config->window);
    REQUIRE(pairs.count > 0, "no sentence has two words");
    Parameters parameters = {0};
    SkipGramTask task = {.config = config, .pairs = &pairs, .random = random};
    task.in = embedding_new(&parameters, "in.", V, config->dim, random);
    task.out = linear_new(&parameters, "out.", config->dim, V, false, random);
    const Tensor *table = task.in.weight;
    // Rows drawn from N(0,1) would make the first logits so large that the softmax is sure of them.
    for (size_t i = 0; i < table->size; i++) table->data[i] *= (real)0.1;
    const double last = training_run(&(Training){.parameters = &parameters,
                                                 .adam = adam_pytorch(),
                                                 .steps = config->steps,
                                                 .lr = config->lr,
                                                 .rate = training_linear,
                                                 .loss = batch_loss,
                                                 .context = &task,
                                                 .average = 100,
                                                 .label = "word vectors"});
    memcpy(vectors, table->data, table->size * sizeof *vectors);
    subtract_mean(vectors, (size_t)V, (size_t)config->dim);
    parameters_free(&parameters);
    free(pairs.data);
    return last;
}
