#include "common/files/data.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* In the order of intent: what the user names, what `make data` fetched, what lies beside the
 * checkout. Not found, path says how to get it, ready to be printed. */
bool data_find(const char *name, char *path, size_t size) {
    const char *const folder[] = {getenv("DATA"), "build/data", "../shared/data"};
    for (size_t i = 0; i < sizeof folder / sizeof *folder; i++) {
        if (!folder[i] || !*folder[i]) continue;
        const int length = snprintf(path, size, "%s/%s", folder[i], name);
        if (length > 0 && (size_t)length < size && access(path, R_OK) == 0) return true;
    }
    snprintf(path, size, "no build/data/%s (make data)", name);
    return false;
}
