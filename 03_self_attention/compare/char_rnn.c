/* char_rnn.c - Justin Johnson, lecture 12: the character RNN that learns "hello", four letters and
 * a state of three numbers. First the scores of his figure and their losses, then the network
 * itself, trained until it says the word, beside one without a state, which cannot.
 *
 * Beside: johnson Lecture 12 - "hello": the scores of his figure, their losses 2.0785 2.9001 0.3796
 *     0.2314, then the network itself, trained
 */
#include "03_self_attention/lab/rnn.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/print.h"
#include "common/training.h"

#include <stdio.h>

enum { V = 4, H = 3, T = 4, STEPS = 500 };

static const char LETTER[] = "helo";
static const int INPUT[T] = {0, 1, 2, 2}, TARGET[T] = {1, 2, 2, 3}; // h e l l -> e l l o

/* The figure's scores for h, e, l, o after each input, and the losses that follow from them. */
static const real FIGURE[T * V] = {
    1,        (real)2.2, -3,        (real)4.1,  (real).5, (real).3,   -1,        (real)1.2,
    (real).1, (real).5,  (real)1.9, (real)-1.1, (real).2, (real)-1.5, (real)-.1, (real)2.2};
static const double FIGURE_LOSS[T] = {2.0785, 2.9001, .3796, .2314};

typedef struct {
    bool remembers; // false: the state is forgotten before each letter
    RnnCell cell;
    Linear output;
} CharRnn;

/* Scores (T,V) after each letter of "hell". */
static Tensor *forward(const CharRnn *rnn) {
    Tensor *h = rnn_cell_start(&rnn->cell, 1), *all = NULL; // h (1,3)
    for (int t = 0; t < T; t++) {
        real one_hot[V] = {0};
        one_hot[INPUT[t]] = 1;
        // Without its state the network sees one letter, and "l" is followed by "l" and by "o".
        if (!rnn->remembers) h = rnn_cell_start(&rnn->cell, 1);
        h = rnn_cell_forward(&rnn->cell, TENSOR_FROM(one_hot, 1, V), h); // (1,3)
        Tensor *scores = linear_forward(&rnn->output, h);                // (1,4)
        all = all ? op_concat(all, scores, 0) : scores;
    }
    return all;
}

/* The loss of each letter. */
static void losses_of(Tensor *scores, real *loss) {
    const Tensor *logs = op_log_softmax(scores); // (4,4)
    for (int t = 0; t < T; t++) loss[t] = -logs->data[t * V + TARGET[t]];
}

/* The summed cross-entropy of "hell" -> "ello". */
static Tensor *hello_loss(void *context, int *count) {
    *count = T;
    return op_cross_entropy(forward(context), TARGET, -1, 0);
}

/* Trains and leaves the scores (T,V) and losses (T) it ends with. */
static void train(bool remembers, uint64_t seed, real *scores, real *loss) {
    Random random;
    random_seed(&random, seed);
    Parameters parameters = {0};
    CharRnn rnn = {.remembers = remembers};
    rnn.cell = rnn_cell_new(&parameters, "cell.", V, H, false, &random);
    rnn.output = linear_new(&parameters, "output.", H, V, true, &random);
    training_run(&(Training){.parameters = &parameters,
                             .adam = adam_pytorch(),
                             .steps = STEPS,
                             .lr = .03,
                             .loss = hello_loss,
                             .context = &rnn});
    Tensor *last = forward(&rnn); // (T,V)
    memcpy(scores, last->data, T * V * sizeof *scores);
    losses_of(last, loss);
    parameters_free(&parameters);
}

static double show(const char *name, const real *scores, const real *loss) {
    double sum = 0;
    printf("%s\n  after  scores for h, e, l, o            right  loss\n", name);
    for (int t = 0; t < T; t++) {
        printf("  %c     ", LETTER[INPUT[t]]);
        for (int v = 0; v < V; v++) printf(" %6.2f", (double)scores[t * V + v]);
        printf("    %c    %.4f\n", LETTER[TARGET[t]], (double)loss[t]);
        sum += (double)loss[t];
    }
    printf("  sum %.4f\n", sum);
    return sum;
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {"Johnson's character RNN: the figure's losses, and \"hello\" learned.",
                         "build/03_self_attention/char_rnn"};
    Lesson lesson = lesson_begin(argc, argv, &usage, 1337);
    Comparison comparison = {0};
    real loss[T], scores[T * V];

    lesson_step(&lesson, "The figure: scores, softmax, the right letter's share, its -log");
    Tensor *figure = TENSOR_FROM(FIGURE, T, V);
    losses_of(figure, loss);
    show("lecture 12, untrained", FIGURE, loss);
    compare_value(&comparison, "share of \"e\" after \"h\"", .1251,
                  (double)op_softmax(figure)->data[1], 4, 5.1e-5);
    compare_row(&comparison, "losses that follow from its scores", FIGURE_LOSS, loss, T, 4, 5.1e-5);

    lesson_step(&lesson, "The same network, trained 500 steps: h = tanh(W x + U h), 3 numbers");
    train(true, (uint64_t)lesson.common.seed, scores, loss);
    const double with = show("with its state", scores, loss);

    lesson_step(&lesson, "And one that forgets: what follows \"l\", l or o?");
    train(false, (uint64_t)lesson.common.seed, scores, loss);
    const double without = show("without a state", scores, loss);
    printf("It can only halve the difference: 2 ln 2 = %.4f is its best. All that\n"
           "the first one knows of the past fits into three numbers. For \"hello\" that is\n"
           "plenty; for a sentence, see make 03/rnn_to_attention.\n",
           2 * log(2));
    compare_claim(&comparison, "with a state \"hello\" is learned: sum below .1", with < .1);
    compare_claim(&comparison, "without one the sum stays at 2 ln 2 or above",
                  without >= 2 * log(2) - 1e-3);
    return lesson_end(&lesson, compare_end(&comparison));
}
