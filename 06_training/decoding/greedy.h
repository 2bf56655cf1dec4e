/* greedy.h - greedy decoding: at every place the likeliest token is said, and never taken back. */
#ifndef GREEDY_H
#define GREEDY_H

#include "06_training/decoding/decoding.h"
#include "common/array.h"

/* The likeliest token of logits (V), the first of several equally likely ones. <pad> and <s> are
 * never said: no target has them. */
int greedy_token(const real *logits, int V);

/* Says the translations of a Decoding that has just begun, one row for each sentence. A translation
 * ends with </s>, or when it has limit[r] tokens (at most the capacity less 1). The ids of
 * translation r, without marks, are appended to out[r]. A row whose translation has ended leaves
 * with decoding_extend and the others move up, so that a row's number is its sentence's only at the
 * beginning. At the end decoding->rows is 0. */
void greedy_decode(Decoding *decoding, const int *limit, IntArray *out);

#endif
