#include "05_encoder_decoder/lab/teacher.h"

#include "05_encoder_decoder/decoder_caches.h"
#include "05_encoder_decoder/shift_right.h"
#include "common/vector.h"

static int find_word(const char *word, size_t length, const char *const *vocabulary, int count) {
    for (int i = 0; i < count; i++)
        if (strlen(vocabulary[i]) == length && memcmp(vocabulary[i], word, length) == 0)
            return TOKEN_TEXT + i;
    REQUIRE(false, "\"%.*s\" is not in the vocabulary", (int)length, word);
    return TOKEN_PAD;
}

int teacher_sentence_ids(int *ids, const char *sentence, const char *const *vocabulary, int count) {
    int length = 0;
    while (*sentence) {
        const size_t word = strcspn(sentence, " ");
        REQUIRE(length < TEACHER_LENGTH - 1, "a sentence of more than %d words", length);
        ids[length++] = find_word(sentence, word, vocabulary, count);
        sentence += word + (sentence[word] == ' ');
    }
    return length;
}

Batch teacher_batch(const SentencePair *pairs, int count) {
    int S = 1, T = 1; // TOKEN_EOS counts
    for (int b = 0; b < count; b++) {
        if (pairs[b].src_length + 1 > S) S = pairs[b].src_length + 1;
        if (pairs[b].tgt_length + 1 > T) T = pairs[b].tgt_length + 1;
    }
    int *src = graph_alloc((size_t)(count * S) * sizeof *src);
    int *tgt = graph_alloc((size_t)(count * T) * sizeof *tgt);
    int *labels = graph_alloc((size_t)(count * T) * sizeof *labels);
    for (int b = 0; b < count; b++) {
        const SentencePair *p = &pairs[b];
        for (int s = 0; s < S; s++)
            src[b * S + s] = s < p->src_length    ? p->src[s]
                             : s == p->src_length ? TOKEN_EOS
                                                  : TOKEN_PAD;
        for (int t = 0; t < T; t++)
            labels[b * T + t] = t < p->tgt_length    ? p->tgt[t]
                                : t == p->tgt_length ? TOKEN_EOS
                                                     : TOKEN_PAD;
    }
    shift_right(tgt, labels, count, T, TOKEN_BOS);
    return (Batch){.B = count, .S = S, .T = T, .src = src, .tgt = tgt, .labels = labels};
}

Tensor *teacher_loss(const Transformer *model, const SentencePair *pairs, int count) {
    const Batch batch = teacher_batch(pairs, count);
    const int tokens = cross_entropy_count(batch.labels, batch.B * batch.T, TOKEN_PAD);
    return op_scale(transformer_loss(model, &batch, 0), 1 / (real)tokens);
}

double teacher_accuracy(const Transformer *model, const SentencePair *pairs, int count) {
    graph_reset(graph_current());
    const GraphMode before = graph_quiet();
    const Batch batch = teacher_batch(pairs, count);
    const Tensor *logits = transformer_logits(model, transformer_forward(model, &batch, NULL));
    const size_t V = (size_t)model->config.tgt_vocab;
    int right = 0;
    for (int b = 0; b < batch.B; b++) {
        bool all = true;
        for (int i = b * batch.T; i < (b + 1) * batch.T; i++)
            all = all && (batch.labels[i] == TOKEN_PAD ||
                          vector_argmax(logits->data + (size_t)i * V, V) == batch.labels[i]);
        right += all;
    }
    graph_restore(before);
    return (double)right / count;
}

int teacher_answer(const Transformer *model, const int *src, int src_length, int *out,
                   int capacity) {
    graph_reset(graph_current());
    const GraphMode before = graph_quiet();
    REQUIRE(src_length < TEACHER_LENGTH, "%d words", src_length);
    SentencePair asked = {.src_length = src_length};
    memcpy(asked.src, src, (size_t)src_length * sizeof *src);
    const Batch batch = teacher_batch(&asked, 1);
    unsigned char *padding = graph_alloc((size_t)batch.S);
    masks_key_padding(padding, batch.src, 1, batch.S, TOKEN_PAD);
    const Masks masks = {.key_padding_mask = padding};
    Tensor *memory = transformer_encode(model, batch.src, 1, batch.S, masks, NULL); // (1,S,E)
    DecoderCache *caches = decoder_caches_new(model, memory, capacity + 1);
    int length = 0, token = TOKEN_BOS;
    while (length < capacity) {
        Tensor *said = transformer_decode(model, &token, 1, 1, memory, masks, caches, NULL);
        const Tensor *logits = transformer_logits(model, said); // (1,1,V)
        token = vector_argmax(logits->data, logits->size);
        if (token == TOKEN_EOS) break;
        out[length++] = token;
    }
    graph_restore(before);
    return length;
}
