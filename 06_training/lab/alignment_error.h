/* alignment_error.h - how far links between words are from the right ones. */
#ifndef ALIGNMENT_ERROR_H
#define ALIGNMENT_ERROR_H

#include <stdint.h>

/* The links of any number of target words, counted. Start from all zeros. */
typedef struct {
    long hits, size;
} AlignmentError;

/* Adds one target word's links to the source words, one bit each: proposed ones, and of the right
 * ones those that are sure and those that are possible, which include the sure. */
void alignment_error_add(AlignmentError *error, uint64_t proposed, uint64_t sure,
                         uint64_t possible);

/* The alignment error rate (Och and Ney 2003):
 *     AER = 1 - (|A and S| + |A and P|) / (|A| + |S|)
 * A proposed, S sure, P possible links; 0 is the right alignment. */
double alignment_error_rate(const AlignmentError *error);

#endif
