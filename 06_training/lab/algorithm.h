/* algorithm.h - tasks with an answer that can be checked, for a decoder alone: it reads a question,
 * an equals sign, and goes on with the answer.
 *
 * The tasks are those of tensor2tensor (reverse, shift, addition; algorithmic.py), of minGPT (sort;
 * the addition whose digits are reversed) and of the fifth assignment of Johnson's course (a
 * calculator for two numbers with signs).
 */
#ifndef ALGORITHM_H
#define ALGORITHM_H

#include "common/random.h"

typedef enum {
    ALGORITHM_SORT,
    ALGORITHM_REVERSE,
    ALGORITHM_SHIFT,
    ALGORITHM_ADD,         // the sum's last digit first, as one writes it on paper
    ALGORITHM_ADD_FORWARD, // the sum as one reads it
    ALGORITHM_CALCULATOR,
    ALGORITHM_COUNT
} Algorithm;

enum {
    ALGORITHM_TOKENS = 64, // of question and answer together, at most
    ALGORITHM_VOCAB = 23,
};

/* What a task is. Lengths are counted in what is to be sorted, or in digits of a number. */
typedef struct {
    const char *name;
    int trained, asked; // the longest that is trained on, and that is asked for
    int vocab;
    int steps; // batches after which a small model knows it
} AlgorithmTask;

const AlgorithmTask *algorithm_task(Algorithm algorithm);
const char *algorithm_names(void); // "sort|reverse|...", in the order of the enum

/* A problem of length n in tokens: the question of `question` tokens, then the answer. */
typedef struct {
    int tokens[ALGORITHM_TOKENS];
    int question, count; // of the question; of both
} AlgorithmProblem;

/* Draws one. All problems of a length have the same number of tokens. */
AlgorithmProblem algorithm_draw(Algorithm algorithm, int n, Random *random);

/* That of given numbers: a + b, or for the calculator also a - b; n digits each. */
AlgorithmProblem algorithm_sum(Algorithm algorithm, int n, int a, int b, bool subtract);

/* That of given symbols (n), from 0 to 9: for sort, reverse and shift. */
AlgorithmProblem algorithm_sequence(Algorithm algorithm, int n, const int *symbols);

/* text (size) <- tokens (count) as one reads them. */
void algorithm_text(Algorithm algorithm, const int *tokens, int count, char *text, size_t size);

#endif
