/* adam.h - the step of Adam and AdamW on plain arrays, as torch.optim takes it. */
#ifndef COMMON_ADAM_H
#define COMMON_ADAM_H

#include <stddef.h>

#include "common/real.h"

typedef struct {
    double beta1, beta2; // how slowly m and v change
    double eps;          // added to sqrt(v), outside the root
    double weight_decay; // 0: none
    bool decoupled;      // AdamW: the decay shrinks the weight itself. Adam: it joins the gradient
} AdamConfig;

AdamConfig adam_pytorch(void);  // torch.optim.Adam's defaults: betas 0.9 and 0.999, eps 1e-8
AdamConfig adam_paper(void);    // Vaswani et al. 2017, section 5.3: 0.9, 0.98 and 1e-9
AdamConfig adamw_pytorch(void); // torch.optim.AdamW's defaults: Adam's, and a decay of 0.01

/* Step number `step` (the first is 1) of n weights w along their gradients g:
 *     g = scale g (+ weight_decay w, Adam)     m = beta1 m + (1 - beta1) g
 *     w = w (1 - lr weight_decay), AdamW       v = beta2 v + (1 - beta2) g^2
 *     w = w - lr m' / (sqrt(v') + eps)  with   m' = m / (1 - beta1^step), v' = v / (1 - beta2^step)
 * (Kingma and Ba 2015, algorithm 1; Loshchilov and Hutter 2019, algorithm 2). m and v, both 0
 * before the first step, are kept between steps. All of g becomes 0: gradients are added to, and
 * clearing them here, while they are in the cache, spares a pass. */
void adam_step(real *w, real *g, real *m, real *v, size_t n, AdamConfig config, int64_t step,
               double lr, double scale);

#endif
