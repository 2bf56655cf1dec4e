/* cores.h - how many cores there are to compute on. */
#ifndef COMMON_CORES_H
#define COMMON_CORES_H

/* Physical cores this process may run on; hyperthreads of one core count once. At least 1. */
long cores_physical(void);

#endif
