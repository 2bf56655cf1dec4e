#include "06_training/trainer/memory.h"

#include "common/real.h"

#include <unistd.h>

bool memory_suffices(double weights, long threads, Error *err) {
    const double pages = (double)sysconf(_SC_PHYS_PAGES), page = (double)sysconf(_SC_PAGESIZE);
    const double there = pages * page / 1e9;
    const double needed = weights * (double)(3 + threads) * sizeof(real) / 1e9;
    if (pages <= 0 || needed <= there) return true;
    return error_set(err,
                     "a model of these sizes has %.0f million weights, which take %.0f GB with "
                     "their gradients and Adam's means, and this machine has %.0f GB: choose a "
                     "smaller --d-model or fewer --layers",
                     weights / 1e6, needed, there);
}
