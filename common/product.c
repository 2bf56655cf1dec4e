#include "common/product.h"

void product_backward(real *da, real dy, real b) {
    *da += dy * b;
}
