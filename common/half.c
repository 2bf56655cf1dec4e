#include "common/half.h"

#include <math.h>

/* The fraction counts in 2^-10 steps of the exponent's power of two; exponent 0 has no leading 1,
 * 31 is infinity or NaN. */
float half_to_float(uint16_t half) {
    const int exponent = half >> 10 & 31, fraction = half & 1023;
    const float size = exponent == 31  ? (fraction ? NAN : INFINITY)
                       : exponent == 0 ? ldexpf((float)fraction, -24)
                                       : ldexpf((float)(1024 + fraction), exponent - 25);
    return half >> 15 ? -size : size;
}

/* Numbers of one exponent lie evenly: 1024 of them, 2^(exponent - 25) apart. So the size is counted
 * in such steps and rounded to a whole number of them; rintf takes the even one of two. Rounding up
 * to 2048 steps needs no care: 1024 more than the smallest is the next exponent's smallest, in the
 * bits as well. */
uint16_t half_from_float(float value) {
    const uint16_t sign = signbit(value) ? 0x8000 : 0;
    const float size = fabsf(value);
    if (isnan(value)) return 0x7e00;
    if (size >= 65520) return sign | 0x7c00; // half way between 65504 and what would come next
    // Below 2^-14 the exponent falls no further: steps of 2^-24, down to 0.
    if (size < 0x1p-14f) return sign | (uint16_t)rintf(ldexpf(size, 24));
    int exponent;
    frexpf(size, &exponent); // size is in [2^(exponent - 1), 2^exponent)
    exponent += 14;          // as the half counts it
    const int steps = (int)rintf(ldexpf(size, 25 - exponent)); // 1024 to 2048
    return sign | (uint16_t)((exponent << 10) + steps - 1024);
}
