/* cached_decoding.c - trax, layers/attention_test.py: "predict" in pieces equals "eval" at once.
 * Decoding with a cache of keys and values against decoding in full.
 *
 * Beside: trax - "predict" in pieces gives what "eval" gives at once
 * Beside: tensorflow Run inference - it computes everything anew for each word; with a cache the
 *     scores are the same
 */
#include "03_self_attention/masks.h"
#include "05_encoder_decoder/decoder_caches.h"
#include "05_encoder_decoder/lab/teacher.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/vector.h"

#include <stdio.h>

enum { S = 9, T = 16, VOCAB = 50 };

/* Decodes T given tokens in pieces of the given sizes with caches. Returns the largest difference
 * to `whole` (1,T,VOCAB), as a share of its largest logit. */
static double in_pieces(const Transformer *model, Tensor *memory, Masks masks, const int *tgt,
                        const int *pieces, const Tensor *whole) {
    DecoderCache *caches = decoder_caches_new(model, memory, T);
    real all[T * VOCAB];
    for (int done = 0, i = 0; done < T; done += pieces[i++]) {
        Tensor *said =
            transformer_decode(model, tgt + done, 1, pieces[i], memory, masks, caches, NULL);
        const Tensor *logits = transformer_logits(model, said); // (1,pieces[i],VOCAB)
        // The pieces' logits one after the other must be those of the whole sentence at once.
        memcpy(all + done * VOCAB, logits->data, logits->size * sizeof *all);
    }
    return vector_max_difference(all, whole->data, whole->size) /
           vector_max_abs(whole->data, whole->size);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Decoding step by step with a cache, against decoding in full.",
                         "build/05_encoder_decoder/cached_decoding"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    graph_quiet();
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);
    puts("An untrained model reads 16 target tokens: at once, or in pieces, each piece\n"
         "seeing the keys and values that the earlier ones left in the cache. Largest\n"
         "difference of the logits, as a share of the largest logit:\n");
    for (int norm_first = 0; norm_first < 2; norm_first++) {
        const TransformerConfig config = {
            .layer = {.d_model = 64, .nhead = 4, .dim_feedforward = 128, .norm_first = norm_first},
            .num_encoder_layers = 2,
            .num_decoder_layers = 3,
            .src_vocab = VOCAB,
            .tgt_vocab = VOCAB};
        Transformer *model = transformer_new(&config, &random);
        int src[S], tgt[T];
        for (int s = 0; s < S; s++)
            src[s] = TOKEN_TEXT + (int)random_below(&random, VOCAB - TOKEN_TEXT);
        for (int t = 0; t < T; t++)
            tgt[t] = t ? TOKEN_TEXT + (int)random_below(&random, 40) : TOKEN_BOS;
        src[S - 1] = TOKEN_PAD;
        unsigned char padding[S];
        masks_key_padding(padding, src, 1, S, TOKEN_PAD);
        const Masks masks = {.key_padding_mask = padding};
        Tensor *memory = transformer_encode(model, src, 1, S, masks, NULL);
        const Tensor *whole = transformer_logits(
            model, transformer_decode(model, tgt, 1, T, memory, masks, NULL, NULL));
        const int ones[T] = {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1};
        const int mixed[] = {1, 2, 1, 7, 5};
        printf("%s-norm, 2 + 3 layers, d_model 64\n", norm_first ? "pre" : "post");
        compare_value(&comparison, "one by one", 0,
                      in_pieces(model, memory, masks, tgt, ones, whole), 5, 1e-6);
        compare_value(&comparison, "1 + 2 + 1, then 7 + 5", 0,
                      in_pieces(model, memory, masks, tgt, mixed, whole), 5, 1e-6);
        transformer_free(model);
        graph_reset(graph_current());
    }
    puts("\nNot to the last bit, because the same sums are added up in another order: BLAS\n"
         "has other routines for one row than for sixteen, and a softmax row is shorter\n"
         "where the future is absent instead of masked. The model is the same: in double\n"
         "(make MODE=f64) they differ by less than 1e-14.");
    return lesson_end(&lesson, compare_end(&comparison));
}
