#include "common/vector.h"

real vector_max(const real *x, size_t n) {
    real max = -INFINITY;
#pragma omp simd reduction(max : max)
    for (size_t i = 0; i < n; i++) max = x[i] > max ? x[i] : max;
    return max;
}

/* In blocks, whose largest is found many numbers at a time; only in the few that have a larger one
 * than all before it is looked where. */
int vector_argmax(const real *x, size_t n) {
    enum { BLOCK = 256 };
    size_t best = 0;
    for (size_t first = 0; first < n; first += BLOCK) {
        const size_t end = n - first < BLOCK ? n : first + BLOCK;
        if (!(vector_max(x + first, end - first) > x[best]) && first > 0) continue;
        for (size_t i = first; i < end; i++)
            if (x[i] > x[best]) best = i;
    }
    return (int)best;
}

real vector_exp_sum(const real *x, size_t n, real shift) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) sum += real_exp(x[i] - shift);
    return sum;
}

/* 0 times a number that is finite is 0, and times any other NaN, which a sum keeps. */
bool vector_is_finite(const real *x, size_t n) {
    real sum = 0;
#pragma omp simd reduction(+ : sum)
    for (size_t i = 0; i < n; i++) sum += x[i] * 0;
    return sum == 0;
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
