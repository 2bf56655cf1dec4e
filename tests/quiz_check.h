/* quiz_check.h - a chapter's quiz asked twenty times, and its answers beside computations of the
 * test's own.
 *
 * What is computed independently is computed from what the learner reads: the numbers and words of
 * the printed question, in double, with nothing of the chapter's code.
 */
#ifndef TESTS_QUIZ_CHECK_H
#define TESTS_QUIZ_CHECK_H

#include <stdbool.h>
#include <stddef.h>

enum { QUIZ_CHECK_NUMBERS = 48, QUIZ_CHECK_CHOICES = 6 };

/* One question as it was printed. */
typedef struct {
    char text[1200];
    char choice[QUIZ_CHECK_CHOICES][160];
    int choices;
    char answer[200], read[200];
    double n[QUIZ_CHECK_NUMBERS]; // the numbers in text, in their order
    int numbers;
} QuizAsked;

/* What the answer must be: a number, the place of the right choice counted from 1, or a shape as
 * quiz_check_shape writes it. */
typedef double QuizTruth(const QuizAsked *asked);

/* The questions whose text has this phrase, and the computation for them. An answer that was
 * measured may be off by `allowed` times the truth, any other by what its digits leave open. */
typedef struct {
    const char *phrase;
    QuizTruth *truth;
    double allowed;
} QuizTruthOf;

/* (2,3,4) as 20304. */
double quiz_check_shape(int ndim, const int *shape);

/* Whether the text has the phrase. */
bool quiz_check_has(const QuizAsked *asked, const char *phrase);

/* The numbers in a text, in their order, at most QUIZ_CHECK_NUMBERS; those that are part of a word,
 * as in W2, are left out. Returns how many. */
int quiz_check_numbers(const char *text, double *numbers);

/* The place, counted from 1, of the choice that reads so; 0 if there is none. */
int quiz_check_choice(const QuizAsked *asked, const char *choice);

/* Runs `build/CHAPTER/quiz --all` with the seeds 1 to 20 and holds it: that it runs, asks nothing
 * twice, fits the screen, asks other instances at other seeds, sends the reader to headings that
 * are there, and that its answers are the truths, which must cover at least half of its questions.
 * Returns main's exit status. A build without the program is skipped, with a line that says so. */
int quiz_check_run(const char *chapter, const QuizTruthOf *truths, size_t count);

#endif
