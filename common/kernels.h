/* kernels.h - OpenBLAS with the kernels that fit this processor.
 *
 * OpenBLAS has a matrix product for each family of processors and picks one by the model's number.
 * A release older than the processor does not know the number and falls back to kernels of 2004,
 * which cost a factor of four or more. What the processor can do is known all the same, so a
 * program that finds itself on a fallback starts itself again with a fitting OPENBLAS_CORETYPE.
 */
#ifndef COMMON_KERNELS_H
#define COMMON_KERNELS_H

/* The first statement of every main, before stdin is read or a thread started. argc and argv are main's.
 * Returns at once where the kernels fit, where the user has set OPENBLAS_CORETYPE, and wherever
 * starting again is not possible. */
void kernels_choose(int argc, char **argv);

#endif
