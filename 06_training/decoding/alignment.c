#include "06_training/decoding/alignment.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "01_embeddings/tokens.h"
#include "common/files/utf8.h"
#include "common/vector.h"

/* Words are cut at white space, Unicode's too, wherever pieces are cut: words[i] is the word that
 * the first visible character of piece i (ids (count)) is part of, -1 if it has none. */
static void number_words(const Bpe *bpe, const int *ids, size_t count, int *words) {
    ByteArray text = {0};
    byte_array_append(&text, "", 0);
    for (size_t i = 0; i < count; i++) {
        size_t length;
        const char *bytes = bpe_bytes(bpe, ids[i], &length);
        byte_array_append(&text, bytes, length);
    }
    int *word = memory_alloc(text.count * sizeof *word); // of each byte, -1 for white space
    int last = -1;
    bool space = true;
    for (size_t at = 0, length; at < text.count; at += length) {
        uint32_t c;
        length = utf8_next(text.data + at, text.count - at, &c);
        if (space && !utf8_is_space(c)) last++;
        space = utf8_is_space(c);
        for (size_t k = 0; k < length; k++) word[at + k] = space ? -1 : last;
    }
    for (size_t i = 0, at = 0; i < count; i++) {
        size_t length;
        bpe_bytes(bpe, ids[i], &length);
        words[i] = -1;
        for (size_t k = 0; k < length && words[i] < 0; k++) words[i] = word[at + k];
        at += length;
    }
    free(word);
    free(text.data);
}

/* The tokens of one side, with their texts and words; appends the marks the model expects. */
static void read_side(const Bpe *bpe, const char *line, bool target, IntArray *ids, char ***texts,
                      int **words) {
    if (target)
        tokens_append_target(bpe, line, ids);
    else
        tokens_append_source(bpe, line, ids);
    const size_t first = target ? 1 : 0; // behind <s>, which no place predicts
    const size_t count = ids->count - first;
    *texts = memory_calloc(count * sizeof **texts);
    *words = memory_calloc(count * sizeof **words);
    number_words(bpe, ids->data + first, count, *words);
    for (size_t i = 0; i < count; i++) {
        const int id = ids->data[first + i];
        size_t length;
        const char *bytes = bpe_bytes(bpe, id, &length);
        // The space belongs to the piece (" street"), but not to what is shown.
        const bool space = length > 0 && bytes[0] == ' ';
        if (id == TOKEN_EOS) { // no word of the text
            bytes = "</s>";
            length = strlen(bytes);
        }
        (*texts)[i] = memory_calloc(length + 1);
        memcpy((*texts)[i], bytes + space, length - space);
    }
}

/* Each head looks at something else; what all together look at is nearest to an alignment. The
 * heads of one layer of (1,nhead,T,S) averaged into out (T,S). */
static void average_heads(const Tensor *weights, real *out) {
    const size_t heads = (size_t)weights->shape[1], size = weights->size / heads;
    memset(out, 0, size * sizeof *out);
    for (size_t h = 0; h < heads; h++)
        for (size_t i = 0; i < size; i++) out[i] += weights->data[h * size + i] / (real)heads;
}

/* Teacher forcing with the translation as target: one pass shows what every place looked at. */
bool alignment_of(const Translator *translator, const char *src, const char *tgt, int layer,
                  Alignment *alignment, Error *err) {
    const int layers = translator->model->config.num_decoder_layers;
    IntArray src_ids = {0}, tgt_ids = {0};
    // Of several layers the last but one is the clearest alignment (Garg et al. 2019);
    // the last one already mixes in what to say next.
    if (layer < 0) layer = layers > 1 ? layers - 2 : 0;
    *alignment = (Alignment){0};
    read_side(translator->bpe, src, false, &src_ids, &alignment->src, &alignment->src_word);
    read_side(translator->bpe, tgt, true, &tgt_ids, &alignment->tgt, &alignment->tgt_word);
    alignment->cols = (int)src_ids.count;
    // Row t is the place that predicts target piece t: <s> predicts the first, and what reads </s>
    // predicts nothing.
    alignment->rows = (int)tgt_ids.count - 1;
    // Cut off at the limit, a translation has no room for its </s>, which is no word anyway.
    if (alignment->rows == translator->max_length + 1) free(alignment->tgt[--alignment->rows]);
    const Batch batch = {.B = 1,
                         .S = alignment->cols,
                         .T = alignment->rows,
                         .src = src_ids.data,
                         .tgt = tgt_ids.data};
    // A translation of its own making fits, but where it has said parts of characters; one that the
    // caller brings may not.
    const bool fits =
        batch.S <= translator->max_length && batch.T <= translator->max_length && layer < layers;
    if (fits) {
        // The pass leaves nothing in the graph: the weights wanted are copied out of it.
        Arena *arena = &graph_current()->arena;
        const ArenaMark mark = arena_mark(arena);
        const GraphMode before = graph_quiet();
        // The pass fills in all layers' weights: encoder (1,nhead,S,S), decoder (1,nhead,T,T), and
        // cross (1,nhead,T,S), of which one layer is read.
        AttentionWeights weights = {
            graph_alloc((size_t)translator->model->config.num_encoder_layers * sizeof(Tensor *)),
            graph_alloc((size_t)layers * sizeof(Tensor *)),
            graph_alloc((size_t)layers * sizeof(Tensor *))};
        transformer_forward(translator->model, &batch, &weights);
        alignment->weights = memory_alloc((size_t)(batch.T * batch.S) * sizeof(real));
        average_heads(weights.decoder_cross[layer], alignment->weights);
        arena_release(arena, mark);
        graph_restore(before);
    } else {
        error_set(err, "%d and %d tokens, the model's maximum is %d", batch.S, batch.T,
                  translator->max_length);
        alignment_free(alignment);
    }
    free(src_ids.data);
    free(tgt_ids.data);
    return fits;
}

/* An alignment that is all zeros, as after an error, has nothing to free. */
void alignment_free(Alignment *alignment) {
    for (int i = 0; i < alignment->rows; i++) free(alignment->tgt[i]);
    for (int i = 0; i < alignment->cols; i++) free(alignment->src[i]);
    free(alignment->tgt);
    free(alignment->src);
    free(alignment->tgt_word);
    free(alignment->src_word);
    free(alignment->weights);
    *alignment = (Alignment){0};
}

/* The source word that target word `word` attends to most, over all its tokens; -1: none. */
static int most_attended(const Alignment *a, int word, real *mass, int src_words) {
    memset(mass, 0, (size_t)src_words * sizeof *mass); // (src_words)
    // Summed over all pieces of both words: the pieces are the tokenizer's affair.
    for (int t = 0; t < a->rows; t++)
        for (int s = 0; s < a->cols && a->tgt_word[t] == word; s++)
            if (a->src_word[s] >= 0) mass[a->src_word[s]] += a->weights[t * a->cols + s];
    return src_words > 0 ? vector_argmax(mass, (size_t)src_words) : -1;
}

/* How many words the pieces (count) belong to. */
static int count_words(const int *words, int count) {
    int largest = -1;
    for (int i = 0; i < count; i++)
        if (words[i] > largest) largest = words[i];
    return largest + 1;
}

/* Pharaoh format, "0-0 1-2": source word, target word, which alignment tools read. */
char *alignment_text(const Alignment *a) {
    const int tgt_words = count_words(a->tgt_word, a->rows);
    const int src_words = count_words(a->src_word, a->cols);
    // One more, so that there is something to allocate for a source without words.
    real *mass = memory_alloc(((size_t)src_words + 1) * sizeof *mass);
    ByteArray text = {0};
    byte_array_append(&text, "", 0); // an alignment of nothing is an empty string
    // Target words in their order, each with one source word: a source word may serve several, and
    // another none.
    for (int word = 0; word < tgt_words && src_words > 0; word++) {
        char pair[32];
        const int length = snprintf(pair, sizeof pair, "%s%d-%d", word ? " " : "",
                                    most_attended(a, word, mass, src_words), word);
        byte_array_append(&text, pair, (size_t)length);
    }
    free(mass);
    return text.data;
}
