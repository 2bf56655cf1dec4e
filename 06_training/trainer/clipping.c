#include "06_training/trainer/clipping.h"

/* Shortened as a whole, not cut element by element: the direction stays (Pascanu et al. 2013,
 * section 3.2). A norm of 0 is never larger than max_norm, so nothing is divided by it. */
double clipping_scale(double norm, double max_norm) {
    return max_norm > 0 && norm > max_norm ? max_norm / norm : 1;
}
