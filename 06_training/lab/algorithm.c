#include "06_training/lab/algorithm.h"

#include <stdio.h>
#include <string.h>

/* Digits are their own tokens. The shifted ones of tensor2tensor, input + 10, are letters here. */
enum { PLUS = 10, EQUALS, END, SHIFTED };

/* The assignment's own numbers for its words. */
enum { POSITIVE = 10, NEGATIVE, ADD, SUBTRACT, BOS, EOS };

/* The calculator writes four digits whatever the number, as the assignment does. */
enum { PLACES = 4 };

static const AlgorithmTask TASKS[ALGORITHM_COUNT] = {
    [ALGORITHM_SORT] = {"sort", 6, 12, SHIFTED, 600},
    [ALGORITHM_REVERSE] = {"reverse", 10, 20, SHIFTED, 1500},
    [ALGORITHM_SHIFT] = {"shift", 10, 20, SHIFTED + 10, 1500},
    [ALGORITHM_ADD] = {"add", 3, 6, SHIFTED, 4000},
    [ALGORITHM_ADD_FORWARD] = {"add-forward", 3, 6, SHIFTED, 4000},
    [ALGORITHM_CALCULATOR] = {"calculator", 3, 4, EOS + 1, 10000},
};

const AlgorithmTask *algorithm_task(Algorithm algorithm) {
    return &TASKS[algorithm];
}

const char *algorithm_names(void) {
    return "sort|reverse|shift|add|add-forward|calculator";
}

static void push(AlgorithmProblem *problem, int token) {
    REQUIRE(problem->count < ALGORITHM_TOKENS, "%d tokens", problem->count);
    problem->tokens[problem->count++] = token;
}

/* The last `places` digits of a number that is not negative, the first one first or last. */
static void push_number(AlgorithmProblem *problem, int number, int places, bool reversed) {
    int digits[16];
    for (int i = 0; i < places; i++, number /= 10) digits[i] = number % 10; // the last one first
    for (int i = 0; i < places; i++) push(problem, digits[reversed ? i : places - 1 - i]);
}

/* ---- Sequences ------------------------------------------------------------------------------- */

/* Symbol i of the answer. Sorting counts: the answer's i-th is the smallest that more than i of the
 * symbols do not exceed. */
static int answer_at(Algorithm algorithm, int n, const int *symbols, int i) {
    if (algorithm == ALGORITHM_REVERSE) return symbols[n - 1 - i];
    if (algorithm == ALGORITHM_SHIFT) return SHIFTED + symbols[i];
    int smallest = -1, below = 0;
    while (below <= i) {
        smallest++;
        below = 0;
        for (int j = 0; j < n; j++) below += symbols[j] <= smallest;
    }
    return smallest;
}

AlgorithmProblem algorithm_sequence(Algorithm algorithm, int n, const int *symbols) {
    AlgorithmProblem problem = {0};
    for (int i = 0; i < n; i++) push(&problem, symbols[i]);
    push(&problem, EQUALS);
    problem.question = problem.count;
    for (int i = 0; i < n; i++) push(&problem, answer_at(algorithm, n, symbols, i));
    push(&problem, END);
    return problem;
}

/* ---- Numbers --------------------------------------------------------------------------------- */

static void push_signed(AlgorithmProblem *problem, int number) {
    push(problem, number < 0 ? NEGATIVE : POSITIVE);
    push_number(problem, number < 0 ? -number : number, PLACES, false);
}

/* "BOS POSITIVE 0333 add POSITIVE 0696 EOS", and then "BOS POSITIVE 1029 EOS", whose BOS always
 * comes and so belongs to the question. */
static AlgorithmProblem calculation(int a, int b, bool subtract) {
    AlgorithmProblem problem = {0};
    push(&problem, BOS);
    push_signed(&problem, a);
    push(&problem, subtract ? SUBTRACT : ADD);
    push_signed(&problem, b);
    push(&problem, EOS);
    push(&problem, BOS);
    problem.question = problem.count;
    push_signed(&problem, subtract ? a - b : a + b);
    push(&problem, EOS);
    return problem;
}

AlgorithmProblem algorithm_sum(Algorithm algorithm, int n, int a, int b, bool subtract) {
    if (algorithm == ALGORITHM_CALCULATOR) return calculation(a, b, subtract);
    AlgorithmProblem problem = {0};
    push_number(&problem, a, n, false);
    push(&problem, PLUS);
    push_number(&problem, b, n, false);
    push(&problem, EQUALS);
    problem.question = problem.count;
    push_number(&problem, a + b, n + 1, algorithm == ALGORITHM_ADD);
    push(&problem, END);
    return problem;
}

/* ---- Drawing --------------------------------------------------------------------------------- */

AlgorithmProblem algorithm_draw(Algorithm algorithm, int n, Random *random) {
    int symbols[ALGORITHM_TOKENS], limit = 1;
    if (algorithm <= ALGORITHM_SHIFT) {
        const uint64_t different = algorithm == ALGORITHM_SORT ? 3 : 10; // minGPT sorts 0, 1, 2
        for (int i = 0; i < n; i++) symbols[i] = (int)random_below(random, different);
        return algorithm_sequence(algorithm, n, symbols);
    }
    for (int i = 0; i < n; i++) limit *= 10;
    int a = (int)random_below(random, (uint64_t)limit);
    int b = (int)random_below(random, (uint64_t)limit);
    if (algorithm != ALGORITHM_CALCULATOR) return algorithm_sum(algorithm, n, a, b, false);
    const uint64_t signs = random_below(random, 8);
    const bool subtract = signs & 4;
    if (signs & 1) a = -a;
    if (signs & 2) b = -b;
    // What does not fit into its four places is not asked.
    const int result = subtract ? a - b : a + b;
    return result > 9999 || result < -9999 ? algorithm_draw(algorithm, n, random)
                                           : calculation(a, b, subtract);
}

void algorithm_text(Algorithm algorithm, const int *tokens, int count, char *text, size_t size) {
    static const char *const words[] = {"POSITIVE ",  "NEGATIVE ", " add ",
                                        " subtract ", "BOS ",      " EOS"};
    static const char signs[] = "+=.";
    size_t end = 0;
    text[0] = '\0';
    for (int i = 0; i < count && end + 16 < size; i++) {
        const int token = tokens[i];
        if (token < 10)
            end += (size_t)snprintf(text + end, size - end, "%d", token);
        else if (algorithm == ALGORITHM_CALCULATOR)
            end += (size_t)snprintf(text + end, size - end, "%s", words[token - 10]);
        else
            end += (size_t)snprintf(text + end, size - end, "%c",
                                    token < SHIFTED ? signs[token - 10] : 'a' + token - SHIFTED);
    }
}
