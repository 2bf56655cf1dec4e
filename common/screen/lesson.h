/* lesson.h - what the chapters' programs have in common: the command line, a graph to compute in,
 * and a story in steps.
 *
 *     Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
 *     lesson_step(&lesson, "Scores: every query against every key");
 *     ...
 *     return lesson_end(&lesson, 0);
 */
#ifndef COMMON_LESSON_H
#define COMMON_LESSON_H

#include "common/files/options.h"
#include "common/tensor.h"

typedef struct {
    CommonOptions common; // seed, threads, and in `out` the folder for pictures
    bool pauses;          // --step: wait for Enter before each step after the first
    int steps;            // told so far
    Graph *graph;         // the current graph, unless the program makes another one current
} Lesson;

/* Parses the command line of a program that takes --step and the common options only, and makes a
 * graph and makes it current. Pictures go to build/figures unless --out says otherwise. Returns
 * only if all is well. */
Lesson lesson_begin(int argc, char **argv, const Usage *usage, long seed);

/* The same with options of the program's own. */
Lesson lesson_begin_with(int argc, char **argv, const Usage *usage, long seed, const Option *own,
                         size_t own_count);

/* Begins the next step: an empty line, then "2. TITLE" in bold. */
void lesson_step(Lesson *lesson, const char *title);

/* The last statement of main: frees the graph, and sees to it that what was printed has been
 * written (output_finish). Returns status, main's exit status. */
int lesson_end(const Lesson *lesson, int status);

#endif
