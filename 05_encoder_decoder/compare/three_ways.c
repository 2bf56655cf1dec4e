/* three_ways.c - Justin Johnson, lectures 12 and 13, and Pascal Poupart, CS480/680 lecture 19: an
 * RNN, an RNN with attention, and a Transformer on one task. Who gets long strings right, and what
 * does length cost (the paper, table 1)?
 *
 * Beside: johnson Lecture 13; yannic; neptune; bloem Design considerations - an RNN, one with
 *     attention, a Transformer: who gets long strings right, and how many steps must wait
 * Beside: poupart; paper 4 - the table of sums, steps and ways: what grows how, and measured
 */
#include "03_self_attention/lab/seq2seq.h"
#include "05_encoder_decoder/lab/teacher.h"
#include "common/clock.h"
#include "common/kernels.h"
#include "common/screen/compare.h"
#include "common/screen/lesson.h"
#include "common/screen/plot.h"
#include "common/training.h"

#include <stdio.h>

enum { V = 10, E = 48, B = 64, STEPS = 1200, LONGEST = 16, LENGTHS = 20, STRINGS = 100 };
enum { SIZES = 6, LARGEST = 256, TIMED_B = 8, WAYS = 3 };
static const int SIZE[SIZES] = {8, 16, 32, 64, 128, LARGEST};
static const char *const GIVER[WAYS] = {"RNN, one vector", "RNN, attention", "Transformer"};

typedef struct {
    real right[LENGTHS];    // share of the strings of length 1, 2, ... reversed without a mistake
    real operations[SIZES]; // recorded in one forward pass
    real milliseconds[SIZES];
} Result;

/* ---- The Transformer's side of the task; the RNNs' is in chapter 3 --------------------------- */

static Transformer *transformer(uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    const TransformerConfig config = {
        .layer = {.d_model = E, .nhead = 4, .dim_feedforward = 2 * E, .norm_first = true},
        .num_encoder_layers = 2,
        .num_decoder_layers = 2,
        .src_vocab = TOKEN_TEXT + V,
        .tgt_vocab = TOKEN_TEXT + V};
    return transformer_new(&config, &random);
}

static void reversals(Random *random, int S, SentencePair *pairs, int count) {
    for (int i = 0; i < count; i++) {
        pairs[i] = (SentencePair){.src_length = S, .tgt_length = S};
        for (int s = 0; s < S; s++) pairs[i].src[s] = TOKEN_TEXT + (int)random_below(random, V);
        // Backwards, so that the first letter to be said is the last that was read.
        for (int s = 0; s < S; s++) pairs[i].tgt[s] = pairs[i].src[S - 1 - s];
    }
}

typedef struct {
    const Transformer *model;
    Random random;
} Course;

static Tensor *batch_loss(void *context, int *count) {
    Course *course = context;
    SentencePair pairs[B];
    reversals(&course->random, 2 + (int)random_below(&course->random, LONGEST - 1), pairs, B);
    *count = 1;
    return teacher_loss(course->model, pairs, B);
}

/* Up within 100 steps, then down to 0. */
static double up_and_down(const Training *training, int step) {
    return training->lr * fmin(1, (step + 1) / 100.0) * (1 - (double)step / training->steps);
}

static void run_transformer(Result *result, uint64_t seed) {
    Transformer *model = transformer(seed);
    printf("  %-16s %6zu numbers\n", GIVER[2], parameters_size(&model->parameters));
    Course course = {.model = model};
    random_seed(&course.random, seed);
    training_run(&(Training){.parameters = &model->parameters,
                             .adam = adam_paper(),
                             .steps = STEPS,
                             .lr = 4e-3,
                             .rate = up_and_down,
                             .loss = batch_loss,
                             .context = &course,
                             .label = GIVER[2]});
    for (int i = 0; i < LENGTHS; i++) {
        SentencePair pairs[STRINGS];
        reversals(&course.random, i + 1, pairs, STRINGS);
        result->right[i] = (real)teacher_accuracy(model, pairs, STRINGS);
    }
    transformer_free(model);
}

static void run_rnn(Result *result, bool attends, uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    Parameters parameters = {0};
    const Seq2Seq model = seq2seq_new(&parameters, attends, V, E, &random);
    printf("  %-16s %6zu numbers\n", GIVER[attends], parameters_size(&parameters));
    const Seq2SeqTraining training = {
        .steps = STEPS, .batch = B, .shortest = 2, .longest = LONGEST, .lr = 0.003};
    seq2seq_train(&model, &parameters, &training, &random);
    for (int i = 0; i < LENGTHS; i++)
        result->right[i] = (real)seq2seq_accuracy(&model, &random, STRINGS, i + 1);
    parameters_free(&parameters);
}

/* ---- What length costs ----------------------------------------------------------------------- */

static int operations(void) {
    int count = 0;
    for (const GraphRecord *record = graph_current()->last; record; record = record->previous)
        count++;
    return count;
}

/* Forward and back on TIMED_B strings of length S, the best of five; untrained models do. */
static void cost(Result results[WAYS], int i, const Seq2Seq rnn[2], const Transformer *model) {
    const int S = SIZE[i];
    Random random;
    random_seed(&random, 5);
    int src[TIMED_B * LARGEST], tgt[TIMED_B * LARGEST];
    reversal_batch(&random, V, TIMED_B, S, src, tgt);
    const Batch batch = {.B = TIMED_B, .S = S, .T = S, .src = src, .tgt = tgt, .labels = tgt};
    for (int way = 0; way < WAYS; way++) {
        double best = INFINITY;
        // The best of five: whatever else the machine does can only add time.
        for (int repeat = 0; repeat < 5; repeat++) {
            graph_reset(graph_current());
            const double start = clock_thread_seconds();
            Tensor *loss =
                way == 2
                    ? transformer_loss(model, &batch, 0)
                    : op_cross_entropy(seq2seq_forward(&rnn[way], src, TIMED_B, S, tgt, S, NULL),
                                       tgt, -1, 0);
            results[way].operations[i] = (real)operations();
            backward(loss);
            best = fmin(best, clock_thread_seconds() - start);
        }
        results[way].milliseconds[i] = (real)(1e3 * best);
    }
}

static void costs(Result results[WAYS], uint64_t seed) {
    Random random;
    random_seed(&random, seed);
    Parameters parameters[2] = {{0}, {0}};
    const Seq2Seq rnn[2] = {seq2seq_new(&parameters[0], false, V, E, &random),
                            seq2seq_new(&parameters[1], true, V, E, &random)};
    Transformer *model = transformer(seed);
    for (int i = 0; i < SIZES; i++) cost(results, i, rnn, model);
    transformer_free(model);
    for (int i = 0; i < 2; i++) parameters_free(&parameters[i]);
}

/* ---- Output ---------------------------------------------------------------------------------- */

static void draw(const Result results[WAYS], const char *directory) {
    real lengths[LENGTHS], sizes[SIZES];
    for (int i = 0; i < LENGTHS; i++) lengths[i] = (real)(i + 1);
    for (int i = 0; i < SIZES; i++) sizes[i] = (real)SIZE[i];
    PlotSeries right[WAYS], time[WAYS];
    for (int w = 0; w < WAYS; w++) {
        right[w] = (PlotSeries){.name = GIVER[w],
                                .x = lengths,
                                .y = results[w].right,
                                .count = LENGTHS,
                                .points = true};
        time[w] = (PlotSeries){.name = GIVER[w],
                               .x = sizes,
                               .y = results[w].milliseconds,
                               .count = SIZES,
                               .points = true};
    }
    Picture picture = {.name = "three_ways_accuracy",
                       .directory = directory,
                       .title = "Reversing strings, trained on lengths 2 to 16",
                       .caption = "through one vector strings of more than 8 letters come back "
                                  "with mistakes, after this much training; with attention both "
                                  "manage nearly all they trained on; beyond 16 places are new to "
                                  "the Transformer, and it falls at once",
                       .x_label = "length of the string",
                       .y_label = "strings without a mistake",
                       .y_min = 0,
                       .y_max = 1.02};
    plot_lines(&picture, right, WAYS);
    picture = (Picture){.name = "three_ways_time",
                        .directory = directory,
                        .title = "Time of one training step on 8 strings, one core",
                        .caption = "the RNN's time grows with the length; with attention it grows "
                                   "faster, for the weights are letters times letters",
                        .x_label = "length of the string",
                        .y_label = "milliseconds",
                        .log_x = true,
                        .log_y = true,
                        .x_min = 5,
                        .x_max = 400};
    plot_lines(&picture, time, WAYS);
}

/* The exponent x of "twice as long costs 2^x times as much", from the two longest. */
static double growth(const real costs[SIZES]) {
    return log2((double)(costs[SIZES - 1] / costs[SIZES - 2]));
}

/* Table 1 of the paper beside what was measured: n the length, d the width. */
static void print_complexity(const Result r[WAYS]) {
    static const char *const table[WAYS][3] = {{"n d^2", "O(n)", "O(n)"},
                                               {"n d^2 + n^2 d", "O(n)", "O(1)"},
                                               {"n d^2 + n^2 d", "O(1)", "O(1)"}};
    printf("\nThe paper's table 1 (n letters, width d), and what was measured from %d to %d\n"
           "letters:\n\n"
           "                   sums and       steps that  way from    operations\n"
           "                   products       must wait   end to end  grew with\n",
           SIZE[SIZES - 2], SIZE[SIZES - 1]);
    for (int w = 0; w < WAYS; w++)
        printf("  %-15s  %-13s  %-10s  %-10s  n^%.2f\n", GIVER[w], table[w][0], table[w][1],
               table[w][2], growth(r[w].operations));
    printf("\nTime grew with n^%.1f, n^%.1f and n^%.1f.\n", growth(r[0].milliseconds),
           growth(r[1].milliseconds), growth(r[2].milliseconds));
    puts("\nOne core does one thing after the other, so all that counts on it is the number\n"
         "of sums and products, and a Transformer has no fewer. What it does not have is\n"
         "steps that must wait: a machine with enough hands does all letters at once.\n");
}

static void print_tables(const Result r[WAYS]) {
    puts("\nStrings reversed without a mistake, of 100:\n\n  length   one vector  attention  "
         "Transformer");
    for (int i = 3; i < LENGTHS; i += 2)
        printf("  %6d %9.0f %% %8.0f %% %10.0f %%%s\n", i + 1, 100 * (double)r[0].right[i],
               100 * (double)r[1].right[i], 100 * (double)r[2].right[i],
               i + 1 > LONGEST ? "   longer than any seen" : "");
    puts("\nOperations recorded in one forward pass:\n\n  length   one vector  attention  "
         "Transformer");
    for (int i = 0; i < SIZES; i++)
        printf("  %6d %11.0f %10.0f %12.0f\n", SIZE[i], (double)r[0].operations[i],
               (double)r[1].operations[i], (double)r[2].operations[i]);
    puts("\nMilliseconds for one training step on 8 strings, this machine, one core:\n\n"
         "  length   one vector  attention  Transformer");
    for (int i = 0; i < SIZES; i++)
        printf("  %6d %11.2f %10.2f %12.2f\n", SIZE[i], (double)r[0].milliseconds[i],
               (double)r[1].milliseconds[i], (double)r[2].milliseconds[i]);
    print_complexity(r);
}

int main(int argc, char **argv) {
    kernels_choose(argc, argv);
    const Usage usage = {
        "An RNN, an RNN with attention and a Transformer reverse strings. Slow: 40 s.",
        "build/05_encoder_decoder/three_ways"};
    const Lesson lesson = lesson_begin(argc, argv, &usage, 2);
    Comparison comparison = {0};
    const uint64_t seed = (uint64_t)lesson.common.seed;
    static Result r[WAYS];
    printf("Reverse a string of %d letters; %d batches of %d, lengths 2 to %d:\n\n", V, STEPS, B,
           LONGEST);
    run_rnn(&r[0], false, seed);
    run_rnn(&r[1], true, seed);
    run_transformer(&r[2], seed);
    costs(r, seed);
    print_tables(r);
    draw(r, lesson.common.out);
    putchar('\n');
    compare_claim(&comparison, "one vector does not hold 16 letters (under 30 %)",
                  (double)r[0].right[15] < 0.3);
    compare_claim(&comparison, "with attention, 14 letters come back (over 50, 75 %)",
                  (double)r[1].right[13] > 0.5 && (double)r[2].right[13] > 0.75);
    compare_claim(&comparison, "the Transformer fails at 20 letters (under 20 %)",
                  (double)r[2].right[19] < 0.2);
    compare_claim(&comparison, "its number of operations does not depend on the length",
                  r[2].operations[0] == r[2].operations[SIZES - 1]);
    compare_claim(&comparison, "the RNNs' is twice as large for twice the length",
                  fabs(growth(r[0].operations) - 1) < 0.02 &&
                      fabs(growth(r[1].operations) - 1) < 0.02);
    return lesson_end(&lesson, compare_end(&comparison));
}
