/* bleu_counts.h - what BLEU is made of: how many n-grams match, and what being short costs.
 *
 * K. Papineni et al., "BLEU: a Method for Automatic Evaluation of Machine Translation", ACL 2002,
 * sections 2.1 to 2.3. bleu_score.h makes the score of it.
 */
#ifndef BLEU_COUNTS_H
#define BLEU_COUNTS_H

#include <stddef.h>

enum { BLEU_ORDERS = 4 }; // n-grams of 1 to 4 tokens; order n is at index n - 1

/* Sums over the segments (sentences) of a corpus. */
typedef struct {
    long correct[BLEU_ORDERS]; // n-grams of the translations that a reference has, too
    long total[BLEU_ORDERS];   // n-grams of the translations
    long hypothesis_length;    // of the translations, in tokens
    long reference_length; // of the references: per segment the one closest in length, the shorter
                           // of two equally close
} BleuCounts;

/* Adds one segment. All lines are NUL-terminated, their tokens separated by one space each;
 * references (count), count >= 1. An n-gram that the translation has several times is correct at
 * most as often as it stands in the reference that has it most often. */
void bleu_counts_add(BleuCounts *counts, const char *hypothesis, const char *const *references,
                     size_t count);

/* 1 if the translations are as long as the references or longer, else
 * exp(1 - reference_length / hypothesis_length); 0 if there is nothing but references. */
double bleu_counts_brevity_penalty(long hypothesis_length, long reference_length);

#endif
