#include "common/files/json_memory.h"

#include <jansson.h>
#include <stdlib.h>

#include "common/arena.h"

/* One setting for the process, always the same one: threads that set it at once do no harm. */
void json_memory_use(void) {
    json_set_alloc_funcs(memory_alloc, free);
}
