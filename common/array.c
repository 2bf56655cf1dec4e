#include "common/array.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/error.h"

/* Doubling: n pushes copy fewer than 2n elements in all. The floor of 16 spares small arrays the
 * steps 1, 2, 4, 8, and the two guards keep products and doubles from wrapping round, after which
 * realloc would happily return too little. */
void *array_reserve(void *array, size_t *capacity, size_t count, size_t size) {
    if (count <= *capacity) return array;
    size_t room = *capacity > SIZE_MAX / 2 ? count : 2 * *capacity;
    if (room < count) room = count;
    if (room < 16) room = 16;
    void *grown = room <= SIZE_MAX / size ? realloc(array, room * size) : NULL;
    if (!grown) {
        Error err;
        error_set(&err, "out of memory: %zu elements of %zu bytes asked for", room, size);
        error_exit(&err);
    }
    *capacity = room;
    return grown;
}

/* The array is all zeros at first: realloc(NULL, n) is malloc(n). */
void int_array_push(IntArray *array, int value) {
    array->data =
        array_reserve(array->data, &array->capacity, array->count + 1, sizeof *array->data);
    array->data[array->count++] = value;
}

/* One byte more than count always: whoever wants a C string has one, and no code adds it twice.
 * memcpy from NULL is undefined even for no bytes, hence the guard. */
void byte_array_append(ByteArray *array, const void *bytes, size_t length) {
    array->data = array_reserve(array->data, &array->capacity, array->count + length + 1, 1);
    if (length) memcpy(array->data + array->count, bytes, length);
    array->count += length;
    array->data[array->count] = '\0';
}
