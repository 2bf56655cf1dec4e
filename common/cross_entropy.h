/* cross_entropy.h - the loss of one row of logits, and its gradient. */
#ifndef COMMON_CROSS_ENTROPY_H
#define COMMON_CROSS_ENTROPY_H

#include <stddef.h>

#include "common/real.h"

/* For one row of V logits z, p = softmax(z), and the target distribution q_i = share, and certainty
 * more for the target (1 and 0 without label smoothing):
 *     loss = -sum_i q_i ln p_i = lse(z) - certainty z_target - share sum_i z_i
 *     d loss / d z = p - q
 * where lse(z) = ln sum_i e^z_i. row (V): logits on entry, to which bias is added first; the
 * gradient on return, which is also added to dbias. bias and dbias (V) may be NULL. Returns the
 * loss. */
double cross_entropy_row(real *row, const real *bias, real *dbias, size_t V, int target,
                         real certainty, real share);

#endif
