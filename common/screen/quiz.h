/* quiz.h - questions whose answers the program works out when it asks them.
 *
 * A chapter's quiz.c is a table of makers. A maker draws an instance from a random stream (other
 * numbers each time), writes the question, and computes the answer with the chapter's own code. So
 * no answer is written down anywhere, and a question can be asked again and again.
 */
#ifndef COMMON_SCREEN_QUIZ_H
#define COMMON_SCREEN_QUIZ_H

#include "common/random.h"

#include <stdbool.h>
#include <stddef.h>

enum { QUIZ_CHOICES = 6, QUIZ_DIMS = 4 };

typedef enum {
    QUIZ_NUMBER, // a number, right within `allowed`
    QUIZ_SHAPE,  // "2,3,4", brackets and spaces do not matter
    QUIZ_CHOICE, // one of a few answers, by its number or its first letters
} QuizKind;

/* Make it with the functions below; all zeros is empty. */
typedef struct {
    QuizKind kind;
    char text[1200];   // the question; several lines are allowed
    char hint[400];    // for `?`
    char working[800]; // how the answer comes about, told after a wrong one
    const char *read;  // where it is explained: "03_self_attention/README.md, \"By hand\""
    double number, allowed;
    int ndim, shape[QUIZ_DIMS];
    char choice[QUIZ_CHOICES][160];
    int choices, right; // right: the index of the right choice
} QuizQuestion;

/* Fills an instance: text, hint, working, read, and one of the three answers. */
typedef void QuizMaker(Random *random, QuizQuestion *question);

/* Each of these formats as printf does. */
void quiz_text(QuizQuestion *question, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void quiz_hint(QuizQuestion *question, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void quiz_working(QuizQuestion *question, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The answer is this number; one that is off by at most `allowed` is right too (0: exactly). */
void quiz_number(QuizQuestion *question, double number, double allowed);

void quiz_shape(QuizQuestion *question, int ndim, const int *shape);

/* Adds a choice; exactly one must be the right one. */
void quiz_choice(QuizQuestion *question, bool right, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Adds count choices in random order; the first of them is the right one. */
void quiz_choices(QuizQuestion *question, Random *random, int count, char (*choice)[160]);

/* low <= result <= high, each as likely. */
int quiz_between(Random *random, int low, int high);

/* numbers (count) <- whole numbers from low to high, and values (count) the same, unless NULL. */
void quiz_draw(Random *random, int low, int high, int count, int *numbers, real *values);

/* "2 -1 3" in a buffer that the caller provides; returns it. */
char *quiz_numbers_text(char *text, size_t size, const int *numbers, int count);

/* Whether what was typed is the answer. Numbers may be fractions, 3/8, and have a comma, 0,375. */
bool quiz_is_right(const QuizQuestion *question, const char *typed);

/* The answer in words: "0.25", "(2,3)", "2) the columns". */
void quiz_answer_text(const QuizQuestion *question, char *text, size_t size);

/* The whole of a quiz program's main after kernels_choose: reads --all (print questions and answers
 * and wait for nothing) and --seed (the same numbers again; otherwise others each time), asks every
 * question of the table, and tells the score. Returns the exit status, always 0: a wrong answer is
 * no failure of the program. about: one sentence for --help. */
int quiz_main(int argc, char **argv, const char *about, QuizMaker *const *makers, size_t count);

#endif
