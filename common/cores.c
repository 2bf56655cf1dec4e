#define _GNU_SOURCE // sched_getaffinity
#include "common/cores.h"

#include <stdio.h>
#include <unistd.h>

#ifdef __linux__
#include <sched.h>

/* The lowest hardware thread of the core that hardware thread cpu belongs to. */
static int cores_leader(int cpu) {
    char path[128];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%d/topology/thread_siblings_list", cpu);
    FILE *file = fopen(path, "r");
    if (!file) return cpu;
    int leader = cpu;
    // The list reads "0,2" or "0-1": its first number is the lowest sibling.
    if (fscanf(file, "%d", &leader) != 1) leader = cpu;
    fclose(file);
    return leader;
}

/* Two hardware threads of a core share its multipliers: matrix products gain nothing from the
 * second. Only cores that this process may use count (taskset, containers). 0: not known, as on a
 * machine with more processors than a cpu_set_t holds. */
static long cores_allowed(void) {
    cpu_set_t allowed, leaders;
    CPU_ZERO(&leaders);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) return 0;
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed)) CPU_SET(cores_leader(cpu), &leaders);
    return CPU_COUNT(&leaders);
}
#else
/* Other systems tell no more than how many processors there are. */
static long cores_allowed(void) {
    return 0;
}
#endif

long cores_physical(void) {
    const long allowed = cores_allowed(), online = sysconf(_SC_NPROCESSORS_ONLN);
    if (allowed > 0) return allowed;
    return online > 0 ? online : 1;
}
