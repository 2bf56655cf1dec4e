#include "05_encoder_decoder/decoder_caches.h"

KeyValueCache *decoder_caches_new(const Transformer *model, Tensor *memory, int capacity) {
    const int layers = model->config.num_decoder_layers, E = model->config.layer.d_model;
    const int B = memory->shape[0], S = memory->shape[1];
    KeyValueCache *caches = graph_alloc(2 * (size_t)layers * sizeof *caches);
    for (int i = 0; i < layers; i++) {
        const MultiheadAttention *cross = &model->decoder_layers[i].multihead_attn;
        caches[2 * i] = (KeyValueCache){TENSOR(B, capacity, 2 * E), 0, false};
        caches[2 * i + 1] = (KeyValueCache){
            op_linear_rows(memory, cross->in_proj_weight, cross->in_proj_bias, E, 2 * E), S, true};
    }
    return caches;
}

void decoder_caches_reorder(const Transformer *model, KeyValueCache *caches, const int *from,
                            int B) {
    bool moved = false;
    for (int b = 0; b < B; b++) moved = moved || from[b] != b;
    for (int i = 0; i < 2 * model->config.num_decoder_layers; i++) {
        Tensor *kv = caches[i].kv;
        const size_t row = (size_t)kv->shape[1] * (size_t)kv->shape[2]; // of one sentence
        const size_t filled = (size_t)caches[i].length * (size_t)kv->shape[2];
        kv->shape[0] = B;
        kv->size = (size_t)B * row;
        if (!moved) continue;
        Arena *arena = &graph_current()->arena;
        const ArenaMark mark = arena_mark(arena);
        real *copy = arena_alloc(arena, (size_t)B * filled * sizeof(real));
        for (size_t b = 0; b < (size_t)B; b++)
            memcpy(copy + b * filled, kv->data + (size_t)from[b] * row, filled * sizeof(real));
        for (size_t b = 0; b < (size_t)B; b++)
            memcpy(kv->data + b * row, copy + b * filled, filled * sizeof(real));
        arena_release(arena, mark);
    }
}
