#include "common/array.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

void *array_reserve(void *array, size_t *capacity, size_t count, size_t size) {
    if (count <= *capacity) return array;
    size_t room = *capacity > SIZE_MAX / 2 ? count : 2 * *capacity;
    if (room < count) room = count;
    if (room < 16) room = 16;
    void *grown = room <= SIZE_MAX / size ? realloc(array, room * size) : NULL;
    if (!grown) {
        fprintf(stderr, "out of memory: %zu elements of %zu bytes asked for\n", room, size);
        exit(1);
    }
    *capacity = room;
    return grown;
}

void int_array_push(IntArray *array, int value) {
    array->data =
        array_reserve(array->data, &array->capacity, array->count + 1, sizeof *array->data);
    array->data[array->count++] = value;
}

void byte_array_append(ByteArray *array, const void *bytes, size_t length) {
    array->data = array_reserve(array->data, &array->capacity, array->count + length + 1, 1);
    if (length) memcpy(array->data + array->count, bytes, length);
    array->count += length;
    array->data[array->count] = '\0';
}
