#include "04_multihead/heads.h"

Tensor *split_heads(Tensor *x, int nhead) {
    const int B = x->shape[0], T = x->shape[1], E = x->shape[2];
    REQUIRE(x->ndim == 3 && nhead > 0 && E % nhead == 0, "%d heads do not divide %d", nhead, E);
    Tensor *apart = RESHAPE(x, B, T, nhead, E / nhead); // (B,T,H,D)
    return op_transpose(apart, 1, 2);                   // (B,H,T,D)
}

Tensor *merge_heads(Tensor *x) {
    REQUIRE(x->ndim == 4, "x must be (B,H,T,D), not %d-dimensional", x->ndim);
    Tensor *apart = op_transpose(x, 1, 2); // (B,T,H,D)
    return RESHAPE(apart, x->shape[0], x->shape[2], x->shape[1] * x->shape[3]);
}
