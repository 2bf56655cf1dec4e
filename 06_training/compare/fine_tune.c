/* fine_tune.c - Karpathy's EX3: pretrain on a large text, go on with a small one; is its loss lower
 * than without? The texts are chapter 1's: many English sentences, few French ones. They share
 * letters, blanks, lengths and a third of their words' beginnings; the grammar is another.
 *
 * Beside: karpathy EX3 - four beginnings for 100 French sentences: drawn weights, English, English
 *     with its letters shuffled, and other French; `make 06/gpt ARGS='--from FILE'` does it with
 *     texts of yours
 */
#include "01_embeddings/characters.h"
#include "01_embeddings/corpus/corpus.h"
#include "05_encoder_decoder/gpt_model.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/training.h"

#include <stdio.h>
#include <stdlib.h>

enum { BLOCK = 32, BATCH = 16, WINDOWS = 40 };
enum { LARGE = 12000, SMALL = 100, PRETRAINING = 1200, TUNING = 1200, EVERY = 50 };
enum { ROWS = TUNING / EVERY + 1 };

typedef enum { DRAWN, SHUFFLED, ENGLISH, FRENCH, BEGINNINGS } Beginning;
static const char *const NAMES[BEGINNINGS] = {"drawn weights", "shuffled English", "English",
                                              "other French"};

/* All texts in ids of one vocabulary. */
typedef struct {
    Characters characters;
    IntArray english, shuffled, french; // to pretrain on
    IntArray small, valid;              // French: to learn from in the end, and to be judged by
} Texts;

/* ---- Texts ----------------------------------------------------------------------------------- */

/* Sentences [first, first + count) of one language, a line each. */
static void append_lines(ByteArray *text, char *const *lines, size_t first, size_t count) {
    for (size_t i = first; i < first + count; i++) {
        byte_array_append(text, lines[i], strlen(lines[i]));
        byte_array_append(text, "\n", 1);
    }
}

static IntArray encoded(const Characters *characters, char *const *lines, size_t first,
                        size_t count) {
    Error err;
    ByteArray text = {0};
    IntArray ids = {0};
    append_lines(&text, lines, first, count);
    if (!characters_encode(characters, (const char *)text.data, text.count, &ids, &err))
        error_exit(&err);
    free(text.data);
    return ids;
}

/* The same characters in an order that says nothing. */
static IntArray shuffled(const IntArray *ids, Random *random) {
    IntArray out = {0};
    size_t *order = memory_alloc(ids->count * sizeof *order);
    random_permutation(random, order, ids->count);
    for (size_t i = 0; i < ids->count; i++) int_array_push(&out, ids->data[order[i]]);
    free(order);
    return out;
}

static Texts texts_new(uint64_t seed) {
    Error err;
    Pairs train, valid;
    Texts texts = {0};
    ByteArray all = {0};
    Random random;
    random_seed(&random, seed);
    if (!corpus_pairs(CORPUS_TRAIN, seed, LARGE + SMALL, &train, &err) ||
        !corpus_pairs(CORPUS_VALID, seed, CORPUS_VALID_PAIRS, &valid, &err))
        error_exit(&err);
    append_lines(&all, train.src.line, 0, train.src.count);
    append_lines(&all, train.tgt.line, 0, train.tgt.count);
    append_lines(&all, valid.tgt.line, 0, valid.tgt.count);
    if (!characters_learn(&texts.characters, (const char *)all.data, all.count, &err))
        error_exit(&err);
    texts.english = encoded(&texts.characters, train.src.line, 0, LARGE);
    texts.french = encoded(&texts.characters, train.tgt.line, 0, LARGE);
    texts.small = encoded(&texts.characters, train.tgt.line, LARGE, SMALL);
    texts.valid = encoded(&texts.characters, valid.tgt.line, 0, valid.tgt.count);
    texts.shuffled = shuffled(&texts.english, &random);
    free(all.data);
    pairs_free(&train);
    pairs_free(&valid);
    return texts;
}

static void texts_free(Texts *texts) {
    characters_free(&texts->characters);
    free(texts->english.data);
    free(texts->shuffled.data);
    free(texts->french.data);
    free(texts->small.data);
    free(texts->valid.data);
}

/* ---- Training -------------------------------------------------------------------------------- */

typedef struct {
    GptModel *model;
    TextPart text, valid;
    Random random;
    real rows[ROWS]; // validation loss before step 0, EVERY, ...
    int count;
} Course;

static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    *count = 1; // a TextPartLoss is a mean
    return text_part_draw_loss(char_model_loss, &course->model->chars, &course->random,
                               course->text, BATCH, BLOCK);
}

/* Always on the same windows. */
static bool look(void *context, int step) {
    (void)step;
    Course *course = context;
    Random windows;
    random_seed(&windows, 1);
    course->rows[course->count++] = (real)text_part_estimate_loss(
        char_model_loss, &course->model->chars, &windows, course->valid, WINDOWS, BATCH, BLOCK);
    return true;
}

/* A new optimizer for each text, as one begins when one takes somebody else's weights. */
static void train(Course *course, Parameters *parameters, const IntArray *text, int steps,
                  double lr, bool looks) {
    course->text = (TextPart){text->data, text->count};
    training_run(&(Training){.parameters = parameters,
                             .adam = adamw_pytorch(),
                             .steps = steps,
                             .lr = lr,
                             .loss = batch_loss,
                             .context = course,
                             .look = looks ? look : NULL,
                             .every = EVERY});
    if (looks) look(course, steps);
}

/* The validation losses on the way through the small text, from one of the beginnings. */
static void run(Beginning beginning, const Texts *texts, double lr, uint64_t seed,
                real rows[ROWS]) {
    const IntArray *const large[BEGINNINGS] = {NULL, &texts->shuffled, &texts->english,
                                               &texts->french};
    Parameters parameters = {0};
    Course course = {.valid = {texts->valid.data, texts->valid.count}};
    random_seed(&course.random, seed);
    const GptConfig config = {.kind = GPT_NORM,
                              .vocab = (int)texts->characters.count,
                              .block_size = BLOCK,
                              .d_model = 64,
                              .heads = 4,
                              .layers = 2,
                              .positions = POSITIONS_LEARNED};
    course.model = gpt_model_new(&parameters, &config, &course.random);
    if (large[beginning]) train(&course, &parameters, large[beginning], PRETRAINING, 1e-3, false);
    random_seed(&course.random, seed + 1); // the same windows of the small text for all
    train(&course, &parameters, &texts->small, TUNING, lr, true);
    memcpy(rows, course.rows, sizeof course.rows);
    gpt_model_free(course.model);
    parameters_free(&parameters);
}

/* ---- What is told ---------------------------------------------------------------------------- */

static double lowest(const real *rows, int *step) {
    int best = 0;
    for (int i = 1; i < ROWS; i++)
        if (rows[i] < rows[best]) best = i;
    *step = best * EVERY;
    return (double)rows[best];
}

static void plot(real rows[BEGINNINGS][ROWS]) {
    PlotSeries series[BEGINNINGS];
    real x[ROWS];
    for (int i = 0; i < ROWS; i++) x[i] = (real)(i * EVERY);
    for (int b = 0; b < BEGINNINGS; b++)
        series[b] = (PlotSeries){.name = NAMES[b], .x = x, .y = rows[b], .count = ROWS};
    plot_lines(&(Picture){.name = "fine_tune",
                          .title = "A hundred French sentences, from four beginnings",
                          .caption = "where a curve is lowest is what its beginning was worth; "
                                     "from there on it learns the hundred by heart",
                          .x_label = "step on the small text",
                          .y_label = "loss of a character of other French"},
               series, BEGINNINGS);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Pretraining and fine-tuning on chapter 1's sentences. Slow: 50 s.",
                         "build/06_training/fine_tune"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Texts texts = texts_new((uint64_t)lesson.common.seed);
    real rows[BEGINNINGS][ROWS];
    double best[BEGINNINGS];
    printf("English: %zu characters. French to learn from: %zu. A model of two layers, width 64:\n"
           "%d steps on a large text or none, then %d on the small one at the same rate.\n"
           "Loss of a character of French sentences that it has not seen; guessing: %.3f.\n\n"
           "  begins with        at once   lowest   at step   at the end\n",
           texts.english.count, texts.small.count, PRETRAINING, TUNING,
           log((double)texts.characters.count));
    for (int b = 0; b < BEGINNINGS; b++) {
        int step;
        run((Beginning)b, &texts, 1e-3, (uint64_t)lesson.common.seed, rows[b]);
        best[b] = lowest(rows[b], &step);
        printf("  %-17s  %7.3f  %7.3f  %8d  %11.3f\n", NAMES[b], (double)rows[b][0], best[b], step,
               (double)rows[b][ROWS - 1]);
        fflush(stdout);
    }
    plot(rows);
    puts("");
    compare_claim(&comparison, "pretrained on English: the French loss is lower",
                  best[ENGLISH] < best[DRAWN]);
    compare_claim(&comparison, "on shuffled English it is less so", best[SHUFFLED] > best[ENGLISH]);
    compare_claim(&comparison, "on other French it is lowest", best[FRENCH] < best[ENGLISH]);
    texts_free(&texts);
    return lesson_end(&lesson, compare_end(&comparison));
}
