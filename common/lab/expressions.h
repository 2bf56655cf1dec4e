/* expressions.h - the two expressions on which Karpathy shows what `backward` does, made of tensors
 * that hold one number each.
 */
#ifndef EXPRESSIONS_H
#define EXPRESSIONS_H

#include "common/ops.h"

/* L = (a b + c) f with a = 2, b = -3, c = 10, f = -2: the video "building micrograd", 0:32:10. All
 * are scalars of the current graph. */
typedef struct {
    Tensor *a, *b, *c, *f; // the leaves, each requiring a gradient
    Tensor *e, *d, *L;     // e = a b, d = e + c, L = d f
} Chain;

Chain chain_forward(void);

/* Draws it as the picture "tape" into the directory, values and gradients in every box; to be
 * called after backward. */
void chain_draw(const Chain *x, const char *directory);

/* The expression in micrograd's README, in which a and b are used many times over: from a = -4 and
 * b = 2 to g = 24.7041. */
typedef struct {
    Tensor *a, *b, *g;
} Micrograd;

Micrograd micrograd_forward(void);

#endif
