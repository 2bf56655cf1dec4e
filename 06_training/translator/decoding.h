/* decoding.h - the decoder as a search needs it: many beginnings side by side, each of which grows
 * by one token at a time.
 *
 *     Decoding d = decoding_begin(model, src, B, S, 1, capacity, false);
 *     while (d.rows > 0) {
 *         const Tensor *logits = decoding_logits(&d);      // (rows,V): what may come next
 *         ... choose rows, and a token for each ...
 *         decoding_extend(&d, from, token, rows);
 *     }
 */
#ifndef DECODING_H
#define DECODING_H

#include "05_encoder_decoder/transformer.h"

typedef struct {
    const Transformer *model;
    int rows;               // beginnings
    int length;             // tokens of each, <s> included
    int capacity;           // the most they may become
    int S;                  // source tokens
    int *prefixes;          // (rows,capacity): the beginnings
    int *next_prefixes;     // the same, for the next step
    unsigned char *padding; // (rows,S)
    Tensor *memory;         // (rows,S,E)
    DecoderCache *caches;   // NULL: the whole prefix is run again for every token
    ArenaMark step;         // what a step allocates lies above it
    bool finite;            // all logits so far were finite numbers
} Decoding;

/* Encodes src (B,S), TOKEN_PAD-filled, and begins each sentence `copies` times, in rows b copies up
 * to (b + 1) copies, with <s>. capacity: tokens per row, <s> included. recompute: nothing is kept
 * from token to token; slow, and the same logits but for rounding.
 *
 * Lives in the current graph, which should be quiet (graph_quiet), must stay current, and must not
 * be reset before the search is over. */
Decoding decoding_begin(const Transformer *model, const int *src, int B, int S, int copies,
                        int capacity, bool recompute);

/* The logits (rows,V) of the token after each beginning. They and what is allocated behind them in
 * the graph live until decoding_extend. */
Tensor *decoding_logits(Decoding *decoding);

/* The beginnings (rows) of the next step: row r is the former row from[r] with token[r] behind it.
 * rows: at most as many as before. */
void decoding_extend(Decoding *decoding, const int *from, const int *token, int rows);

/* A row's tokens, `length` of them; the first is <s>. */
const int *decoding_prefix(const Decoding *decoding, int row);

#endif
