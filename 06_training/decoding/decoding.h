/* decoding.h - the decoder as a search needs it: many beginnings side by side, each of which grows
 * by one token at a time.
 *
 *     Decoding d = decoding_begin(model, src, B, S, B, capacity, false);
 *     while (d.rows > 0) {
 *         const Tensor *logits = decoding_logits(&d);      // (rows,V): what may come next
 *         ... choose rows, and a token for each ...
 *         decoding_extend(&d, from, token, rows);
 *     }
 */
#ifndef DECODING_H
#define DECODING_H

#include "05_encoder_decoder/shared_caches.h"
#include "common/packed.h"

typedef struct {
    const Transformer *model;
    int rows; // beginnings, at most `most`
    int most;
    int length;             // tokens of each, <s> included
    int capacity;           // the most they may become
    int S;                  // source tokens
    int *prefixes;          // (rows,capacity): the beginnings
    int *next_prefixes;     // the same, for the next step
    unsigned char *padding; // (rows,S)
    Tensor *memory;         // (rows,S,E), but with `shared`, where no row needs one of its own
    SharedCaches *shared;   // what the decoder remembers; NULL: a model that cannot have them
    DecoderCache *caches;   // then these; both NULL: the whole prefix is run again for every token
    Linear generator;       // the model's, or of `tokens` only
    const int *tokens;      // (V'): which they are (decoding_limit); NULL: all
    PackedMatrix *few;      // and their weights, if the model's are packed
    ArenaMark step;         // what a step allocates lies above it
    bool finite;            // all logits so far were finite numbers
} Decoding;

/* Encodes src (B,S), TOKEN_PAD-filled, and begins each sentence, in row b, with <s>. Later there
 * may be up to `most` >= B rows. capacity: tokens per row, <s> included. recompute: nothing is kept
 * from token to token; slow, and the same logits but for rounding.
 *
 * Lives in the current graph, which should be quiet (graph_quiet), must stay current, and must not
 * be reset before the search is over. */
Decoding decoding_begin(const Transformer *model, const int *src, int B, int S, int most,
                        int capacity, bool recompute);

/* From now on only these tokens (V') are asked for, in ascending order and all marks among them,
 * which so keep their ids: logits are (rows,V'), and a token that is chosen of them, also for
 * decoding_extend, is a place in `tokens`. decoding_end gives back what that takes; nothing else
 * needs it. */
void decoding_limit(Decoding *decoding, const int *tokens, int count);
void decoding_end(Decoding *decoding);

/* The token of a place among the logits: the same number, but after decoding_limit. */
int decoding_token(const Decoding *decoding, int place);

/* The logits (rows,V) of the token after each beginning. They and what is allocated behind them in
 * the graph live until decoding_extend. */
Tensor *decoding_logits(Decoding *decoding);

/* The same in two parts, for who has another way to the best tokens (ranking.h): the decoder runs,
 * (rows,E), and the generator makes the logits (rows,V) of that. */
Tensor *decoding_run(Decoding *decoding);
Tensor *decoding_logits_of(Decoding *decoding, Tensor *decoded);

/* The beginnings (rows) of the next step: row r is the former row from[r] with token[r] behind it.
 * rows: at most decoding->most. */
void decoding_extend(Decoding *decoding, const int *from, const int *token, int rows);

/* A row's tokens, `length` of them; the first is <s>. */
const int *decoding_prefix(const Decoding *decoding, int row);

#endif
