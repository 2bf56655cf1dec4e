#include "06_training/decoding/greedy.h"

#include "01_embeddings/tokens.h"
#include "common/vector.h"

/* <pad> and <s> are the first ids, </s> is the next: what may be said begins there. */
int greedy_token(const real *logits, int V) {
    return TOKEN_EOS + vector_argmax(logits + TOKEN_EOS, (size_t)(V - TOKEN_EOS));
}

/* A sentence leaves the batch with its last token, so late steps run on few rows; `sentence` says
 * whose translation a row is. */
void greedy_decode(Decoding *decoding, const int *limit, IntArray *out) {
    const size_t bytes = (size_t)decoding->rows * sizeof(int);
    int *sentence = graph_alloc(bytes), *from = graph_alloc(bytes), *token = graph_alloc(bytes);
    for (int r = 0; r < decoding->rows; r++) sentence[r] = r;
    for (int length = 1; decoding->rows > 0; length++) {  // of the translations after this round
        const Tensor *logits = decoding_logits(decoding); // (rows,V)
        const int V = logits->shape[1];
        // Each sentence decides for itself: that they are in one batch changes nothing about what
        // is said, only how fast.
        int still = 0; // rows that go on
        for (int r = 0; r < decoding->rows; r++) {
            const int i = sentence[r], said = greedy_token(logits->data + (size_t)r * (size_t)V, V);
            if (said != TOKEN_EOS) int_array_push(&out[i], said);
            // A model that has not learned to stop would go on for ever.
            if (said == TOKEN_EOS || length >= limit[i]) continue;
            sentence[still] = i; // still <= r: nothing that is yet to be read is overwritten
            from[still] = r;
            token[still++] = said;
        }
        decoding_extend(decoding, from, token, still);
    }
}
