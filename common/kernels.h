/* kernels.h - OpenBLAS with the kernels that fit this processor.
 *
 * OpenBLAS has a matrix product (kernels) for each family of processors, called a core type, and
 * picks one by the processor's model number. A release older than the processor does not know the
 * number and falls back to a core type of 2004, which costs a factor of four or more. What the
 * processor can do is known all the same, so a program that finds itself on a fallback starts
 * itself again with a fitting OPENBLAS_CORETYPE, which OpenBLAS reads only while it is loaded.
 *
 * Such a choice is not taken on trust: the new process multiplies a few matrices and compares them
 * with plain loops. If they differ it goes one core type lower, in the end back to OpenBLAS' own.
 *
 * Who wants a program to start once only, under a debugger, valgrind or a preloaded library, sets
 * OPENBLAS_CORETYPE beforehand.
 */
#ifndef COMMON_KERNELS_H
#define COMMON_KERNELS_H

#include <stdbool.h>
#include <stddef.h>

/* SkylakeX, Haswell, OpenBLAS' own: there is nothing to start with after these. */
enum { KERNELS_STARTS = 3 };

/* All that the choice depends on, so that it can be tested with processors that are not here. */
typedef struct {
    bool dynamic;        // OpenBLAS was built with several core types to choose from
    const char *core;    // the core type that runs now
    char own[32];        // the one that OpenBLAS took when the program was first started
    const char *setting; // the user's OPENBLAS_CORETYPE, NULL if there is none
    bool avx2, avx512;   // AVX2 and FMA; AVX-512 F, BW, DQ and VL; and the system lets us use them
    int starts;          // how often the program has started itself again, up to KERNELS_STARTS
    bool right;          // products come out right; only looked at when starts > 0
} Kernels;

/* The first statement of every main, before stdin is read or a thread started. argc and argv are
 * main's. Starts the program again, with the same arguments and as the same process, or returns: at
 * once where the kernels fit, where the user has set OPENBLAS_CORETYPE, and wherever starting
 * again is not possible (no /proc or exec, other processors, static or set-user-ID programs). The
 * environment is the user's again afterwards: programs run from here choose for themselves. And
 * file_begin is called, which every program needs. */
void kernels_choose(int argc, char **argv);

/* The core type to start again with, "" for OpenBLAS' own choice; NULL: stay, as always after
 * KERNELS_STARTS starts. */
const char *kernels_next(const Kernels *kernels);

/* This process's, as they stood when kernels_choose returned. */
const Kernels *kernels_used(void);

/* Who chose the kernels: "OpenBLAS", "user" or "program". */
const char *kernels_chooser(const Kernels *kernels);

/* text (size) <- the core type and why it is the one, one line without an end:
 * "SkylakeX: OpenBLAS by itself takes Prescott, but this processor has AVX2, FMA and AVX-512". */
void kernels_describe(const Kernels *kernels, char *text, size_t size);

/* "AVX2, FMA and AVX-512", "AVX2 and FMA" or "no AVX2 with FMA". */
const char *kernels_processor(const Kernels *kernels);

#endif
