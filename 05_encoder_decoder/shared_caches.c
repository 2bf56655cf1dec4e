#include "05_encoder_decoder/shared_caches.h"

#include "common/mine.h"

bool shared_caches_fit(const Transformer *model) {
    return model->config.layer.attention == ATTENTION_FUSED && mine_function_count == 0;
}

static int *ints(size_t count) {
    return graph_alloc(count * sizeof(int));
}

/* The cross caches have as many entries as there are sentences, the others as many as there may be
 * rows. */
SharedCaches *shared_caches_new(const Transformer *model, Tensor *memory, const int *length,
                                int rows, int capacity) {
    const int B = memory->shape[0], E = model->config.layer.d_model;
    const size_t layers = (size_t)model->config.num_decoder_layers;
    const size_t places = (size_t)rows * (size_t)capacity;
    SharedCaches *c = graph_alloc(sizeof *c);
    *c = (SharedCaches){.layers = graph_alloc(layers * sizeof(DecoderCache)),
                        .capacity = capacity,
                        .said = ints(places),
                        .next_said = ints(places),
                        .sentence = ints((size_t)rows),
                        .next_sentence = ints((size_t)rows)};
    for (int b = 0; b < B; b++) c->sentence[b] = c->said[b * capacity] = b;
    c->self = (CachePlaces){.at = c->said, .row_step = capacity, .key_step = 1};
    c->cross = (CachePlaces){.at = c->sentence, .row_step = 1, .key_step = 0, .lengths = length};
    for (size_t i = 0; i < layers; i++) {
        DecoderCache *cache = &c->layers[i];
        cache->self = key_value_cache_new(rows, capacity, E); // (rows,capacity,2E)
        cache->cross =
            multihead_cache_memory(&model->decoder_layers[i].multihead_attn, memory); // (B,S,2E)
        cache->self.places = &c->self;
        cache->cross.places = &c->cross;
    }
    return c;
}

static void swap(int **a, int **b) {
    int *former = *a;
    *a = *b;
    *b = former;
}

/* What was written becomes what is read. The next token of each row will be said in that row. */
void shared_caches_reorder(SharedCaches *c, const int *from, int rows) {
    const size_t capacity = (size_t)c->capacity, length = (size_t)c->layers[0].self.length;
    for (size_t r = 0; r < (size_t)rows; r++) {
        int *said = c->next_said + r * capacity;
        memcpy(said, c->said + (size_t)from[r] * capacity, length * sizeof *said);
        if (length < capacity) said[length] = (int)r;
        c->next_sentence[r] = c->sentence[from[r]];
    }
    swap(&c->said, &c->next_said);
    swap(&c->sentence, &c->next_sentence);
    c->self.at = c->said;
    c->cross.at = c->sentence;
}
