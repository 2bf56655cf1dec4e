#include "04_multihead/lab/wrong_merge.h"

Tensor *wrong_merge(Tensor *x) {
    REQUIRE(x->ndim == 4, "x must be (B,H,T,D), not %d-dimensional", x->ndim);
    return RESHAPE(x, x->shape[0], x->shape[2], x->shape[1] * x->shape[3]);
}
