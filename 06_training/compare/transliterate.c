/* transliterate.c - CodeEmporium, Transformer_Trainer_Notebook: English to Kannada, character by
 * character, from 164,022 pairs. Here with a text of ours: Kannada in Latin letters and in its own
 * script. His "what should we do?" comes out right, and "today, what should we do" does not.
 *
 * Beside: codeemporium Transformer_Trainer_Notebook - another script, learned by characters; his
 * two
 *     examples, and why the second fails
 */
#include "06_training/lab/kannada.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/training.h"

#include <stdio.h>

enum { E = 64, HEADS = 4, LAYERS = 1, BATCH = 30, STEPS = 1500, TRAINED_WORDS = 2, WORDS = 4 };
enum { TESTED = 100, SHOWN = 4 };
static const double LEARNING_RATE = 0.003;
static const char *const right_sentence = "eenu maaDabeeku?";
static const char *const longer_sentence = "ivattu, naavu eenu maaDabeeku?";

typedef struct {
    const Transformer *model;
    Random random;
    real losses[SHOWN]; // at steps 0, 100, ... (shown)
} Course;

static const int shown[SHOWN] = {0, 100, 500, STEPS - 1};

static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    SentencePair *pairs = graph_alloc(BATCH * sizeof *pairs);
    for (int b = 0; b < BATCH; b++) {
        char latin[KANNADA_BYTES];
        kannada_draw(latin, 1 + (int)random_below(&course->random, TRAINED_WORDS), &course->random);
        pairs[b] = kannada_pair(latin);
    }
    *count = 1;
    return teacher_loss(course->model, pairs, BATCH);
}

static bool note(void *context, int step, double loss) {
    Course *course = context;
    for (int i = 0; i < SHOWN; i++)
        if (shown[i] == step) course->losses[i] = (real)loss;
    return true;
}

static double rate(const Training *t, int step) {
    return t->lr * fmin((step + 1) / 100.0, 1 - (double)step / t->steps);
}

static Transformer *train(Course *course, uint64_t seed) {
    const TransformerConfig config = {
        .layer = {.d_model = E, .nhead = HEADS, .dim_feedforward = 2 * E, .norm_first = true},
        .num_encoder_layers = LAYERS,
        .num_decoder_layers = LAYERS,
        .src_vocab = kannada_latin_vocabulary(),
        .tgt_vocab = kannada_script_vocabulary()};
    random_seed(&course->random, seed);
    Transformer *model = transformer_new(&config, &course->random);
    course->model = model;
    training_run(&(Training){.parameters = &model->parameters,
                             .adam = adam_paper(),
                             .steps = STEPS,
                             .lr = LEARNING_RATE,
                             .rate = rate,
                             .clip = 1,
                             .loss = batch_loss,
                             .context = course,
                             .note = note,
                             .label = "characters"});
    return model;
}

/* Whether the model writes the text as the rule does; what it writes in said. */
static bool ask(const Transformer *model, const char *latin, char said[KANNADA_BYTES]) {
    const SentencePair pair = kannada_pair(latin);
    int ids[TEACHER_LENGTH - 1];
    const int length = teacher_answer(model, pair.src, pair.src_length, ids, TEACHER_LENGTH - 1);
    kannada_text(ids, length, said);
    return length == pair.tgt_length && memcmp(ids, pair.tgt, (size_t)length * sizeof *ids) == 0;
}

static real exact(const Transformer *model, int words, Random *random) {
    int right = 0;
    for (int n = 0; n < TESTED; n++) {
        char latin[KANNADA_BYTES], said[KANNADA_BYTES];
        kannada_draw(latin, words, random);
        right += ask(model, latin, said);
    }
    return (real)right / TESTED;
}

static void print_answer(const char *latin, const char *said, bool right) {
    char kannada[KANNADA_BYTES];
    kannada_write(kannada, latin);
    printf("  %s\n    by rule  %s\n    said     %s%s\n", latin, kannada, said,
           right ? "" : "   (wrong)");
}

static void draw(const char *out, const real right[WORDS]) {
    static const char *const labels[WORDS] = {"1 word", "2", "3", "4"};
    real percent[WORDS];
    for (int w = 0; w < WORDS; w++) percent[w] = 100 * right[w];
    const PlotSeries series = {.y = percent, .count = WORDS};
    plot_bars(&(Picture){.name = "transliterate",
                         .directory = out,
                         .title = "Texts written without a mistake",
                         .caption = "trained on one word and two; a third one stands in places "
                                    "that no training text had",
                         .y_label = "%",
                         .y_max = 110,
                         .width = 480},
              labels, WORDS, &series, 1, 0);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"CodeEmporium's trainer: another script, by characters. Slow: about 15 "
                         "seconds.",
                         "build/06_training/transliterate"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    const uint64_t seed = (uint64_t)lesson.common.seed;
    Comparison comparison = {0};
    static Course course;

    lesson_step(&lesson, "From Latin letters to Kannada's");
    char kannada[KANNADA_BYTES], said[KANNADA_BYTES];
    kannada_write(kannada, right_sentence);
    const SentencePair pair = kannada_pair(right_sentence);
    printf("His notebook's example, \"what should we do?\", is ಏನು ಮಾಡಬೇಕು? in Kannada. Said with\n"
           "Latin letters, \"%s\", it is %d characters, and written %d:\n\n  %s\n\n"
           "Whether a vowel is a letter or a sign, and whether a sign says that there is none,\n"
           "is decided by the characters around it.\n\n",
           right_sentence, pair.src_length, pair.tgt_length, kannada);
    compare_claim(&comparison, "the rule writes his sentence as he has it",
                  strcmp(kannada, "ಏನು ಮಾಡಬೇಕು?") == 0);

    lesson_step(&lesson, "Training by characters");
    Transformer *model = train(&course, seed);
    printf(
        "Texts of one word or two, made up of syllables, never one twice. %d + %d layers as his,\n"
        "of width %d for 512, in batches of %d as his. Loss per character:\n\n"
        "  step        ours   his, English to Kannada\n",
        LAYERS, LAYERS, E, BATCH);
    static const char *const his[SHOWN] = {"5.632", "3.549", "", "1.277 (step 5300)"};
    for (int i = 0; i < SHOWN; i++)
        printf("  %4d  %10.3f   %s\n", shown[i], (double)course.losses[i], his[i]);
    puts("\nHis falls more slowly because a translation is more than spelling.");

    lesson_step(&lesson, "His two examples");
    const bool short_right = ask(model, right_sentence, said);
    print_answer(right_sentence, said, short_right);
    const bool long_right = ask(model, longer_sentence, said);
    print_answer(longer_sentence, said, long_right);
    puts("\n\"What should we do?\" comes out right, as his does. With \"today,\" and a word for\n"
         "\"we\" before it there are four words, and it fails, as his does.");

    lesson_step(&lesson, "By the number of words");
    real right[WORDS];
    Random random;
    random_seed(&random, seed + 1000);
    printf("%d new texts each, written without a mistake:\n\n", TESTED);
    for (int w = 0; w < WORDS; w++) {
        right[w] = exact(model, w + 1, &random);
        printf("  %d word%s  %3.0f %%%s\n", w + 1, w ? "s" : " ", 100 * (double)right[w],
               w < TRAINED_WORDS ? "" : "   more than in training");
    }
    draw(lesson.common.out, right);
    puts("");
    compare_claim(&comparison, "\"what should we do?\" is right", short_right);
    compare_claim(&comparison, "\"today, what should we do?\" is not", !long_right);
    compare_claim(&comparison, "nine in ten of what is as long as in training are right",
                  right[0] > (real)0.9 && right[1] > (real)0.9);
    compare_claim(&comparison, "fewer than one in ten with four words", right[3] < (real)0.1);
    transformer_free(model);
    return lesson_end(&lesson, compare_end(&comparison));
}
