#include "06_training/decoding/decoding.h"

#include "01_embeddings/tokens.h"
#include "05_encoder_decoder/decoder_caches.h"
#include "common/vector.h"

/* memory (B,S,E) and padding (B,S) <- what the encoder says of src. */
static void encode(Decoding *d, const int *src, int B, Tensor *memory, unsigned char *padding) {
    // The encoder's own tensors, its attention above all, go again before decoding begins.
    const ArenaMark mark = arena_mark(&graph_current()->arena);
    masks_key_padding(padding, src, B, d->S, TOKEN_PAD);
    const Masks masks = {.key_padding_mask = padding};
    const Tensor *encoded = transformer_encode(d->model, src, B, d->S, masks, NULL); // (B,S,E)
    memcpy(memory->data, encoded->data, memory->size * sizeof(real));
    arena_release(&graph_current()->arena, mark);
}

/* Every tensor of a row's own is there from the beginning, for as many rows as there may be; at
 * first those of the B sentences count. */
static void keep_for_each_row(Decoding *d, int B, bool recompute) {
    Tensor *all = TENSOR(d->most, d->S, d->memory->shape[2]); // (most,S,E)
    const size_t sentence = (size_t)d->S * (size_t)d->memory->shape[2];
    int *from = graph_alloc((size_t)d->most * sizeof *from);
    for (int r = 0; r < d->most; r++) {
        from[r] = r < B ? r : 0; // whatever: those behind B are given up at once
        memcpy(all->data + (size_t)r * sentence, d->memory->data + (size_t)from[r] * sentence,
               sentence * sizeof(real));
    }
    d->memory = all;
    // The memory's keys and values, layer by layer, are computed here and never again.
    if (!recompute) {
        d->caches = decoder_caches_new(d->model, all, d->capacity);
        decoder_caches_reorder(d->model, d->caches, from, B);
    }
    all->shape[0] = B;
    all->size = (size_t)B * sentence;
}

/* lengths (B) <- places of each sentence that are not padding. */
static const int *lengths_of(const int *src, int B, int S) {
    int *lengths = graph_alloc((size_t)B * sizeof *lengths);
    for (int b = 0; b < B; b++) {
        lengths[b] = 0;
        for (int s = 0; s < S; s++) lengths[b] += src[b * S + s] != TOKEN_PAD;
    }
    return lengths;
}

/* About how many bytes decoding will ask for: what is kept of every place, and then the encoder's
 * one layer or the decoder's step, whichever is more. */
static size_t bytes_needed(const TransformerConfig *config, int B, int S, int most, int capacity) {
    const size_t E = (size_t)config->layer.d_model, F = (size_t)config->layer.dim_feedforward;
    const size_t layers = (size_t)config->num_decoder_layers, V = (size_t)config->tgt_vocab;
    const size_t rows = (size_t)most, places = (size_t)B * (size_t)S;
    const size_t kept = layers * 2 * E * (rows * (size_t)capacity + places) + places * E;
    const size_t encoder = places * (12 * E + 2 * F);
    const size_t step = rows * (layers * (16 * E + 2 * F) + (most == B ? V : 0));
    const size_t prefixes = 4 * rows * (size_t)capacity * sizeof(int), others = 2 << 20;
    return (kept + (encoder > step ? encoder : step)) * sizeof(real) + prefixes + others;
}

/* What the search keeps lies in the arena below what a step allocates. capacity fixes the length of
 * a row once and for all: nothing grows while decoding goes on. */
Decoding decoding_begin(const Transformer *model, const int *src, int B, int S, int most,
                        int capacity, bool recompute) {
    const size_t tokens = (size_t)most * (size_t)capacity;
    REQUIRE(most >= B, "room for %d of %d sentences", most, B);
    if (!recompute)
        arena_expect(&graph_current()->arena, bytes_needed(&model->config, B, S, most, capacity));
    Decoding d = {.model = model,
                  .generator = model->generator,
                  .rows = B,
                  .most = most,
                  .length = 1,
                  .capacity = capacity,
                  .S = S,
                  .finite = true};
    d.prefixes = graph_alloc(tokens * sizeof(int));
    d.next_prefixes = graph_alloc(tokens * sizeof(int));
    for (int b = 0; b < B; b++) d.prefixes[b * capacity] = TOKEN_BOS;
    d.padding = graph_alloc((size_t)(most * S));
    d.memory = TENSOR(B, S, model->config.layer.d_model); // (B,S,E)
    encode(&d, src, B, d.memory, d.padding);
    if (!recompute && shared_caches_fit(model))
        d.shared = shared_caches_new(model, d.memory, lengths_of(src, B, S), most, capacity);
    else
        keep_for_each_row(&d, B, recompute);
    return d;
}

/* The generator's rows of these tokens, copied side by side. */
void decoding_limit(Decoding *d, const int *tokens, int count) {
    const Linear *all = &d->model->generator;
    const size_t E = (size_t)all->weight->shape[1];
    d->tokens = tokens;
    d->generator = (Linear){TENSOR(count, (int)E), all->bias ? TENSOR(count) : NULL};
    for (int i = 0; i < count; i++) {
        memcpy(d->generator.weight->data + (size_t)i * E, all->weight->data + (size_t)tokens[i] * E,
               E * sizeof(real));
        if (all->bias) d->generator.bias->data[i] = all->bias->data[tokens[i]];
    }
    if (all->weight->packed) d->few = packed_new(d->generator.weight->data, count, (int)E);
    d->generator.weight->packed = d->few;
}

void decoding_end(Decoding *d) {
    packed_free(d->few);
    d->few = NULL;
}

int decoding_token(const Decoding *d, int place) {
    return d->tokens ? d->tokens[place] : place;
}

/* With caches the keys and values of earlier places are there already; without, everything is
 * computed again, to show that the answer is the same. */
Tensor *decoding_run(Decoding *d) {
    d->step = arena_mark(&graph_current()->arena);
    DecoderCache *caches = d->shared ? d->shared->layers : d->caches;
    const int take = caches ? 1 : d->length; // tokens to run: the newest, or all again
    int *tgt = graph_alloc((size_t)d->rows * (size_t)take * sizeof *tgt); // (rows,take)
    for (int r = 0; r < d->rows; r++) // the last `take` tokens of each beginning
        memcpy(tgt + r * take, decoding_prefix(d, r) + d->length - take,
               (size_t)take * sizeof *tgt);
    const Masks masks = {.key_padding_mask = d->padding};
    Tensor *decoded = transformer_decode(d->model, tgt, d->rows, take, d->memory, masks, caches,
                                         NULL); // (rows,take,E)
    // Only the newest place predicts something new; the logits of the others were used steps ago.
    Tensor *last = take == 1 ? decoded : op_slice(decoded, 1, take - 1, 1); // (rows,1,E)
    return RESHAPE(last, d->rows, last->shape[2]);                          // (rows,E)
}

/* Finite weights can be so large that what is computed with them is not. */
Tensor *decoding_logits_of(Decoding *d, Tensor *decoded) {
    Tensor *logits = d->tokens ? linear_forward(&d->generator, decoded) // (rows,V')
                               : transformer_logits(d->model, decoded); // (rows,V)
    d->finite = d->finite && vector_is_finite(logits->data, logits->size);
    return logits;
}

Tensor *decoding_logits(Decoding *d) {
    return decoding_logits_of(d, decoding_run(d));
}

/* Puts former row from[r] of data (rows,row) in row r. Over a copy: rows may go either way. */
static void reorder(void *data, size_t row, const int *from, int rows) {
    const ArenaMark mark = arena_mark(&graph_current()->arena);
    unsigned char *bytes = data, *copy = graph_alloc((size_t)rows * row);
    for (size_t r = 0; r < (size_t)rows; r++)
        memcpy(copy + r * row, bytes + (size_t)from[r] * row, row);
    memcpy(bytes, copy, (size_t)rows * row);
    arena_release(&graph_current()->arena, mark);
}

/* What each row has for itself follows it. With caches the memory is not read again: its keys and
 * values are in them. */
static void reorder_rows(Decoding *d, const int *from, int rows) {
    const size_t sentence = (size_t)d->S * (size_t)d->memory->shape[2]; // numbers in its memory
    reorder(d->padding, (size_t)d->S, from, rows);
    if (!d->caches) reorder(d->memory->data, sentence * sizeof(real), from, rows);
    // The tensor keeps its memory and tells of other rows.
    d->memory->shape[0] = rows;
    d->memory->size = (size_t)rows * sentence;
    if (d->caches) decoder_caches_reorder(d->model, d->caches, from, rows);
}

void decoding_extend(Decoding *d, const int *from, const int *token, int rows) {
    REQUIRE(rows <= d->most, "%d rows, room for %d", rows, d->most);
    // The step's tensors go before the rows are moved: what is kept lies below the mark.
    arena_release(&graph_current()->arena, d->step);
    for (int r = 0; r < rows; r++) {
        // Into a second array: two rows may grow out of one, which must not be overwritten between.
        int *prefix = d->next_prefixes + (size_t)r * (size_t)d->capacity;
        memcpy(prefix, decoding_prefix(d, from[r]), (size_t)d->length * sizeof *prefix);
        prefix[d->length] = decoding_token(d, token[r]);
    }
    // What was written becomes what is read; no prefix is copied a second time.
    int *swap = d->prefixes;
    d->prefixes = d->next_prefixes;
    d->next_prefixes = swap;
    if (d->shared)
        shared_caches_reorder(d->shared, from, rows);
    else
        reorder_rows(d, from, rows);
    d->rows = rows;
    d->length++;
}

/* Rows are `capacity` apart however long they are by now. */
const int *decoding_prefix(const Decoding *d, int row) {
    return d->prefixes + (size_t)row * (size_t)d->capacity;
}
