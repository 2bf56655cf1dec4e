#define _GNU_SOURCE // program_invocation_short_name
#include "common/program_name.h"

#include <errno.h>
#include <stdlib.h>

const char *program_name(void) {
#ifdef __APPLE__
    return getprogname();
#else
    return program_invocation_short_name;
#endif
}
