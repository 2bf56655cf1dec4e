/* make_corpus.c - prints the built-in corpus, a pair a line: English, a tab, French.
 *
 * Beside: tensorflow Data handling --count 9; annotated Data Loading --count 9 - nearest: sentence
 *     pairs out of a grammar, so that one can train without fetching any
 */
#include "01_embeddings/corpus/corpus.h"
#include "common/files/options.h"
#include "common/kernels.h"

#include <stdio.h>
#include <string.h>

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const char *split = "train";
    long count = 0;
    Option table[] = {
        option_choice("split", "train|valid|heldout", &split, "which part"),
        option_integer("count", "N", &count, 0, 1000000, "pairs; 0: as many as training takes"),
    };
    const Usage usage = {
        "Prints pairs of the built-in English-French corpus, a line each: English, a tab, French.",
        "build/01_embeddings/make_corpus --split heldout --count 20",
    };
    CommonOptions common = common_options(1, NULL);
    options_parse(argc, argv, &usage, &common, table, OPTION_COUNT(table));

    const CorpusSplit part = strcmp(split, "train") == 0   ? CORPUS_TRAIN
                             : strcmp(split, "valid") == 0 ? CORPUS_VALID
                                                           : CORPUS_HELD_OUT;
    const long usual[] = {CORPUS_TRAIN_PAIRS, CORPUS_VALID_PAIRS, CORPUS_HELD_OUT_PAIRS};
    Pairs pairs;
    Error err = {""};
    if (!corpus_pairs(part, (uint64_t)common.seed, (size_t)(count ? count : usual[part]), &pairs,
                      &err))
        error_exit(&err);
    for (size_t i = 0; i < pairs.src.count; i++)
        printf("%s\t%s\n", pairs.src.line[i], pairs.tgt.line[i]);
    pairs_free(&pairs);
    output_finish();
    return 0;
}
