/* clipping.h - a gradient that is too long is shortened, so that one odd batch cannot undo a
 * hundred. */
#ifndef CLIPPING_H
#define CLIPPING_H

/* What a gradient of length `norm` (over all parameters together) is to be multiplied by so that
 * it is no longer than max_norm: 1 if it is not, max_norm / norm if it is. max_norm 0: 1 always.
 *
 * torch.nn.utils.clip_grad_norm_ divides by norm + 1e-6, which spares it the case norm = 0. */
double clipping_scale(double norm, double max_norm);

#endif
