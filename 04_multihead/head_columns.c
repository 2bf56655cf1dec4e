#include "04_multihead/head_columns.h"

/* Nothing else beside them in the tensors: every columns begin at 0 and end with the row. */
HeadColumns head_columns(Tensor *q, Tensor *k, Tensor *v, int nhead) {
    return (HeadColumns){
        .q = {q, 0}, .k = {k, 0}, .v = {v, 0}, .E = q->shape[2], .nhead = nhead, .S = k->shape[1]};
}

/* Requires that columns [first, first + E) of c are there, in at least `rows` rows of each of B
 * sentences. */
static void check_columns(Columns c, const char *name, int B, int rows, int E) {
    char text[64];
    REQUIRE(c.tensor->ndim == 3 && c.tensor->shape[0] == B && c.tensor->shape[1] >= rows &&
                c.first >= 0 && c.first + E <= c.tensor->shape[2],
            "%s: columns %d to %d of %s, expected (%d,>=%d,E)", name, c.first, c.first + E,
            shape_text(text, c.tensor->ndim, c.tensor->shape), B, rows);
}

/* Wrong columns would be read without a crash: the next head's, or a value for a key. So they are
 * looked at here, once for all heads. */
void head_columns_check(const HeadColumns *heads) {
    const int E = heads->E, B = heads->q.tensor->shape[0];
    REQUIRE(heads->nhead > 0 && E % heads->nhead == 0, "%d heads do not divide %d columns",
            heads->nhead, E);
    check_columns(heads->q, "q", B, heads->q.tensor->shape[1], E);
    check_columns(heads->k, "k", B, heads->S, E);
    check_columns(heads->v, "v", B, heads->S, E);
}
