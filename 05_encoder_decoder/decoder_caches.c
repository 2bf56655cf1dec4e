#include "05_encoder_decoder/decoder_caches.h"

/* Every layer has projections of its own, so every layer remembers its own keys and values. */
DecoderCache *decoder_caches_new(const Transformer *model, Tensor *memory, int capacity) {
    const int layers = model->config.num_decoder_layers, E = model->config.layer.d_model;
    DecoderCache *caches = graph_alloc((size_t)layers * sizeof *caches);
    for (int i = 0; i < layers; i++) {
        // (B,capacity,2E), empty; and (B,S,2E), which each layer makes of the memory once.
        caches[i].self = key_value_cache_new(memory->shape[0], capacity, E);
        caches[i].cross = multihead_cache_memory(&model->decoder_layers[i].multihead_attn, memory);
    }
    return caches;
}

/* Cross-attention's move as well: with the sentences that stay, their sources stay. */
void decoder_caches_reorder(const Transformer *model, DecoderCache *caches, const int *from,
                            int B) {
    for (int i = 0; i < model->config.num_decoder_layers; i++) {
        key_value_cache_reorder(&caches[i].self, from, B);
        key_value_cache_reorder(&caches[i].cross, from, B);
    }
}
