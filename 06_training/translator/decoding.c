#include "06_training/translator/decoding.h"

#include "01_embeddings/tokens.h"
#include "05_encoder_decoder/decoder_caches.h"

/* What the search keeps lies in the arena below what a step allocates. capacity fixes the length of
 * a row once and for all: nothing grows while decoding goes on. */
Decoding decoding_begin(const Transformer *model, const int *src, int B, int S, int copies,
                        int capacity, bool recompute) {
    const int rows = B * copies, E = model->config.layer.d_model;
    Decoding d = {
        .model = model, .rows = rows, .length = 1, .capacity = capacity, .S = S, .finite = true};
    d.prefixes = graph_alloc((size_t)rows * (size_t)capacity * sizeof(int));
    d.next_prefixes = graph_alloc((size_t)rows * (size_t)capacity * sizeof(int));
    d.padding = graph_alloc((size_t)(rows * S));
    d.memory = TENSOR(rows, S, E); // (rows,S,E)
    // The encoder's own tensors, its attention above all, go again before decoding begins.
    const ArenaMark mark = arena_mark(&graph_current()->arena);
    unsigned char *padding = graph_alloc((size_t)(B * S)); // (B,S)
    masks_key_padding(padding, src, B, S, TOKEN_PAD);
    const Masks masks = {.key_padding_mask = padding};
    const Tensor *encoded = transformer_encode(model, src, B, S, masks, NULL); // (B,S,E)
    // The encoder runs once for each sentence, however many copies read what it said.
    const size_t sentence = (size_t)S * (size_t)E;
    for (int r = 0; r < rows; r++) {
        memcpy(d.memory->data + (size_t)r * sentence,
               encoded->data + (size_t)(r / copies) * sentence, sentence * sizeof(real));
        memcpy(d.padding + r * S, padding + r / copies * S, (size_t)S);
        d.prefixes[(size_t)r * (size_t)capacity] = TOKEN_BOS;
    }
    arena_release(&graph_current()->arena, mark);
    // The memory's keys and values, layer by layer, are computed here and never again.
    if (!recompute) d.caches = decoder_caches_new(model, d.memory, capacity);
    return d;
}

/* With caches the keys and values of earlier places are there already; without, everything is
 * computed again, to show that the answer is the same. */
Tensor *decoding_logits(Decoding *d) {
    d->step = arena_mark(&graph_current()->arena);
    const int take = d->caches ? 1 : d->length; // tokens to run: the newest, or all again
    int *tgt = graph_alloc((size_t)d->rows * (size_t)take * sizeof *tgt); // (rows,take)
    for (int r = 0; r < d->rows; r++) // the last `take` tokens of each beginning
        memcpy(tgt + r * take, decoding_prefix(d, r) + d->length - take,
               (size_t)take * sizeof *tgt);
    const Masks masks = {.key_padding_mask = d->padding};
    Tensor *decoded = transformer_decode(d->model, tgt, d->rows, take, d->memory, masks, d->caches,
                                         NULL); // (rows,take,E)
    // Only the newest place predicts something new; the logits of the others were used steps ago.
    Tensor *last = op_slice(decoded, 1, take - 1, 1);    // (rows,1,E)
    Tensor *logits = transformer_logits(d->model, last); // (rows,1,V)
    // Finite weights can be so large that what is computed with them is not.
    for (size_t i = 0; i < logits->size && d->finite; i++) d->finite = isfinite(logits->data[i]);
    return RESHAPE(logits, d->rows, logits->shape[2]); // (rows,V)
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

/* Memory, padding and caches follow the rows. With caches the memory is not read again: its keys
 * and values are in them. */
void decoding_extend(Decoding *d, const int *from, const int *token, int rows) {
    // The step's tensors go before the rows are moved: what is kept lies below the mark.
    arena_release(&graph_current()->arena, d->step);
    for (int r = 0; r < rows; r++) {
        // Into a second array: two rows may grow out of one, which must not be overwritten between.
        int *prefix = d->next_prefixes + (size_t)r * (size_t)d->capacity;
        memcpy(prefix, decoding_prefix(d, from[r]), (size_t)d->length * sizeof *prefix);
        prefix[d->length] = token[r];
    }
    // What was written becomes what is read; no prefix is copied a second time.
    int *swap = d->prefixes;
    d->prefixes = d->next_prefixes;
    d->next_prefixes = swap;
    const size_t sentence = (size_t)d->S * (size_t)d->memory->shape[2]; // numbers in its memory
    reorder(d->padding, (size_t)d->S, from, rows);
    if (!d->caches) reorder(d->memory->data, sentence * sizeof(real), from, rows);
    // The tensor keeps its memory and tells of fewer rows.
    d->memory->shape[0] = rows;
    d->memory->size = (size_t)rows * sentence;
    if (d->caches) decoder_caches_reorder(d->model, d->caches, from, rows);
    d->rows = rows;
    d->length++;
}

/* Rows are `capacity` apart however long they are by now. */
const int *decoding_prefix(const Decoding *d, int row) {
    return d->prefixes + (size_t)row * (size_t)d->capacity;
}
