/* head_view.c - bertviz, head view: the words twice, and a line from each word to each word it
 * looks at. Drawn for a layer whose two heads have learned the two clearest patterns that its
 * author found in BERT.
 *
 * Beside: bertviz Head view - its two sentences; a head for the next word and one for the word
 *     before
 */
#include "04_multihead/lab/question_model.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/screen/print.h"
#include "common/training.h"
#include "common/vector.h"

#include <stdio.h>

enum { HEADS = 2, WIDTH = 64, STEPS = 1500, BATCH = 64, LENGTH = QUESTION_LENGTH, VOCABULARY = 24 };

/* bertviz's pair of sentences, whose words are the first ids of the vocabulary. */
static const char *const WORDS[LENGTH] = {"the", "cat", "sat", "on", "the", "mat",
                                          "the", "cat", "lay", "on", "the", "rug"};
static const int PAIR[LENGTH] = {1, 2, 3, 4, 1, 5, 1, 2, 6, 4, 1, 7};

/* A row of random words, and at one of them: which stands before it, which after? */
static Question neighbours(Random *random) {
    Question question = {.length = LENGTH};
    for (int t = 0; t < LENGTH; t++)
        question.ids[t] = 1 + (int)random_below(random, VOCABULARY - 1);
    question.asked = 1 + (int)random_below(random, LENGTH - 2);
    question.answers[0] = question.ids[question.asked - 1];
    question.answers[1] = question.ids[question.asked + 1];
    return question;
}

typedef struct {
    const QuestionModel *model;
    Random random;
} Course;

static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    Question batch[BATCH];
    for (int i = 0; i < BATCH; i++) batch[i] = neighbours(&course->random);
    *count = 1;
    return question_model_loss(course->model, batch, BATCH);
}

static QuestionModel *train(uint64_t seed, double *accuracy) {
    QuestionModel *model = question_model_new((QuestionConfig){.vocab = VOCABULARY,
                                                               .answers = 2,
                                                               .classes = VOCABULARY,
                                                               .d_model = WIDTH,
                                                               .nhead = HEADS,
                                                               .num_layers = 1},
                                              seed);
    Course course = {.model = model};
    random_seed(&course.random, seed + 1);
    training_run(&(Training){.parameters = &model->parameters,
                             .adam = adam_pytorch(),
                             .steps = STEPS,
                             .lr = 0.003,
                             .rate = training_linear,
                             .loss = batch_loss,
                             .context = &course});
    Question fresh[BATCH];
    for (int i = 0; i < BATCH; i++) fresh[i] = neighbours(&course.random);
    *accuracy = question_model_accuracy(model, fresh, BATCH);
    return model;
}

/* How many of the words that have both neighbours look most at the one `offset` away. */
static int looking(const real *map, int offset) {
    int count = 0;
    for (int t = 1; t < LENGTH - 1; t++)
        count += vector_argmax(map + t * LENGTH, LENGTH) == t + offset;
    return count;
}

static void show_patterns(Comparison *comparison, const QuestionModel *model, const char *out) {
    Question question = {.length = LENGTH};
    memcpy(question.ids, PAIR, sizeof PAIR);
    Tensor *weights;
    graph_reset(graph_current());
    question_model_forward(model, &question, 1, &weights); // (1,H,12,12)
    static const char *const TITLES[HEADS] = {"head 0", "head 1"};
    PlotMap maps[HEADS];
    for (int h = 0; h < HEADS; h++)
        maps[h] = (PlotMap){.title = TITLES[h],
                            .data = weights->data + h * LENGTH * LENGTH,
                            .rows = LENGTH,
                            .cols = LENGTH,
                            .row_labels = WORDS,
                            .col_labels = WORDS};
    print_heatmap("head 0", maps[0].data, LENGTH, LENGTH, WORDS, WORDS, 1);
    const int next = looking(maps[0].data, 1) + looking(maps[1].data, 1);
    const int previous = looking(maps[0].data, -1) + looking(maps[1].data, -1);
    printf("\nOf the ten words inside, %d look most at the next word in one of the heads,\n"
           "%d at the previous word in the other.\n",
           next, previous);
    compare_claim(comparison, "pattern 1: a head that attends to the next word", next >= 8);
    compare_claim(comparison, "pattern 2: a head that attends to the previous word", previous >= 8);
    plot_links(&(Picture){.name = "head_view",
                          .directory = out,
                          .title = "Head view: who looks at whom",
                          .caption = "words on the left look at words on the right: in one head at "
                                     "the next word, in the other at the previous one"},
               maps, HEADS);
}

/* The four blocks of a pair's map: a's words at a's, at b's, and so on (bertviz: aa, ab, ba, bb).
 * Copies rows [row, row + rows) and columns [col, col + cols) of map (size,size). */
static void block(real *to, const real *map, int size, int row, int rows, int col, int cols) {
    for (int r = 0; r < rows; r++)
        memcpy(to + r * cols, map + (row + r) * size + col, (size_t)cols * sizeof *to);
}

/* "the cat sat on the mat" / "the cat lay on the rug", through an untrained layer of 4 heads. */
static void sentence_pair(Comparison *comparison, Random *random) {
    enum { A = 6, B = 6, T = A + B, E = 16, H = 4 };
    Parameters parameters = {0};
    const MultiheadAttention m =
        multihead_new(&parameters, "", (MultiheadConfig){.d_model = E, .nhead = H}, random);
    Tensor *x = TENSOR(1, T, E), *weights;
    random_fill_normal(random, x->data, x->size, 0, 1);
    multihead_forward(&m, x, x, (Masks){0}, NULL, &weights); // (1,H,12,12)
    double off_one = 0;
    for (int row = 0; row < H * T; row++) {
        double sum = 0;
        for (int s = 0; s < T; s++) sum += (double)weights->data[row * T + s];
        off_one = fmax(off_one, fabs(sum - 1));
    }
    compare_claim(comparison, "every row of every head sums to 1", off_one < 1e-5);
    bool same = true;
    for (int h = 0; h < H; h++) {
        const real *map = weights->data + h * T * T;
        real aa[A * A], ab[A * B], ba[B * A], bb[B * B];
        block(aa, map, T, 0, A, 0, A);
        block(ab, map, T, 0, A, A, B);
        block(ba, map, T, A, B, 0, A);
        block(bb, map, T, A, B, A, B);
        for (int r = 0; r < T; r++)
            for (int c = 0; c < T; c++) {
                const real *upper = r < A ? aa : ba, *lower = r < A ? ab : bb;
                const real piece = c < A ? upper[r % A * A + c] : lower[r % A * B + c - A];
                same = same && piece == map[r * T + c];
            }
    }
    compare_claim(comparison, "the blocks aa, ab, ba, bb make up the full map", same);
    double share = 0;
    for (int c = A; c < T; c++) share += (double)weights->data[c];
    printf("\nWord 0 of the first sentence gives %.2f of its attention to the second. Rows of\n"
           "the block aa alone no longer sum to 1: do not read them as percentages.\n",
           share);
    parameters_free(&parameters);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"bertviz's head view of a layer with two heads.",
                         "build/04_multihead/head_view"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1);
    Comparison comparison = {0};
    Random random;
    random_seed(&random, (uint64_t)lesson.common.seed);

    lesson_step(&lesson, "Every word is asked for its two neighbours");
    double accuracy;
    QuestionModel *model = train((uint64_t)lesson.common.seed, &accuracy);
    printf("Trained on rows of random words: both neighbours right for %.0f %%. Then bertviz's\n"
           "two sentences, which it never saw:\n\n",
           100 * accuracy);
    show_patterns(&comparison, model, lesson.common.out);
    puts("\nJesse Vig lists six patterns in BERT; these are his first two. Nobody asked BERT\n"
         "for neighbours: guessing a hidden word is easier for those who know them.");

    lesson_step(&lesson, "A pair of sentences: bertviz's own tests");
    sentence_pair(&comparison, &random);
    question_model_free(model);
    return lesson_end(&lesson, compare_end(&comparison));
}
