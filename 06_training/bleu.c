/* bleu.c - scores translations on standard input against reference files.
 *
 * Beside: paper 6.1 --help; annotated Results --help - marks translations, from standard input,
 *     against right ones
 */
#include "06_training/score/bleu_score.h"
#include "common/files/file.h"
#include "common/files/lines.h"
#include "common/files/options.h"
#include "common/kernels.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const Usage USAGE = {
    .about = "Scores translations on standard input, one per line, against one or more reference "
             "files with the same number of lines. Prints the corpus BLEU on sacreBLEU's own "
             "line. The line's version is that of the sacreBLEU release with which the results "
             "were compared: the same text gives the same score there. (A byte order mark at "
             "the beginning of a file is not text here, and is there.)",
    .example = "bleu --ref test.de --lc < translated.de"};

/* What was read; freed as one. */
typedef struct {
    Lines hypotheses;
    Lines references[OPTION_REPEATS];
    size_t reference_count;
} Texts;

/* All references at once in memory: a test set has a few thousand lines. */
static bool texts_read(const OptionStrings *paths, Texts *texts, Error *err) {
    if (!lines_read(FILE_STDIN, &texts->hypotheses, err)) return false;
    for (size_t r = 0; r < paths->count; r++) {
        Lines *reference = &texts->references[r];
        if (!lines_read(paths->item[r], reference, err)) return false;
        texts->reference_count++;
        if (reference->count != texts->hypotheses.count)
            return error_set(err,
                             "%s has %zu lines but %s has %zu: expected one translation per "
                             "reference line",
                             FILE_STDIN, texts->hypotheses.count, paths->item[r], reference->count);
    }
    return true;
}

/* The same word with its accents apart and together is two words to BLEU, here as in sacreBLEU; to
 * who looks at the texts it is one. */
static void warn_of_forms(const OptionStrings *paths, const Texts *texts) {
    const size_t own = lines_first_uncomposed(&texts->hypotheses);
    for (size_t r = 0; r < texts->reference_count; r++) {
        const size_t line = lines_first_uncomposed(&texts->references[r]);
        if (!line == !own) continue;
        fprintf(stderr,
                "bleu: warning: %s:%zu: accents are typed apart from their letters here and not in "
                "%s: the same words count as different\n",
                line ? paths->item[r] : FILE_STDIN, line ? line : own,
                line ? FILE_STDIN : paths->item[r]);
        return;
    }
}

/* sacreBLEU's default stays the default here; that it is no use is said. */
static void warn_of_script(const Texts *texts) {
    const Lines *first = &texts->references[0];
    if (bleu_tokenizer_for((const char *const *)first->line, first->count) == BLEU_13A) return;
    fprintf(stderr,
            "bleu: warning: the references are written without spaces between words, or hardly one "
            "has four of them, and 13a finds no four tokens in a row: try --tok zh or --tok "
            "char\n");
}

static void texts_free(Texts *texts) {
    lines_free(&texts->hypotheses);
    for (size_t r = 0; r < texts->reference_count; r++) lines_free(&texts->references[r]);
}

/* bleu_score takes the references as arrays of lines; Lines hold just that. */
static void score_texts(const Texts *texts, BleuOptions options, long width) {
    const char *const *references[OPTION_REPEATS];
    for (size_t r = 0; r < texts->reference_count; r++)
        references[r] = (const char *const *)texts->references[r].line;
    char line[BLEU_LINE_BYTES];
    BleuScore score;
    bleu_score((const char *const *)texts->hypotheses.line, references, texts->reference_count,
               texts->hypotheses.count, options, &score);
    bleu_score_line(&score, texts->reference_count, options, (int)width, line);
    puts(line);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    CommonOptions common = common_options(1337, NULL);
    OptionStrings paths = {0};
    const char *tokenizer = "13a";
    bool lowercase = false;
    long width = 1;
    Option options[] = {
        option_strings("ref", "FILE", &paths, "a reference translation; give one or more"),
        option_choice("tok", BLEU_TOKENIZERS, &tokenizer, "how lines are cut into tokens"),
        option_flag("lc", &lowercase, "compare in lower case"),
        option_integer("width", "N", &width, 0, 15, "decimals of the score"),
    };
    options_parse(argc, argv, &USAGE, &common, options, OPTION_COUNT(options));
    if (paths.count == 0) usage_exit("--ref: expected at least one reference file");
    if (isatty(STDIN_FILENO))
        usage_exit("standard input is a terminal: expected the translations, as in %s",
                   USAGE.example);
    Error err = {""};
    Texts texts = {0};
    if (!texts_read(&paths, &texts, &err)) error_exit(&err);
    warn_of_forms(&paths, &texts);
    if (!option_given(options, OPTION_COUNT(options), "tok")) warn_of_script(&texts);
    score_texts(&texts, (BleuOptions){bleu_tokenizer_named(tokenizer), lowercase}, width);
    texts_free(&texts);
    output_finish();
    return 0;
}
