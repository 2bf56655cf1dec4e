/* head_columns.h - where the projected queries, keys and values of all heads lie.
 *
 * One matrix product makes several of them at once, (B,T,3E) or (B,S,2E), and a cache has more rows
 * than it has filled. So an attention over all heads is told which columns it is to read.
 */
#ifndef HEAD_COLUMNS_H
#define HEAD_COLUMNS_H

#include "common/ops.h"

/* Columns [first, first + E) of a tensor (B,L,W), W >= first + E. */
typedef struct {
    Tensor *tensor;
    int first;
} Columns;

/* Head h has columns [h D, (h+1) D), D = E / nhead, of each. */
typedef struct {
    Columns q, k, v; // (B,T,E), and twice (B,>=S,E)
    int E, nhead;
    int S; // how many keys there are: k and v may have more rows
} HeadColumns;

/* All of q (B,T,E), k and v (B,S,E). */
HeadColumns head_columns(Tensor *q, Tensor *k, Tensor *v, int nhead);

/* Requires that nhead divides E and that the tensors have the columns and rows. */
void head_columns_check(const HeadColumns *heads);

#endif
