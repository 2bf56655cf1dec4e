/* cross_entropy_twice.h - the loss of one target that is predicted twice, with other things dropped
 * each time, and that asks both predictions to agree. */
#ifndef COMMON_CROSS_ENTROPY_TWICE_H
#define COMMON_CROSS_ENTROPY_TWICE_H

#include <stddef.h>

#include "common/label_smoothing.h"
#include "common/real.h"

/* R-Drop (Liang et al. 2021, "R-Drop: Regularized Dropout for Neural Networks", equation 4): with
 * p and p' the softmax of both rows,
 *     loss = CE(p) + CE(p') + consistency (KL(p || p') + KL(p' || p)) / 2
 *     d loss / d z = p - q + consistency (p (ln p - ln p' - KL(p || p')) + p - p') / 2
 * and likewise for the other row. CE, q, bias, dbias as in cross_entropy.h. first, second (V):
 * logits on entry, gradients on return. difference (V): working memory. Returns the loss. */
double cross_entropy_twice_row(real *first, real *second, real *difference, const real *bias,
                               real *dbias, size_t V, int target, LabelSmoothing q,
                               real consistency);

#endif
