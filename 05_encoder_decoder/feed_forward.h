/* feed_forward.h - the two linear layers that every token goes through on its own. */
#ifndef FEED_FORWARD_H
#define FEED_FORWARD_H

#include "common/linear.h"

/* FFN(x) = max(0, x W1 + b1) W2 + b2 (Vaswani et al. 2017, equation 2): linear1 with weight (F,E),
 * linear2 with weight (E,F), x (...,E) -> (...,E). dropout in [0,1) acts on what stands between
 * them while training, as in torch.nn.TransformerEncoderLayer. Each layer's result is reported as
 * its own (trace.h), under its weight's name less one part. */
Tensor *feed_forward(const Linear *linear1, const Linear *linear2, Tensor *x, real dropout);

#endif
