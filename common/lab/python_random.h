/* python_random.h - the draws of Python's `random` and of NumPy's `numpy.random.seed`, on the same
 * engine as PyTorch's: a notebook that seeds them can be followed number for number.
 */
#ifndef PYTHON_RANDOM_H
#define PYTHON_RANDOM_H

#include "common/random.h"

/* Starts the stream as Python's random.seed(seed). numpy.random.seed(seed) is random_seed. */
void python_random_seed(Random *random, uint32_t seed);

/* random.random(), and NumPy's random_sample(): uniform in [0,1), 53 bits of two draws. */
double python_random_uniform(Random *random);

/* x (n) <- numpy.random.normal(0, std, n). A number left over is not kept for the next call. */
void numpy_random_normal(Random *random, double *x, size_t n, double std);

/* Shuffles order (n) as numpy.random.shuffle does. */
void numpy_random_shuffle(Random *random, size_t *order, size_t n);

#endif
