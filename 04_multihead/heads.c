#include "04_multihead/heads.h"

/* The first move only renames: a row of E numbers is H rows of D. The second moves data, so that
 * the (T,D) of one head lie together and chapter 3's attention takes heads for more sentences. */
Tensor *split_heads(Tensor *x, int nhead) {
    const int B = x->shape[0], T = x->shape[1], E = x->shape[2];
    REQUIRE(x->ndim == 3 && nhead > 0 && E % nhead == 0, "%d heads do not divide %d", nhead, E);
    Tensor *apart = RESHAPE(x, B, T, nhead, E / nhead); // (B,T,H,D)
    return op_transpose(apart, 1, 2);                   // (B,H,T,D)
}

/* T and H change places first: only then do the H rows of D of one token lie side by side and can
 * be called one row of E again. */
Tensor *merge_heads(Tensor *x) {
    REQUIRE(x->ndim == 4, "x must be (B,H,T,D), not %d-dimensional", x->ndim);
    Tensor *apart = op_transpose(x, 1, 2);                                      // (B,T,H,D)
    return RESHAPE(apart, x->shape[0], x->shape[2], x->shape[1] * x->shape[3]); // (B,T,E)
}
