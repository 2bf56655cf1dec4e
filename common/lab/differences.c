#include "common/lab/differences.h"

#include <math.h>

static const double TRUE_SLOPE = 3;

static double cube(double x) {
    return x * x * x;
}

static float cube_float(float x) {
    return x * x * x;
}

double differences_one_sided(double h) {
    return fabs((cube(1 + h) - cube(1)) / h - TRUE_SLOPE);
}

double differences_central(double h) {
    return fabs((cube(1 + h) - cube(1 - h)) / (2 * h) - TRUE_SLOPE);
}

/* Rounded to float at every step, the step h included: it is what a check in float would have. */
double differences_central_float(double h) {
    const float step = (float)h;
    const float rise = cube_float(1 + step) - cube_float(1 - step);
    return fabs((double)(rise / (2 * step)) - TRUE_SLOPE);
}
