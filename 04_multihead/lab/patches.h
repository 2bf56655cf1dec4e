/* patches.h - an image as a sentence: cut into patches, one token for each. */
#ifndef PATCHES_H
#define PATCHES_H

#include "common/real.h"

/* patches (side^2/p^2, p^2) <- image (side,side), p divides side: row r holds patch r, left to
 * right and top to bottom, its pixels in the same order. In einops: (h p1) (w p2) -> (h w) (p1
 * p2). */
void patches_cut(real *patches, const real *image, int side, int p);

#endif
