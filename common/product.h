/* product.h - the way back of a product of two numbers. */
#ifndef COMMON_PRODUCT_H
#define COMMON_PRODUCT_H

#include "common/real.h"

/* The operation has made y = a b, and dy, the gradient of the loss with respect to y, has arrived.
 * What one factor gets is dy times the other one, here b, added to *da: a may have been used
 * elsewhere, too, and that way to the loss counts as well. Called once for a and once for b. */
void product_backward(real *da, real dy, real b);

#endif
