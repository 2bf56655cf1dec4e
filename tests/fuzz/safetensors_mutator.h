/* safetensors_mutator.h - other safetensors files out of one, with a right length and checksum. */
#ifndef TESTS_SAFETENSORS_MUTATOR_H
#define TESTS_SAFETENSORS_MUTATOR_H

#include <stddef.h>
#include <stdint.h>

/* Changes header or data of the file at data (size), which has room for max_size, and sets the
 * header's length and, where there is one, its checksum to what is then right. One change in 16 is
 * of any byte, and these are left wrong. Returns the new size. */
size_t safetensors_mutate(uint8_t *data, size_t size, size_t max_size, unsigned seed);

#endif
