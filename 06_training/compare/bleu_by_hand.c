/* bleu_by_hand.c - sacreBLEU's README example, and the BLEU paper's "the the the the the the the"
 * (Papineni et al. 2002, section 2.1): what is counted, and what it gives.
 *
 * Beside: paper 6.1; annotated Results - what the mark counts, and what it does not see
 */
#include "06_training/score/bleu_score.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"

#include <stdio.h>

enum { SEGMENTS = 3, REFERENCES = 2 };
static const char *const hypotheses[SEGMENTS] = {"The dog bit the man.", "It wasn't surprising.",
                                                 "The man had just bitten him."};
static const char *const references[REFERENCES][SEGMENTS] = {
    {"The dog bit the man.", "It was not unexpected.", "The man bit him first."},
    {"The dog had bit the man.", "No one was surprised.", "The man had bitten the dog."}};

/* K. Papineni et al. 2002, section 2.1: a word counts as often as one reference has it, no more. */
static void clipping(Comparison *comparison) {
    const char *const said[] = {"the the the the the the the"};
    const char *const cat[] = {"the cat is on the mat"}, *const other[] = {
                                                             "there is a cat on the mat"};
    const char *const *const both[] = {cat, other};
    BleuScore score;
    const double bleu = bleu_score(said, both, 2, 1, (BleuOptions){BLEU_NONE, false}, &score);
    printf("\"%s\" against \"%s\" and\n\"%s\":\n\n", said[0], cat[0], other[0]);
    compare_value(comparison, "words that count", 2, (double)score.correct[0], 0, 0);
    compare_value(comparison, "of", 7, (double)score.total[0], 0, 0);
    printf("  No pair of words counts at all, so the score is nearly nothing: %.1f.\n", bleu);
}

static void segments(Comparison *comparison) {
    const char *const *const both[REFERENCES] = {references[0], references[1]};
    puts("\nsacreBLEU's README: three segments, two references each.\n");
    for (int i = 0; i < SEGMENTS; i++)
        printf("  %-30s %s\n  %30s %s\n", hypotheses[i], references[0][i], "", references[1][i]);
    BleuScore score;
    const double bleu =
        bleu_score(hypotheses, both, REFERENCES, SEGMENTS, (BleuOptions){BLEU_13A, false}, &score);
    puts("\nRuns of n words (13a splits off the full stops) that a reference has, too:\n");
    double logs = 0;
    for (int n = 0; n < BLEU_ORDERS; n++) {
        const double p = (double)score.correct[n] / (double)score.total[n];
        printf("  n = %d   %2ld of %2ld   %.3f\n", n + 1, score.correct[n], score.total[n], p);
        logs += log(p) / BLEU_ORDERS;
    }
    printf("\n  geometric mean %.4f; length %ld against %ld, so times e^(1 - %ld/%ld) = %.4f\n\n",
           exp(logs), score.hypothesis_length, score.reference_length, score.reference_length,
           score.hypothesis_length, score.brevity_penalty);
    compare_value(comparison, "BLEU, 13a", 48.530827, bleu, 4, 1e-6);
    compare_value(comparison, "by hand", 48.530827, 100 * exp(logs) * score.brevity_penalty, 4,
                  1e-6);
    compare_value(
        comparison, "BLEU, no tokenizer", 49.1919566,
        bleu_score(hypotheses, both, REFERENCES, SEGMENTS, (BleuOptions){BLEU_NONE, false}, NULL),
        4, 1e-6);
    puts("\nThe tokenizer alone moves it by 0.7. A BLEU without its signature says little.\n"
         "And it sees no meaning:\n");
    const char *const one[] = {"The dog bit the man."}, *const turned[] = {"The man bit the dog."};
    const char *const *const right[] = {one};
    const double wrong = bleu_score(turned, right, 1, 1, (BleuOptions){BLEU_13A, false}, &score);
    printf("  \"%s\" for \"%s\": BLEU %.1f\n\n", turned[0], one[0], wrong);
    compare_claim(comparison, "turned around, all its words are right",
                  score.correct[0] == score.total[0] && wrong > 0);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"BLEU by hand: sacreBLEU's own example, counted out.",
                         "build/06_training/bleu_by_hand"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    clipping(&comparison);
    segments(&comparison);
    return lesson_end(&lesson, compare_end(&comparison));
}
