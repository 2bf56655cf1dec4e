#include "06_training/explorer/base64.h"

#include <stdint.h>

/* 24 bits are four digits of six. At the end one byte fills two digits and two bytes three. */
void base64_append(ByteArray *text, const void *bytes, size_t count) {
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const unsigned char *b = bytes;
    for (size_t i = 0; i < count; i += 3) {
        const size_t left = count - i;
        const uint32_t bits = (uint32_t)b[i] << 16 | (uint32_t)(left > 1 ? b[i + 1] : 0) << 8 |
                              (uint32_t)(left > 2 ? b[i + 2] : 0);
        char four[4] = {digits[bits >> 18], digits[bits >> 12 & 63], digits[bits >> 6 & 63],
                        digits[bits & 63]};
        if (left < 3) four[3] = '=';
        if (left < 2) four[2] = '=';
        byte_array_append(text, four, sizeof four);
    }
}
