/* array.h - arrays that grow, and the two kinds that everybody needs: integers and bytes.
 *
 * Growing doubles the room, so that n pushes cost n steps. Running out of memory ends the program
 * with one line on stderr, as memory_alloc does: no caller could do anything better.
 */
#ifndef COMMON_ARRAY_H
#define COMMON_ARRAY_H

#include <stddef.h>

/* Makes room for at least `count` elements of `size` bytes each and returns the array, which may
 * have moved. array may be NULL with *capacity 0; *capacity is in elements and is updated. */
void *array_reserve(void *array, size_t *capacity, size_t count, size_t size);

/* Both are empty when all zeros; free(array.data) gives the memory back. */
typedef struct {
    int *data;
    size_t count, capacity;
} IntArray;

typedef struct {
    char *data; // always followed by a zero byte that count does not include
    size_t count, capacity;
} ByteArray;

void int_array_push(IntArray *array, int value);

/* Appends `length` bytes. After appending nothing at all, data is still a valid empty string. */
void byte_array_append(ByteArray *array, const void *bytes, size_t length);

#endif
