#include "05_encoder_decoder/shift_right.h"

/* What place t is to say is place t + 1's input: the answer is read one place too late to copy. */
void shift_right(int *out, const int *ids, int B, int T, int first) {
    for (int b = 0; b < B; b++)
        for (int t = 0; t < T; t++) out[b * T + t] = t > 0 ? ids[b * T + t - 1] : first;
}
