/* sinusoid_shift.h - one step to the right is the same turn everywhere. */
#ifndef SINUSOID_SHIFT_H
#define SINUSOID_SHIFT_H

#include "common/real.h"

/* shift (d_model,d_model) such that PE(pos + k) = PE(pos) shift, as rows, for every pos: blocks of
 * 2x2 on the diagonal, each turning one sine-cosine pair by k times its frequency. k may be
 * negative. d_model must be even. */
void sinusoid_shift(real *shift, int k, int d_model);

#endif
