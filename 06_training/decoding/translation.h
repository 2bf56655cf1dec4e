/* translation.h - lines of text in, lines of text out, on all threads. */
#ifndef TRANSLATION_H
#define TRANSLATION_H

#include "06_training/decoding/search.h"
#include "06_training/trainer/threads.h"
#include "06_training/translator/encoded_lines.h"
#include "06_training/translator/translator.h"

/* Who translates, how, and with what. */
typedef struct {
    const Translator *translator;
    SearchOptions options;
    Threads *threads;
    Graph **graphs; // one per thread; they are reset
    // Called now and then on the calling thread with how many lines are done; may be NULL.
    void (*progress)(void *context, size_t done);
    void *context;
} Translation;

/* Sentences of a batch whose longest has so many tokens: few enough that neither a wide beam nor
 * long sentences ask for much memory, and the same for any number of threads, so that the result
 * does not depend on it. */
size_t translation_batch(int beam, int longest);

/* out (lines) <- the translations, strings that the caller frees: an empty one for a blank line,
 * NULL for a line that was too long to be encoded. The result does not depend on the number of
 * threads. False: the model's scores were not finite numbers, and the translations are worth
 * nothing. */
bool translation_run(const Translation *translation, const EncodedLines *lines, char **out);

/* Makes text, which a NUL ends, one line and one column: tabs and line ends become spaces. */
void translation_one_column(char *text);

/* The same for lines (count) of text, encoded for this once. */
bool translation_of_lines(const Translation *translation, const char *const *lines, size_t count,
                          char **out);

/* The `wanted` best of each line, at most options.beam, and their scores (search.h): out and scores
 * (count,wanted), those of a line in falling order. NULL and -INFINITY where a line has fewer, or
 * none; a blank line has one, "" with score 0. */
bool translation_best_of_lines(const Translation *translation, const char *const *lines,
                               size_t count, int wanted, char **out, double *scores);

#endif
