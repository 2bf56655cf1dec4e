#include "01_embeddings/tokens.h"
#include "06_training/decoding/beam.h"
#include "common/kernels.h"
#include "tests/exercise.h"

enum { MOST = 16, WIDE = 29 };

/* ---- One step -------------------------------------------------------------------------------- */

/* What has score -INFINITY is nothing: whose it is and what it says are not compared. */
static void show(const BeamCandidate *best, int count) {
    int hypothesis[MOST], token[MOST];
    for (int i = 0; i < count; i++) {
        const bool is_one = best[i].score != -INFINITY;
        exercise_show_number("score", best[i].score);
        hypothesis[i] = is_one ? best[i].hypothesis : 0;
        token[i] = is_one ? best[i].token : 0;
    }
    exercise_show_ints("hypothesis", hypothesis, count);
    exercise_show_ints("token", token, count);
}

/* logits (K,V) are left alone. */
static void step(const real *logits, const double *scores, int K, int V, int count) {
    real used_up[MOST * WIDE];
    BeamCandidate best[MOST], scratch[MOST];
    memcpy(used_up, logits, (size_t)(K * V) * sizeof(real));
    beam_step(used_up, scores, K, V, best, scratch, count);
    show(best, count);
}

static void only_one(void) {
    step((const real[]){0, 0, 0, 1}, (const double[]){0}, 1, 4, 1);
}

static void two_of_three(void) {
    step((const real[]){0, 0, 2, 1, 3}, (const double[]){0}, 1, 5, 2);
}

/* <pad> and <s> are likeliest. */
static void never_said(void) {
    step((const real[]){5, 4, -1, 1, 2, 0}, (const double[]){-1}, 1, 6, 2);
}

static void equals(void) {
    step((const real[]){0, 0, 1, 3, 2, 3, 2, 3}, (const double[]){-2}, 1, 8, 4);
}

/* Two hypotheses: the better one's second token is better than all of the other's. */
static void two_hypotheses(void) {
    step((const real[]){0, 0, 1, 4, 4.5, 0, /**/ 0, 0, 1, 2, 1, 3}, (const double[]){-0.5, -2.5}, 2,
         6, 3);
}

/* The worse hypothesis goes on better, and its logits are smaller: only the shares count. */
static void overtaken(void) {
    step((const real[]){20, 20, 20, 21, 20, /**/ -9, -9, -9, -9, -1}, (const double[]){-1, -1.25},
         2, 5, 3);
}

/* As at the start: one hypothesis, and room for three. */
static void the_start(void) {
    step((const real[]){0, 0, 0, 1, 2, 3, /**/ 9, 9, 9, 9, 9, 9, /**/ 9, 9, 9, 9, 9, 9},
         (const double[]){-0.25, -INFINITY, -INFINITY}, 3, 6, 3);
}

static void fewer_than_asked_for(void) {
    step((const real[]){0, 0, 0, 1, 2}, (const double[]){-0.5}, 1, 5, 6);
}

static void large_logits(void) {
    step((const real[]){0, 0, 1000, 1001, 1003, /**/ -1003, -1003, -1002, -1001, -1000},
         (const double[]){-3, -1}, 2, 5, 4);
}

static void many(void) {
    enum { K = 5 };
    real logits[K * WIDE], scores_of[K];
    double scores[K];
    exercise_fill(logits, (size_t)K * WIDE, 1);
    exercise_fill(scores_of, K, 2);
    for (int i = 0; i < K * WIDE; i++) logits[i] *= 3;
    for (int k = 0; k < K; k++) scores[k] = (double)scores_of[k] - 4;
    step(logits, scores, K, WIDE, 10);
}

/* A logit that all share is nothing to a softmax. */
static void raised(void) {
    real logits[2 * WIDE], higher[2 * WIDE];
    exercise_fill(logits, 2 * WIDE, 3);
    for (int i = 0; i < 2 * WIDE; i++) higher[i] = logits[i] + (i < WIDE ? 4 : -2);
    const double scores[] = {-1, -1.5};
    BeamCandidate best[3], best_higher[3], scratch[3];
    beam_step(logits, scores, 2, WIDE, best, scratch, 3);
    beam_step(higher, scores, 2, WIDE, best_higher, scratch, 3);
    bool same = true;
    for (int i = 0; i < 3; i++)
        same = same && fabs(best[i].score - best_higher[i].score) < 1e-4 &&
               best[i].hypothesis == best_higher[i].hypothesis;
    exercise_holds("logits raised by the same number change nothing", same);
}

/* ---- The length ------------------------------------------------------------------------------ */

static void one_token(void) {
    exercise_show_number("lp", beam_length_penalty(1, 0.6));
}

static void seven_tokens(void) {
    exercise_show_number("lp", beam_length_penalty(7, 1));
}

static void without(void) {
    for (int length = 1; length < 20; length += 6)
        exercise_show_number("lp", beam_length_penalty(length, 0));
}

static void with(void) {
    for (int length = 2; length < 40; length += 5)
        exercise_show_number("lp", beam_length_penalty(length, 0.6));
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    static const ExerciseCase cases[] = {
        {"beam_length_penalty", "one token", one_token, VALUES},
        {"beam_length_penalty", "seven tokens, alpha 1", seven_tokens, VALUES},
        {"beam_length_penalty", "alpha 0", without, VALUES},
        {"beam_length_penalty", "2 to 37 tokens, alpha 0.6", with, VALUES},
        {"beam_step", "one hypothesis, the best of two tokens", only_one, VALUES},
        {"beam_step", "one hypothesis, the best two of three", two_of_three, VALUES},
        {"beam_step", "<pad> and <s> have the largest logits", never_said, VALUES},
        {"beam_step", "equal logits", equals, VALUES},
        {"beam_step", "two hypotheses, the best three", two_hypotheses, VALUES},
        {"beam_step", "the worse hypothesis goes on better", overtaken, VALUES},
        {"beam_step", "the start: the others are none yet", the_start, VALUES},
        {"beam_step", "fewer candidates than asked for", fewer_than_asked_for, VALUES},
        {"beam_step", "logits of 1000 and -1000", large_logits, VALUES},
        {"beam_step", "five hypotheses, 29 tokens, the best ten", many, VALUES},
        {"beam_step", "what is added to all logits", raised, VALUES},
    };
    return exercise_main(argc, argv, cases, sizeof cases / sizeof cases[0]);
}
