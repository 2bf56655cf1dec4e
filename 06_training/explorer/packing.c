#include "06_training/explorer/packing.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "common/half.h"

/* Lowest byte first, whatever this machine does: browsers read it as it is written. */
static void append_number(ByteArray *bytes, uint32_t number, int count) {
    for (int i = 0; i < count; i++) {
        const char byte = (char)(number >> 8 * i & 255);
        byte_array_append(bytes, &byte, 1);
    }
}

void packing_halves(const Parameters *parameters, ByteArray *bytes) {
    for (int i = 0; i < parameters->count; i++) {
        const Tensor *t = parameters->items[i];
        for (size_t k = 0; k < t->size; k++)
            append_number(bytes, half_from_float((float)t->data[k]), 2);
    }
}

void packing_round_to_halves(Parameters *parameters) {
    for (int i = 0; i < parameters->count; i++) {
        Tensor *t = parameters->items[i];
        for (size_t k = 0; k < t->size; k++)
            t->data[k] = (real)half_to_float(half_from_float((float)t->data[k]));
    }
}

/* A row has a scale of its own, since one large row would take the digits of all others. */
static void append_row(const real *row, size_t count, ByteArray *bytes, ByteArray *scales) {
    float largest = 0;
    for (size_t e = 0; e < count; e++) largest = fmaxf(largest, fabsf((float)row[e]));
    const float scale = largest / 127;
    uint32_t bits;
    memcpy(&bits, &scale, sizeof bits);
    append_number(scales, bits, 4);
    for (size_t e = 0; e < count; e++) {
        const int whole = scale > 0 ? (int)rintf((float)row[e] / scale) : 0;
        append_number(bytes, (uint32_t)whole, 1);
    }
}

void packing_bytes(const Parameters *parameters, ByteArray *bytes, ByteArray *scales) {
    for (int i = 0; i < parameters->count; i++) {
        const Tensor *t = parameters->items[i];
        const size_t E = (size_t)t->shape[t->ndim - 1];
        for (size_t n = 0; n < t->size / E; n++) append_row(t->data + n * E, E, bytes, scales);
    }
}
