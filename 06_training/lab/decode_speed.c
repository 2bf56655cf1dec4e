#include "06_training/lab/decode_speed.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "01_embeddings/tokens.h"
#include "06_training/decoding/search.h"
#include "06_training/decoding/translation.h"
#include "common/clock.h"
#include "common/random.h"

/* Tokens, </s> included, of Multi30k's validation sentences in a vocabulary of 10,000 pieces: 32
 * quantiles, the longest first. */
static const int SOURCE[] = {28, 23, 22, 21, 20, 19, 18, 18, 17, 17, 16, 16, 16, 15, 15, 15,
                             14, 14, 14, 13, 13, 13, 12, 12, 12, 11, 11, 11, 10, 10, 9,  8};
static const int TARGET[] = {32, 25, 24, 22, 21, 20, 20, 19, 18, 18, 17, 17, 17, 16, 15, 15,
                             15, 14, 14, 13, 13, 13, 12, 12, 12, 11, 11, 11, 10, 10, 9,  8};
enum { LENGTHS = sizeof SOURCE / sizeof *SOURCE };

typedef struct {
    Transformer *model;
    Graph **graphs;
    SearchOptions options;
    int sentences;
    atomic_int taken; // sentences
} Work;

/* Sentence i of n has the i-th of n quantiles. */
static int length_of(const int *lengths, int i, int n) {
    return lengths[i * LENGTHS / n];
}

static void translate(const Work *work, int first, int B, Graph *graph) {
    graph_use(graph);
    graph_reset(graph);
    const int S = length_of(SOURCE, first, work->sentences), V = work->model->config.src_vocab;
    int *src = graph_alloc((size_t)(B * S) * sizeof *src); // (B,S)
    int *limits = graph_alloc((size_t)B * sizeof *limits);
    Random random;
    random_seed(&random, (uint64_t)first);
    for (int b = 0; b < B; b++) {
        const int length = length_of(SOURCE, first + b, work->sentences);
        limits[b] = length_of(TARGET, first + b, work->sentences);
        for (int s = 0; s < S; s++) {
            const int word = TOKEN_TEXT + (int)random_below(&random, (uint64_t)(V - TOKEN_TEXT));
            src[b * S + s] = s < length - 1 ? word : s == length - 1 ? TOKEN_EOS : TOKEN_PAD;
        }
    }
    SearchOptions options = work->options;
    options.limits = limits;
    IntArray *said = memory_calloc((size_t)B * sizeof *said);
    search_batch(work->model, src, B, S, TARGET[0], options, said);
    for (int b = 0; b < B; b++) free(said[b].data);
    free(said);
}

/* As translation.c takes its batches. */
static void translate_batches(void *context, int thread) {
    Work *work = context;
    int first = work->taken;
    while (first < work->sentences) {
        const int longest = length_of(SOURCE, first, work->sentences);
        int B = (int)translation_batch(work->options.beam, longest);
        if (B > work->sentences - first) B = work->sentences - first;
        if (!atomic_compare_exchange_weak(&work->taken, &first, first + B)) continue;
        translate(work, first, B, work->graphs[thread]);
        first = work->taken;
    }
}

double decode_speed(Transformer *model, Threads *threads, Graph **graphs, int sentences, int beam) {
    Work work = {.model = model,
                 .graphs = graphs,
                 .options = {.beam = beam, .length_penalty = search_defaults().length_penalty},
                 .sentences = sentences};
    // Never </s>: what a hypothesis costs depends on how long it is, and that is given.
    real *end = &model->generator.bias->data[TOKEN_EOS], before = *end;
    *end = -1000;
    const double start = clock_seconds();
    const bool packed = transformer_pack(model);
    threads_run(threads, translate_batches, &work);
    if (packed) transformer_unpack(model);
    const double seconds = clock_seconds() - start;
    *end = before;
    return sentences / seconds;
}
