/* label_smoothing.h - a little of every target's certainty, shared out among all classes. */
#ifndef COMMON_LABEL_SMOOTHING_H
#define COMMON_LABEL_SMOOTHING_H

#include <stddef.h>

#include "common/real.h"

/* A target distribution: q_i = share for every class i, and certainty more for the target. */
typedef struct {
    real certainty, share;
} LabelSmoothing;

/* The target distribution q = (1-e) onehot(target) + e/V over V classes, as PyTorch has it
 * (Szegedy et al. 2016, section 7): the target has its share as well. e = 0 smooths nothing. */
LabelSmoothing label_smoothing(real e, size_t V);

#endif
