/* fifteen_examples.c - The Annotated Transformer, "Additional Components: BPE, Search, Averaging"
 * and "Results": what it names beyond its model, each put to the test on one small model, and
 * fifteen of its translations, as the notebook ends with fifteen.
 *
 * Beside: annotated BPE; annotated Search; annotated Averaging - one model with and without: BLEU
 * of
 *     greedy decoding and a beam of four, of the last weights and of their mean
 * Beside: annotated Results - fifteen sentences never trained on: source, target, model output
 */
#include "01_embeddings/corpus/corpus.h"
#include "06_training/decoding/translation.h"
#include "06_training/lab/small_run.h"
#include "06_training/run/run.h"
#include "06_training/score/bleu_score.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/progress.h"

#include <stdio.h>
#include <stdlib.h>

enum { TRAINED = 40000, TESTED = 200, EXAMPLES = 15, STEPS = 900, KEPT = 5, APART = 40 };

/* [averaged][beam]: BLEU, and how many are right to the letter. */
typedef struct {
    double bleu[2][2];
    int exact[2][2];
    char *said[TESTED]; // by the mean weights and the beam
} Results;

/* ---- Training -------------------------------------------------------------------------------- */

/* A small model of one layer a side, on one thread, at a rate that stays large. mean receives the
 * mean of its weights at the last KEPT times, APART steps from each other. */
static real *train(Run *run, Settings *settings, const CommonOptions *common, const Pairs *pairs,
                   const Pairs *valid) {
    Error err;
    *settings = small_run_unfinished();
    if (!run_begin(run, settings, common, pairs, valid, &err)) error_exit(&err);
    Parameters *parameters = &run->translator.model->parameters;
    const size_t size = parameters_size(parameters);
    real *mean = memory_calloc(size * sizeof *mean);
    Progress progress = progress_begin("train", 0, STEPS);
    for (int step = 1; step <= STEPS; step++) {
        if (!run_step(run, &err)) error_exit(&err); // all within the first epoch
        progress_update(&progress, (size_t)step, NULL);
        if ((STEPS - step) % APART || STEPS - step >= KEPT * APART) continue;
        real *values = parameters_copy_values(parameters);
        for (size_t i = 0; i < size; i++) mean[i] += values[i] / KEPT;
        free(values);
    }
    progress_end(&progress);
    return mean;
}

/* ---- Translating ----------------------------------------------------------------------------- */

static void translate(const Run *run, const Pairs *tested, bool averaged, bool beam, Results *r) {
    char *said[TESTED];
    const Translation translation = {.translator = &run->translator,
                                     .options = beam ? search_defaults() : search_greedy(),
                                     .threads = run->trainer->threads,
                                     .graphs = run->trainer->graphs};
    const char *const *right = (const char *const *)tested->tgt.line;
    REQUIRE(translation_of_lines(&translation, (const char *const *)tested->src.line, TESTED, said),
            "scores that are no numbers");
    r->bleu[averaged][beam] = bleu_score((const char *const *)said, &right, 1, TESTED,
                                         (BleuOptions){BLEU_13A, false}, NULL);
    for (int i = 0; i < TESTED; i++) {
        r->exact[averaged][beam] += strcmp(said[i], right[i]) == 0;
        if (averaged && beam)
            r->said[i] = said[i];
        else
            free(said[i]);
    }
}

/* ---- Telling it ------------------------------------------------------------------------------ */

static void pieces(Comparison *comparison, const Run *run, const Pairs *tested) {
    const EncodedPairs *pairs = &run->validation.pairs;
    long count = 0, words = 0, characters = 0;
    for (size_t i = 0; i < pairs->count; i++) count += pairs->pair[i].src_length - 1;
    for (int i = 0; i < TESTED; i++) {
        words++;
        for (const char *c = tested->src.line[i]; *c; c++) words += *c == ' ', characters++;
    }
    printf("Byte-pair encoding: %d tested sentences are %ld characters, %ld words, and as pieces\n"
           "of a vocabulary of %d ids, learned for both languages together, %ld.\n\n",
           TESTED, characters, words, run->translator.model->config.src_vocab, count);
    compare_claim(comparison, "fewer pieces than half the characters", 2 * count < characters);
}

static void print_table(const Results *r) {
    printf("BLEU, and of %d translations those that are right to the letter:\n\n"
           "                           greedy          beam of 4\n",
           TESTED);
    for (int a = 0; a < 2; a++)
        printf("  %-22s  %5.1f  %4d      %5.1f  %4d\n",
               a ? "mean of the last five" : "last weights", r->bleu[a][0], r->exact[a][0],
               r->bleu[a][1], r->exact[a][1]);
    puts("");
}

static void print_examples(const Results *r, const Pairs *tested) {
    for (int i = 0; i < EXAMPLES; i++)
        printf("  %2d  source  %s\n      target  %s\n      output  %s%s\n", i, tested->src.line[i],
               tested->tgt.line[i], r->said[i],
               strcmp(r->said[i], tested->tgt.line[i]) ? "   (differs)" : "");
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"The Annotated Transformer's additional components, and fifteen "
                         "translations. Slow: about 15 seconds.",
                         "build/06_training/fifteen_examples"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    static Results results;
    Pairs pairs, tested;
    Error err;
    if (!corpus_pairs(CORPUS_TRAIN, 1, TRAINED, &pairs, &err) ||
        !corpus_pairs(CORPUS_HELD_OUT, 1, TESTED, &tested, &err))
        error_exit(&err);
    Settings settings;
    CommonOptions common = lesson.common;
    common.threads = 1;
    Run run;
    real *mean = train(&run, &settings, &common, &pairs, &tested);

    lesson_step(&lesson, "BPE, Search, Averaging");
    pieces(&comparison, &run, &tested);
    for (int i = 0; i < 4; i++) {
        if (i == 2) parameters_set_values(&run.translator.model->parameters, mean);
        translate(&run, &tested, i / 2, i % 2, &results);
    }
    print_table(&results);
    compare_claim(&comparison, "the mean of five is better than the last: greedy",
                  results.bleu[1][0] > results.bleu[0][0]);
    compare_claim(&comparison, "and with a beam", results.bleu[1][1] > results.bleu[0][1]);
    compare_claim(&comparison, "the beam is at most 1 BLEU worse than greedy, or better",
                  results.bleu[1][1] > results.bleu[1][0] - 1);

    lesson_step(&lesson, "Fifteen examples");
    puts("His are descriptions of pictures, German to English; these are of the built-in\n"
         "corpus, English to French, with words that never met in training. The mean\n"
         "weights, a beam of four:\n");
    print_examples(&results, &tested);
    int exact = 0;
    for (int i = 0; i < EXAMPLES; i++) exact += strcmp(results.said[i], tested.tgt.line[i]) == 0;
    printf(
        "\n%d of the %d are right to the letter. `make 06` trains longer, `make 06/train` as long\n"
        "as you like, on pictures' descriptions as well (`make data`).\n\n",
        exact, EXAMPLES);
    compare_claim(&comparison, "more than half of the fifteen are right", 2 * exact > EXAMPLES);
    for (int i = 0; i < TESTED; i++) free(results.said[i]);
    free(mean);
    run_free(&run);
    pairs_free(&pairs);
    pairs_free(&tested);
    return lesson_end(&lesson, compare_end(&comparison));
}
