#include "05_encoder_decoder/feed_forward.h"

#include "05_encoder_decoder/trace.h"

Tensor *feed_forward(const Linear *linear1, const Linear *linear2, Tensor *x, real dropout) {
    Tensor *hidden = traced(linear1->weight->name, 1, linear_forward(linear1, x)); // (...,F)
    hidden = op_dropout(op_relu(hidden), dropout);                                 // (...,F)
    return traced(linear2->weight->name, 1, linear_forward(linear2, hidden));      // (...,E)
}
