/* search.h - from what the decoder offers at each place to whole translations. */
#ifndef SEARCH_H
#define SEARCH_H

#include "05_encoder_decoder/transformer.h"
#include "06_training/decoding/shortlist.h"
#include "common/array.h"

typedef struct {
    int beam;              // hypotheses kept per sentence; 1: greedy decoding (greedy.h)
    double length_penalty; // alpha of beam_length_penalty
    bool recompute;        // run the whole prefix again for every token instead of caching keys and
                           // values: slow, and the same translations (it is there to be compared)
    const int *limits;     // (B): tokens that each translation may have; NULL: as search_batch says
    int length_factor;     // that of a Translator; 0: 2
    const Shortlist *shortlist; // only what it lists for the batch can be said; NULL: every token
} SearchOptions;

/* What train and translate use unless told otherwise: beam 4, alpha 0.6 (Vaswani et al. 2017,
 * section 6.1). */
SearchOptions search_defaults(void);

/* One hypothesis, and no question of lengths. */
SearchOptions search_greedy(void);

/* Translates a batch. src (B,S), TOKEN_PAD-filled, every sentence with its </s>. out (B): the ids
 * of each translation are appended, without marks. At each step the `beam` best continuations of a
 * sentence's hypotheses stay (beam.h); a hypothesis that ends in </s> leaves with the score
 * ln P / length penalty, and the search ends when none that is left can become better than the
 * best of those, or at length_factor S + 10 tokens (unless options.limits tells), at most
 * max_length. Works in the current graph's arena and leaves nothing there. False: a logit was not a
 * finite number, and the translations are worth nothing. */
bool search_batch(const Transformer *model, const int *src, int B, int S, int max_length,
                  SearchOptions options, IntArray *out);

/* One translation that the search has found. */
typedef struct {
    IntArray ids; // without marks
    double score; // ln P / length penalty; -INFINITY: there is none
} SearchHypothesis;

/* The same, and not the best translation of each sentence alone but the `wanted` best, at most
 * options.beam: best (B,wanted), all zeros before, <- those of each sentence in falling order. The
 * caller frees each ids.data. The search ends when no hypothesis that is left can become better
 * than the last of those wanted. A small vocabulary or limit may give fewer. */
bool search_best(const Transformer *model, const int *src, int B, int S, int max_length,
                 SearchOptions options, int wanted, SearchHypothesis *best);

#endif
