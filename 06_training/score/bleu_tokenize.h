/* bleu_tokenize.h - how sacreBLEU cuts a line into tokens before it counts n-grams.
 *
 * BLEU compares tokens, so a score means something only together with the rule that made them
 * (M. Post, "A Call for Clarity in Reporting BLEU Scores", WMT 2018). These are its rules that need
 * no dictionary, with the results of sacreBLEU 2.6.0:
 *
 *   13a   mteval-v13a's rule for Western languages, sacreBLEU's default: undoes four HTML entities
 *         and sets off ASCII punctuation, but not apostrophes, nor points and commas in numbers
 *   intl  mteval-v14's: sets off every Unicode symbol, and punctuation except between numbers
 *   zh    Chinese characters and their punctuation one by one, the rest as 13a has it
 *   char  every character, for all languages that put no spaces between words
 *   none  the line is tokenized already
 *
 * Unicode classes are those of the linked utf8proc. A character assigned after its version is
 * neither punctuation nor symbol nor number here.
 */
#ifndef BLEU_TOKENIZE_H
#define BLEU_TOKENIZE_H

#include "common/array.h"

#include <stdbool.h>

typedef enum { BLEU_13A, BLEU_INTL, BLEU_ZH, BLEU_CHAR, BLEU_NONE } BleuTokenizer;

/* Their names, as an option_choice has them. */
#define BLEU_TOKENIZERS "13a|intl|zh|char|none"

/* "13a"; and the tokenizer of a name, which must be one of them. */
const char *bleu_tokenizer_name(BleuTokenizer tokenizer);
BleuTokenizer bleu_tokenizer_named(const char *name);

/* What suits the lines (count) of a language: 13a, or char where most letters are of a script that
 * is written without spaces between words, of whose sentences 13a would make one token each, or
 * where of twenty lines and more hardly one has the four words in a row that BLEU looks for. */
BleuTokenizer bleu_tokenizer_for(const char *const *lines, size_t count);

/* tokens <- the tokens of a NUL-terminated line with one space between them, whatever Unicode
 * white space was there. Bytes that are not UTF-8 pass through as if they were letters. With
 * lowercase, the line is first lowered as Python's str.lower() does. The caller frees
 * tokens->data; contents from an earlier call are replaced. */
void bleu_tokenize(const char *line, BleuTokenizer tokenizer, bool lowercase, ByteArray *tokens);

#endif
