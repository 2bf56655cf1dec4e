/* data.h - where the data sets are that `make data` fetches. */
#ifndef COMMON_DATA_H
#define COMMON_DATA_H

#include <stdbool.h>
#include <stddef.h>

/* path (size) <- the file NAME, such as "tinyshakespeare/input.txt", in the first folder that has
 * it: $DATA, build/data, ../shared/data. false if none does; path then says what would help. */
bool data_find(const char *name, char *path, size_t size);

#endif
