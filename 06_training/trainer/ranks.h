/* ranks.h - the processes that train one model together, on one machine or on several.
 *
 * MPI, the Message Passing Interface, is the standard for programs that run on many machines at
 * once. It calls each of their processes a rank and numbers them from 0. Here rank 0 is the
 * training: it reads, decides, prints, writes. The others compute their share of each batch and
 * know nothing but what rank 0 tells them, so they need no files.
 *
 * ranks.c is for one rank, this process, as which there is nobody to talk to. `make MPI=1` puts
 * ranks_mpi.c in its place.
 *
 * Once a signal has come (interrupt.h) rank 0 waits for nobody. mpirun sends one when it is told to
 * end and when a rank has died, and then nobody would answer: what needs the others returns false,
 * and the weights are still those of the last whole step.
 */
#ifndef RANKS_H
#define RANKS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/parameters.h"

/* The first thing after kernels_choose, which may start the program again. When rank 0 ends, by
 * whatever exit, the others are told. */
void ranks_begin(void);

int ranks_count(void);  // 1 before ranks_begin
int ranks_number(void); // of this one

/* Rank 0 calls the others to work; each of them waits for that, and goes home if it returns false:
 * rank 0 has ended. Work in which all take part ends with ranks_rest, on each. */
bool ranks_call(void);
bool ranks_wait(void);
void ranks_rest(void);

/* data (bytes) of all ranks <- that of rank 0. */
bool ranks_broadcast(void *data, size_t bytes);

/* The gradients of the parameters, and *loss, of all ranks <- their sum over the ranks: the same
 * numbers, to the last bit, on each of them. */
bool ranks_sum(Parameters *parameters, double *loss);

#endif
