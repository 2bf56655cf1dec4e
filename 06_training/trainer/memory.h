/* memory.h - whether what is to be trained has room in this machine. */
#ifndef MEMORY_H
#define MEMORY_H

#include "common/error.h"

/* Whether weights, Adam's two means of each, and a gradient for each thread have room in all the
 * memory there is; if not, an error that says how much they take. What a step computes on its way
 * comes on top, so that true is no promise. Where the system does not tell, it is true. */
bool memory_suffices(double weights, long threads, Error *err);

#endif
