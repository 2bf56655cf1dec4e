/* pointers.h - images in which one cell points at another: what a vision transformer of one layer
 * cannot read, and one of two can.
 *
 * Nine cells of 4 x 4 pixels, 3 x 3 of them. One holds an arrow's head that shows to the left, to
 * the right, up or down; the others hold one of four shapes each. The label is the shape in the
 * cell next to the arrow, in its direction. All is blurred by noise.
 */
#ifndef POINTERS_H
#define POINTERS_H

#include "common/random.h"

enum {
    POINTER_CELL = 4,
    POINTER_ROW = 3,
    POINTER_CELLS = 9,
    POINTER_SIDE = 12,
    POINTER_SHAPES = 4
};

typedef struct {
    real pixels[POINTER_SIDE * POINTER_SIDE]; // row by row, 0 to 1 but for the noise
    int arrow, target;                        // cells, numbered row by row
    int label;                                // the shape in target
} PointerImage;

/* "square", "cross", "bars", "slash" */
const char *pointers_shape(int shape);

void pointers_draw(PointerImage *images, int count, Random *random);

#endif
