#include "04_multihead/composed_attention.h"

#include "03_self_attention/attention.h"
#include "04_multihead/heads.h"

/* The first `rows` rows of the columns, (B,rows,E), which may be all that the tensor has; apart as
 * heads, (B,H,rows,D). */
static Tensor *split_columns(Columns c, int rows, const HeadColumns *heads) {
    Tensor *x = c.tensor;                                               // (B,L,W)
    if (x->shape[2] != heads->E) x = op_slice(x, 2, c.first, heads->E); // (B,L,E)
    if (x->shape[1] != rows) x = op_slice(x, 1, 0, rows);               // (B,rows,E)
    return split_heads(x, heads->nhead);
}

Tensor *composed_attention(HeadColumns heads, Masks masks, real dropout, Tensor **weights) {
    head_columns_check(&heads);
    Tensor *q = split_columns(heads.q, heads.q.tensor->shape[1], &heads);               // (B,H,T,D)
    Tensor *k = split_columns(heads.k, heads.S, &heads);                                // (B,H,S,D)
    Tensor *v = split_columns(heads.v, heads.S, &heads);                                // (B,H,S,D)
    return merge_heads(scaled_dot_product_attention(q, k, v, masks, dropout, weights)); // (B,T,E)
}
