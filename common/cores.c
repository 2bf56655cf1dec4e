#define _GNU_SOURCE // sched_getaffinity
#include "common/cores.h"

#include <sched.h>
#include <stdio.h>
#include <unistd.h>

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
 * second. Only cores that this process may use count (taskset, containers). */
long cores_physical(void) {
    cpu_set_t allowed, leaders;
    CPU_ZERO(&leaders);
    if (sched_getaffinity(0, sizeof allowed, &allowed) != 0) {
        // A machine with more processors than a cpu_set_t holds lands here, too.
        const long online = sysconf(_SC_NPROCESSORS_ONLN);
        return online > 0 ? online : 1;
    }
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++)
        if (CPU_ISSET(cpu, &allowed)) CPU_SET(cores_leader(cpu), &leaders);
    return CPU_COUNT(&leaders);
}
