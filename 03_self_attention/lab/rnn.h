/* rnn.h - the recurrent network that attention grew out of: one state, handed from token to token.
 */
#ifndef RNN_H
#define RNN_H

#include "common/linear.h"

/* h' = tanh(x W_ih^T + b_ih + h W_hh^T + b_hh), torch.nn.RNNCell (Elman 1990; Johnson, lecture 12).
 */
typedef struct {
    Linear input, hidden; // (H,E) and (H,H), each with a bias (H)
} RnnCell;

/* Adds PREFIXinput.weight, PREFIXinput.bias, PREFIXhidden.weight, PREFIXhidden.bias, uniform in
 * +-1/sqrt(H) as nn.RNNCell's; orthogonal starts the hidden weight as a rotation instead (Saxe et
 * al. 2014), which neither fades nor explodes over many steps. */
RnnCell rnn_cell_new(Parameters *parameters, const char *prefix, int input_size, int hidden_size,
                     bool orthogonal, Random *random);

/* x (B,E), h (B,H) -> the next h (B,H). */
Tensor *rnn_cell_forward(const RnnCell *cell, Tensor *x, Tensor *h);

/* A state of zeros (B,H) of the current graph. */
Tensor *rnn_cell_start(const RnnCell *cell, int B);

#endif
