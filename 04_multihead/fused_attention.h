/* fused_attention.h - attention over all heads as one operation: chapter 3's numbers, less memory.
 *
 * Composed of primitives, attention makes and keeps five tensors of the size of the scores and
 * copies the heads apart and together again. Here heads are read where they lie, as columns of the
 * projections, and of all that was computed only the probabilities are kept for the way back.
 */
#ifndef FUSED_ATTENTION_H
#define FUSED_ATTENTION_H

#include "03_self_attention/masks.h"
#include "04_multihead/head_columns.h"
#include "common/dropout.h"

/* Where the queries, the keys or the values of all heads of all sentences lie: token t of head h of
 * sentence b has the D numbers from first + b sentence + t row + h D on. */
typedef struct {
    const real *first;
    int row;         // from a token to the next
    size_t sentence; // from a sentence to the next
} HeadRows;

typedef struct {
    int B, H, T, S, D; // sentences, heads, queries, keys, numbers in each
    HeadRows q, k, v;
    bool drops;
    Dropout dropout; // of the weights, if drops; the weight's place in (B,H,T,S) is its element
} FusedArrays;

/* One head of one sentence is chapter 3's affair (attention_forward, attention_backward); here all
 * of them are found, in strides of the arrays that hold them.
 *
 * p (B,H,T,S) <- the weights of all heads, y (B,T,H D) <- what they find, side by side. masks are
 * for (B,T,S): key_padding_mask (B,S), each sentence its row; attn_mask (T,S), for every sentence.
 * scratch (T,S) is used only with dropout, else it may be NULL. */
void fused_attention_forward(real *y, real *p, real *scratch, const FusedArrays *a, Masks masks);

/* Adds to dq, dk, dv, which begin and go on as q, k and v do (NULL: not wanted), what comes back
 * from dy (B,T,H D) and from dp (B,H,T,S), the gradient of the weights themselves (NULL: nobody
 * used them). p are the weights of the forward pass. scratch (T,S) need not be initialised. */
void fused_attention_backward(real *dq, real *dk, real *dv, const real *dy, const real *dp,
                              const real *p, real *scratch, const FusedArrays *a);

/* The same recorded on the tape -> (B,T,E): head h makes columns [h D, (h+1) D) of the result out
 * of the same columns of q, k and v, softmax(q_h k_h^T / sqrt(D)) v_h, D = E / nhead. A query with
 * no key left gets zeros. dropout in [0,1) acts on the probabilities while training.
 * weights, if not NULL, receives the probabilities (B,nhead,T,S), before dropout. A loss may be
 * computed from them, too: their gradient goes back to q and k. */
Tensor *fused_attention(HeadColumns heads, Masks masks, real dropout, Tensor **weights);

#endif
