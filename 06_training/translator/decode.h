/* decode.h - from a trained model to translations: greedy and beam search. */
#ifndef DECODE_H
#define DECODE_H

#include "06_training/translator/model_file.h"
#include "06_training/translator/threads.h"

typedef struct {
    int beam;              // hypotheses kept per sentence; 1 is greedy search
    double length_penalty; // A below
    bool recompute;        // run the whole prefix again for every token instead of caching keys and
                           // values: slow, and the same translations (it is there to be compared)
} DecodeOptions;

/* What train and translate use unless told otherwise: beam 4, A 0.6 (Vaswani et al. 2017, 6.1). */
DecodeOptions decode_defaults(void);

/* Beam search for a batch. src (B,S), PAD-filled, every sentence with its </s>. out (B): the ids of
 * each translation are appended, without marks. At each step the best `beam` continuations of a
 * sentence's hypotheses stay; a hypothesis that ends in </s> leaves with the score
 *     log P(Y|X) / lp(Y),   lp(Y) = ((5 + |Y|) / 6)^A      (Wu et al. 2016, equation 14)
 * and the search ends with `beam` of those, or at 2 S + 10 tokens, at most max_length. Works in the
 * current graph's arena and leaves nothing there. */
void decode_batch(const Transformer *model, const int *src, int B, int S, int max_length,
                  DecodeOptions options, IntArray *out);

/* Called now and then on the calling thread with how many lines are translated. */
typedef void DecodeProgress(void *context, size_t done);

/* Translates lines (count) into out (count), strings that the caller frees; an empty or blank line
 * gives an empty one, and a line of more than max_length tokens NULL. graphs has one graph per
 * thread, which is reset. The result does not depend on the number of threads. progress may be
 * NULL. */
void translate_lines(const Translator *translator, const char *const *lines, size_t count,
                     DecodeOptions options, Threads *threads, Graph **graphs, char **out,
                     DecodeProgress *progress, void *context);

#endif
