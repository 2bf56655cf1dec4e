/* half.h - IEEE 754's half precision: a number in 16 bits.
 *
 * 1 bit sign, 5 bits exponent, 10 bits fraction: three and a half decimal digits, up to 65504. Half
 * the room of a float, and for weights of a trained model nearly as good.
 */
#ifndef COMMON_HALF_H
#define COMMON_HALF_H

#include <stdint.h>

/* The half nearest to value; of two equally near the one with an even fraction, so that a sum of
 * many roundings drifts neither up nor down. Beyond 65504 (from 65520 on) infinity; NaN stays
 * NaN. */
uint16_t half_from_float(float value);

/* The number that the half is; every half is a float, so nothing is rounded. */
float half_to_float(uint16_t half);

#endif
