#include "06_training/lab/alignment_error.h"

static int count_bits(uint64_t bits) {
    int count = 0;
    for (; bits; bits &= bits - 1) count++;
    return count;
}

/* A link that is sure counts twice, one that is only possible once. */
void alignment_error_add(AlignmentError *error, uint64_t proposed, uint64_t sure,
                         uint64_t possible) {
    error->hits += count_bits(proposed & sure) + count_bits(proposed & possible);
    error->size += count_bits(proposed) + count_bits(sure);
}

double alignment_error_rate(const AlignmentError *error) {
    return 1 - (double)error->hits / (double)error->size;
}
