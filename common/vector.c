#include "common/vector.h"

int vector_argmax(const real *x, size_t n) {
    size_t best = 0;
    for (size_t i = 1; i < n; i++)
        if (x[i] > x[best]) best = i;
    return (int)best;
}

/* fmax would pass over a NaN. */
static double larger(double largest, double x) {
    return isnan(largest) || x <= largest ? largest : x;
}

double vector_max_abs(const real *x, size_t n) {
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = larger(largest, fabs((double)x[i]));
    return largest;
}

/* Subtracted in double, so that the difference itself is not rounded. */
double vector_max_difference(const real *a, const real *b, size_t n) {
    double largest = 0;
    for (size_t i = 0; i < n; i++) largest = larger(largest, fabs((double)a[i] - (double)b[i]));
    return largest;
}
