/* untrained.c - see untrained.h. */
#include "tests/untrained.h"

Translator untrained_translator(const char *characters, int d_model, bool tied) {
    Error err;
    Random random;
    Translator t = {.bpe = bpe_new(characters, &err), .max_length = 100};
    REQUIRE(t.bpe, "%s", err.text);
    const int vocab = bpe_vocab_size(t.bpe);
    const TransformerConfig config = {
        .layer = {.d_model = d_model, .nhead = 2, .dim_feedforward = 12, .norm_first = !tied},
        .num_encoder_layers = 1,
        .num_decoder_layers = 2,
        .src_vocab = vocab,
        .tgt_vocab = vocab,
        .tie_embeddings = tied};
    random_seed(&random, 7);
    t.model = transformer_new(&config, &random);
    return t;
}
