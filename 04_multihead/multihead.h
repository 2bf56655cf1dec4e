/* multihead.h - several heads of attention side by side, torch.nn.MultiheadAttention. */
#ifndef MULTIHEAD_H
#define MULTIHEAD_H

#include "common/linear.h"

/* MultiHead(Q,K,V) = Concat(head_1 .. head_H) W^O, head_i = Attention(Q W_i^Q, K W_i^K, V W_i^V)
 * (Vaswani et al. 2017, section 3.2.2). The W_i of all heads are rows of one matrix. */
typedef struct {
    int d_model, nhead;
    Tensor *in_proj_weight; // (3E,E): W^Q, then W^K, then W^V
    Tensor *in_proj_bias;   // (3E)
    Linear out_proj;        // W^O
    real dropout;           // of the probabilities, while training
} MultiheadAttention;

/* Keys and values already computed, for decoding one token at a time. */
typedef struct {
    Tensor *kv; // (B,capacity,2E): a row's keys, then its values; rows [0,length) are filled
    int length;
    bool complete; // cross-attention: the memory's keys and values never change
} KeyValueCache;

/* Adds PREFIXin_proj_weight, in_proj_bias, out_proj.weight, out_proj.bias, drawn in the order and
 * from the distributions of nn.MultiheadAttention. nhead must divide d_model. */
MultiheadAttention multihead_new(Parameters *parameters, const char *prefix, int d_model, int nhead,
                                 real dropout, Random *random);

/* query (B,T,E), memory (B,S,E) (keys and values come from it; the query itself in self-attention)
 * -> (B,T,E). key_padding_mask (B,S) and attn_mask (T,S): nonzero is ignored, NULL ignores nothing.
 * cache, if not NULL, holds the keys and values of earlier tokens: those of memory are appended to
 * it (or, when complete, only read, and memory may be NULL), and S counts all of them.
 * weights, if not NULL, receives the probabilities (B,nhead,T,S). */
Tensor *multihead_forward(const MultiheadAttention *m, Tensor *query, Tensor *memory,
                          const unsigned char *key_padding_mask, const unsigned char *attn_mask,
                          KeyValueCache *cache, Tensor **weights);

#endif
