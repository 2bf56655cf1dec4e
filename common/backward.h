/* backward.h - from a loss to the gradients of all it depends on. */
#ifndef COMMON_BACKWARD_H
#define COMMON_BACKWARD_H

#include "common/tensor.h"

/* Fills tensor_grad of every tensor that requires it and that loss depends on, with
 * d loss / d tensor, added to what is there. loss () must be a scalar of the current graph; a
 * second backward before graph_reset, or a tensor from before the last reset, is an error. */
void backward(Tensor *loss);

#endif
