/* diagnosis.h - what may be wrong with a training program, and whether its symptoms say so. */
#ifndef DIAGNOSIS_H
#define DIAGNOSIS_H

#include "06_training/lab/symptoms.h"

/* All answers as "leak|swap|...", in the order in which they are offered. */
const char *diagnosis_words(void);

/* Prints each answer with what it means. */
void diagnosis_print(void);

/* Says whether the answer, one of diagnosis_words, is what the symptoms say, and if not, which
 * number speaks against it. True if it is right. */
bool diagnosis_judge(const char *word, const Symptoms *symptoms);

#endif
