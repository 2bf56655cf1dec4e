/* bigram.c - Karpathy, "Let's build GPT", 0:09:28 to 0:42:13: the bigram, an embedding table whose
 * rows are read as scores. The video's ids and first batch, the loss and the sample before
 * training, the loss after 100 steps, and the ten rows that its script bigram.py prints.
 *
 * Beside: karpathy 0:07:52 - 1,115,394 characters, 65 different ones (after `make data`)
 * Beside: karpathy 0:09:28 - "hii there" is 46 47 47 1 58 46 43 56 43; 1,003,854 characters to
 *     learn from
 * Beside: karpathy 0:14:27 - the four places where his first batch begins: 76049 234249 934904
 *     560986
 * Beside: karpathy 0:22:11 - loss 4.8786 before training, and his sample of 100 characters, letter
 *     for letter
 * Beside: karpathy 0:34:53 - loss 4.6563 after 100 steps
 * Beside: karpathy 0:38:00 - the script's ten rows of losses, to 2.4738 and 2.4911, and how its
 *     sample begins
 */
#include "01_embeddings/lab/bigram.h"
#include "01_embeddings/characters.h"
#include "common/files/data.h"
#include "common/files/text.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/training.h"

#include <stdio.h>
#include <stdlib.h>

enum { V = 65, SEED = 1337, TRAIN = 1003854 }; // TRAIN: characters to learn from

/* The 65 characters of tiny Shakespeare in the order of their ids. */
static const char characters[] =
    "\n !$&',-.3:;?ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/* The batch that the notebook prints: four windows of eight, and the id after each. */
static const int batch[4][9] = {{24, 43, 58, 5, 57, 1, 46, 43, 39},
                                {44, 53, 56, 1, 58, 46, 39, 58, 1},
                                {52, 58, 1, 58, 46, 39, 58, 1, 46},
                                {25, 17, 27, 10, 0, 21, 1, 54, 39}};

/* Draws `count` characters after a newline into text and prints the first `shown`, a bar before
 * each line. */
static void generate(const Bigram *bigram, Random *random, char *text, size_t count, size_t shown) {
    int *ids = memory_alloc(count * sizeof *ids);
    bigram_generate(bigram, random, 0, ids, count);
    for (size_t i = 0; i < count; i++) text[i] = characters[ids[i]];
    text[count] = '\0';
    free(ids);
    size_t column = 0;
    printf("  | ");
    for (size_t i = 0; i < shown; i++) {
        if (text[i] != '\n') putchar(text[i]);
        if (text[i] != '\n' && ++column < 76) continue;
        printf("\n  | ");
        column = 0;
    }
    puts("");
}

enum { B = 32, T = 8 };

/* The table in training. */
typedef struct {
    Bigram bigram;
    Random random;
    TextParts text;
    Comparison *comparison;
} Course;

/* The mean cross-entropy of 32 windows of 8 drawn from the part to learn from. */
static Tensor *windows_loss(void *context, int *count) {
    Course *course = context;
    *count = 1;
    return text_part_draw_loss(bigram_loss, &course->bigram, &course->random, course->text.train, B,
                               T);
}

/* What the video's first minutes print: a text as ids, and where its first batch starts. */
static void ids_and_starts(Comparison *comparison) {
    static const double hii_there[] = {46, 47, 47, 1, 58, 46, 43, 56, 43};
    static const double starts[] = {76049, 234249, 934904, 560986};
    real ids[9], drawn[4];
    for (int i = 0; i < 9; i++) ids[i] = (real)(strchr(characters, "hii there"[i]) - characters);
    compare_row(comparison, "encode(\"hii there\")", hii_there, ids, 9, 0, 0);
    Random random;
    random_seed(&random, SEED);
    // torch.randint(n) is a 32-bit number modulo n: the same four starts as in the notebook.
    for (int i = 0; i < 4; i++) drawn[i] = (real)random_below(&random, TRAIN - 8);
    compare_row(comparison, "first batch, ix", starts, drawn, 4, 0, 0);
    puts("");
}

/* The notebook: the loss and the sample of the table as it is drawn, which needs no text. */
static void untrained(Comparison *comparison) {
    static const char published[] =
        "SKIcLT;AcELMoTbvZv C?nq-QE33:CJqkOKH-q;:la!oiywkHjgChzbQ?u!3bLIgwevmyFJGUGp\n"
        "wnYWmnxKWWev-tDqXErVKLgJ";
    Random random;
    random_seed(&random, SEED);
    Parameters parameters = {0};
    const Bigram bigram = bigram_new(&parameters, "", V, &random);
    int x[32], y[32];
    for (int i = 0; i < 32; i++) {
        // Each token predicts the next one: the targets are the window moved by one.
        x[i] = batch[i / 8][i % 8];
        y[i] = batch[i / 8][i % 8 + 1];
    }
    puts("A table (65,65) drawn from N(0,1): row i scores what may follow character i. The\n"
         "notebook's first batch, with seed 1337:\n");
    const double loss = (double)tensor_item(bigram_loss(&bigram, x, y, 4, 8));
    compare_value(comparison, "loss, untrained", 4.8786, loss, 4, 0.00005);
    printf("  a uniform guess would have ln 65 = %.4f: the table is sure, and wrong\n\n", log(V));
    char text[101];
    generate(&bigram, &random, text, 100, 100);
    compare_claim(comparison, "these are the video's 100 characters", strcmp(text, published) == 0);
    graph_reset(graph_current());
    parameters_free(&parameters);
}

/* The notebook goes on with 100 steps of AdamW, from the generator as the sample left it. */
static void hundred_steps(Comparison *comparison, TextParts text) {
    Course course = {.text = text};
    random_seed(&course.random, SEED);
    Parameters parameters = {0};
    course.bigram = bigram_new(&parameters, "", V, &course.random);
    int sample[100];
    bigram_generate(&course.bigram, &course.random, 0, sample, 100);
    const double last = training_run(&(Training){.parameters = &parameters,
                                                 .adam = adamw_pytorch(),
                                                 .steps = 100,
                                                 .lr = 1e-3,
                                                 .loss = windows_loss,
                                                 .context = &course});
    compare_value(comparison, "after 100 steps", 4.6563, last, 4, 0.00005);
    parameters_free(&parameters);
}

/* A row of bigram.py's output: both losses, each the mean of 200 batches. */
static bool compare_losses(void *context, int step) {
    static const double published[10][2] = {
        {4.7305, 4.7241}, {2.8110, 2.8249}, {2.5434, 2.5682}, {2.4932, 2.5088}, {2.4863, 2.5035},
        {2.4665, 2.4921}, {2.4683, 2.4936}, {2.4696, 2.4846}, {2.4638, 2.4879}, {2.4738, 2.4911}};
    Course *c = context;
    const double *row = published[step / 300];
    const double train =
        text_part_estimate_loss(bigram_loss, &c->bigram, &c->random, c->text.train, 200, B, T);
    const double val =
        text_part_estimate_loss(bigram_loss, &c->bigram, &c->random, c->text.val, 200, B, T);
    printf("  %5d  %.4f %.4f   %.4f %.4f\n", step, row[0], row[1], train, val);
    const double off = fmax(fabs(train - row[0]), fabs(val - row[1]));
    c->comparison->compared += 2;
    c->comparison->missed += off > 0.00006;
    c->comparison->largest = fmax(c->comparison->largest, off);
    return true;
}

/* bigram.py: 3000 steps, a row every 300, and a sample at the end. */
static void ten_rows(Comparison *comparison, TextParts text) {
    static const char published_sample[] =
        "MARI he avayokis erceller thour d, myono thishe me tord se by he me,";
    Course course = {.text = text, .comparison = comparison};
    random_seed(&course.random, SEED);
    Parameters parameters = {0};
    course.bigram = bigram_new(&parameters, "", V, &course.random);
    puts("\nbigram.py: train and validation loss every 300 steps, in the video and here:\n\n"
         "   step     video           here");
    training_run(&(Training){.parameters = &parameters,
                             .adam = adamw_pytorch(),
                             .steps = 3000,
                             .lr = 1e-2,
                             .loss = windows_loss,
                             .context = &course,
                             .look = compare_losses,
                             .every = 300});
    puts("\nIts sample now:\n");
    char sample[501];
    generate(&course.bigram, &course.random, sample, 500, 300);
    compare_claim(comparison, "it begins as published", strstr(sample, published_sample) != NULL);
    parameters_free(&parameters);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Karpathy's bigram: untrained loss and sample, and bigram.py's ten rows.",
                         "build/01_embeddings/bigram"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, SEED);
    Comparison comparison = {0};
    ids_and_starts(&comparison);
    untrained(&comparison);
    char path[1024], *text;
    if (data_find("tinyshakespeare/input.txt", path, sizeof path)) {
        size_t bytes;
        Characters seen;
        IntArray ids = {0};
        Error err;
        if (!text_read(path, &text, &bytes, &err) || !characters_learn(&seen, text, bytes, &err) ||
            !characters_encode(&seen, text, bytes, &ids, &err))
            error_exit(&err);
        puts("\nTiny Shakespeare:\n");
        compare_value(&comparison, "characters", 1115394, (double)ids.count, 0, 0);
        compare_value(&comparison, "different ones", V, (double)seen.count, 0, 0);
        const TextParts parts = text_part_split(ids.data, ids.count);
        compare_value(&comparison, "to learn from", TRAIN, (double)parts.train.count, 0, 0);
        hundred_steps(&comparison, parts);
        ten_rows(&comparison, parts);
        free(ids.data);
        characters_free(&seen);
        free(text);
    } else {
        printf("skipped: bigram.py's ten rows: %s\n", path);
    }
    return lesson_end(&lesson, compare_end(&comparison));
}
