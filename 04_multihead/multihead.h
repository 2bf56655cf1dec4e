/* multihead.h - several heads of attention side by side, torch.nn.MultiheadAttention. */
#ifndef MULTIHEAD_H
#define MULTIHEAD_H

#include "04_multihead/attention_kind.h"
#include "04_multihead/key_value_cache.h"
#include "common/linear.h"

typedef struct {
    int d_model, nhead;      // nhead must divide d_model
    real dropout;            // of the probabilities, while training
    AttentionKind attention; // how the heads are computed
    bool rotary;             // of a sequence to itself: queries and keys are turned (rotary.h)
} MultiheadConfig;

/* MultiHead(Q,K,V) = Concat(head_1 .. head_H) W^O, head_i = Attention(Q W_i^Q, K W_i^K, V W_i^V)
 * (Vaswani et al. 2017, section 3.2.2). The W_i of all heads are rows of one matrix. */
typedef struct {
    MultiheadConfig config;
    Tensor *in_proj_weight; // (3E,E): W^Q, then W^K, then W^V
    Tensor *in_proj_bias;   // (3E)
    Linear out_proj;        // W^O
} MultiheadAttention;

/* Adds PREFIXin_proj_weight, in_proj_bias, out_proj.weight, out_proj.bias, drawn in the order and
 * from the distributions of nn.MultiheadAttention. */
MultiheadAttention multihead_new(Parameters *parameters, const char *prefix, MultiheadConfig config,
                                 Random *random);

/* query (B,T,E), memory (B,S,E) -> (B,T,E). Queries are made of query, keys and values of memory,
 * which in self-attention is the query itself; attention_of_kind lets all heads look, with the
 * config's kind, dropout and nhead; out_proj mixes what they found. masks for (B,T,S).
 * cache, if not NULL, holds the keys and values of earlier tokens: those of memory are appended to
 * it (or, when complete, only read, and memory may be NULL), and S counts all of them.
 * With config.rotary queries and keys are turned by their places (rotary_turn, head by head) before
 * they go into the cache, values are not. The first row of query, and of memory, stands where the
 * cache's filled rows end, at 0 without one.
 * weights, if not NULL, receives the probabilities (B,nhead,T,S).
 * A cache with places goes to shared_attention, with one token a row and without masks; such caches
 * are made only where this function is ours (shared_caches.h). */
Tensor *multihead_forward(const MultiheadAttention *m, Tensor *query, Tensor *memory, Masks masks,
                          KeyValueCache *cache, Tensor **weights);

/* The keys and values of memory (B,S,E), side by side (B,S,2E), all S rows filled, complete: what a
 * cross-attention asks at every step. */
KeyValueCache multihead_cache_memory(const MultiheadAttention *m, Tensor *memory);

#endif
