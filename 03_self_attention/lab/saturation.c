#include "03_self_attention/lab/saturation.h"

#include "common/arena.h"
#include "common/softmax.h"

#include <stdlib.h>

enum { KEYS = SATURATION_KEYS };

/* scores (KEYS) of a fresh query and fresh keys. numbers ((KEYS+1) d) is scratch. */
static void draw_scores(real *scores, real *numbers, int d, Random *random) {
    random_fill_normal(random, numbers, (size_t)(KEYS + 1) * (size_t)d, 0, 1);
    for (int s = 0; s < KEYS; s++) {
        const real *key = numbers + (size_t)(s + 1) * (size_t)d;
        scores[s] = 0;
        for (int i = 0; i < d; i++) scores[s] += numbers[i] * key[i];
    }
}

/* || diag(p) - p p^T ||, the softmax's derivative: 0 when one weight is 1. */
static double jacobian_norm(const real *p) {
    double sum = 0;
    for (int i = 0; i < KEYS; i++)
        for (int j = 0; j < KEYS; j++)
            sum += pow((i == j ? (double)p[i] : 0) - (double)p[i] * (double)p[j], 2);
    return sqrt(sum);
}

Saturation saturation_measure(int d, bool scaled, int draws, Random *random) {
    Saturation mean = {0};
    real scores[KEYS], *numbers = memory_alloc((size_t)(KEYS + 1) * (size_t)d * sizeof *numbers);
    for (int n = 0; n < draws; n++) {
        // One query against all keys, as in a row of attention: the scores of a draw share its
        // length, and a long query makes all of them large at once.
        draw_scores(scores, numbers, d, random);
        double largest = 0;
        for (int s = 0; s < KEYS; s++) {
            if (scaled) scores[s] /= (real)sqrt(d);
            mean.variance += (double)scores[s] * (double)scores[s] / ((double)KEYS * draws);
        }
        softmax_row(scores, KEYS);
        for (int s = 0; s < KEYS; s++)
            if ((double)scores[s] > largest) largest = (double)scores[s];
        mean.largest += largest / draws;
        mean.gradient += jacobian_norm(scores) / draws;
    }
    free(numbers);
    return mean;
}
