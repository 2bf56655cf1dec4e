#include "04_multihead/lab/wrong_heads.h"

Tensor *wrong_split(Tensor *x, int nhead) {
    const int B = x->shape[0], T = x->shape[1], E = x->shape[2];
    REQUIRE(x->ndim == 3 && nhead > 0 && E % nhead == 0, "%d heads do not divide %d", nhead, E);
    return RESHAPE(x, B, nhead, T, E / nhead);
}

Tensor *wrong_merge(Tensor *x) {
    REQUIRE(x->ndim == 4, "x must be (B,H,T,D), not %d-dimensional", x->ndim);
    return RESHAPE(x, x->shape[0], x->shape[2], x->shape[1] * x->shape[3]);
}
